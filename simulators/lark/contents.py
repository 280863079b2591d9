"""What a bot may put into a message, and what becomes of it (message content docs)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulators.lark.cards import LIFETIME_SECONDS, CardEntity
from simulators.lark.errors import CardRefused, Refused, invalid_parameter
from simulators.lark.fields import Json, items, obj, objects, parse_object
from simulators.lark.resources import Resource
from simulators.lark.tenant import Tenant

MAX_RICH_BYTES = 30_000  # card and post; the documents say 30 KB
MAX_TEXT_REQUEST_BYTES = 150_000
POST_TAGS = frozenset({"text", "a", "at", "img", "media", "emotion", "hr", "code_block", "md"})
_LOCALE = re.compile(r"[a-z]{2}_[a-z]{2}")
_TEXT_AT = re.compile(r"<at\s+user_id\s*=\s*\"?([^\s\">]+)\"?\s*>")


@dataclass
class Prepared:
    """A content that was accepted: as sent, as received, whom it pings, and its card."""

    sent: Json
    content: Json
    notified: list[str] = field(default_factory=list)
    card: CardEntity | None = None


def prepare(tenant: Tenant, msg_type: str, source: str) -> Prepared:
    """Accept the content of a message; raises Refused with the message API's codes."""
    sent = parse_object(source)
    if sent is None:
        if msg_type == "interactive":
            raise CardRefused(200621, "parse card json err").wrapped()
        raise invalid_parameter(extra="content is not a string in json format")
    if msg_type in {"interactive", "post"} and len(source.encode()) > MAX_RICH_BYTES:
        raise too_long()
    if not (reader := _READERS.get(msg_type)):
        raise invalid_parameter(extra=f"invalid msg_type {msg_type}")
    return reader(tenant, sent)


def too_long() -> Refused:
    """Make the refusal of a message that is too long."""
    return Refused(230025, "The length of the message content reaches its limit.")


def _text(tenant: Tenant, sent: Json) -> Prepared:
    text = sent.get("text")
    if not isinstance(text, str) or not text:
        raise invalid_parameter(extra="text is empty")
    return Prepared(sent, {"text": text}, _pings(tenant, text))


def _pings(tenant: Tenant, text: str) -> list[str]:
    people: list[str] = _TEXT_AT.findall(text)
    for person in people:
        if not tenant.surroundings().has_person(person):
            raise invalid_parameter(extra=f"invalid user id in at: {person[:60]}")
    return people


def _post(tenant: Tenant, sent: Json) -> Prepared:
    locales = {name: obj(value) for name, value in sent.items() if _LOCALE.fullmatch(name)}
    if not locales or len(locales) != len(sent):
        raise invalid_parameter(extra="post needs a locale such as zh_cn")
    notified: list[str] = []
    for body in locales.values():
        for paragraph in items(body.get("content")):
            tags = list(objects(paragraph))
            if not isinstance(paragraph, list) or len(tags) != len(paragraph):
                raise invalid_parameter(extra="a paragraph must be a list of objects")
            notified += _paragraph(tenant, tags)
        if not items(body.get("content")):
            raise invalid_parameter(extra="post content is empty")
    first = next(iter(locales.values()))
    received = [_as_received(list(objects(paragraph))) for paragraph in items(first["content"])]
    return Prepared(sent, {"title": first.get("title", ""), "content": received}, notified)


def _paragraph(tenant: Tenant, tags: list[Json]) -> list[str]:
    notified: list[str] = []
    for tag in tags:
        name = tag.get("tag")
        if name not in POST_TAGS:
            raise invalid_parameter(extra=f"unknown tag {name} in post")
        if name in {"md", "img"} and len(tags) > 1:
            raise invalid_parameter(extra=f"{name} must be a paragraph of its own")
        if name == "img":
            _own(tenant, tag.get("image_key"), "image")
        if name in {"md", "text"} and not isinstance(tag.get("text"), str):
            raise invalid_parameter(extra=f"{name} needs a text")
        if name == "at":
            notified += _pings(tenant, f'<at user_id="{tag.get("user_id")}">')
        if name == "md":
            notified += _pings(tenant, str(tag["text"]))
    return notified


def _as_received(tags: list[Json]) -> list[Json]:
    return [
        {"tag": "text", "text": tag["text"], "style": []} if tag.get("tag") == "md" else tag for tag in tags
    ]


def _own(tenant: Tenant, key: object, kind: str) -> Resource:
    resource = tenant.resources.get(key) if isinstance(key, str) else None
    if resource is None or not resource.is_ours or resource.kind != kind:
        raise Refused(230017, "The bot is not the owner of the resource.")
    return resource


def _image(tenant: Tenant, sent: Json) -> Prepared:
    return Prepared(sent, {"image_key": _own(tenant, sent.get("image_key"), "image").key})


def _file(tenant: Tenant, sent: Json) -> Prepared:
    resource = _own(tenant, sent.get("file_key"), "file")
    if resource.file_type in {"mp4", "opus"}:
        raise _wrong_type()
    return Prepared(sent, {"file_key": resource.key, "file_name": resource.name})


def _audio(tenant: Tenant, sent: Json) -> Prepared:
    resource = _own(tenant, sent.get("file_key"), "file")
    if resource.file_type != "opus":
        raise _wrong_type()
    return Prepared(sent, {"file_key": resource.key, "duration": resource.duration_ms})


def _media(tenant: Tenant, sent: Json) -> Prepared:
    resource = _own(tenant, sent.get("file_key"), "file")
    if resource.file_type != "mp4":
        raise _wrong_type()
    content: Json = {"file_key": resource.key, "file_name": resource.name, "duration": resource.duration_ms}
    if sent.get("image_key"):
        content["image_key"] = _own(tenant, sent["image_key"], "image").key
    return Prepared(sent, content)


def _wrong_type() -> Refused:
    return Refused(230055, "The type of file upload does not match the type of message being sent.")


def _interactive(tenant: Tenant, sent: Json) -> Prepared:
    try:
        entity = _card(tenant, sent)
    except CardRefused as refusal:
        raise refusal.wrapped() from refusal
    return Prepared(sent, {}, entity.findings.notified, entity)


def _card(tenant: Tenant, sent: Json) -> CardEntity:
    if sent.get("type") == "template":
        raise CardRefused(200380, "template does not exist")
    if sent.get("type") != "card":
        if sent.get("schema") != "2.0":  # also {"card_id": …} without its wrapper
            raise CardRefused(200621, "parse card json err (cards of JSON 1.0 are not simulated)")
        return tenant.cards.create(sent)
    entity = tenant.cards.entities.get(str(obj(sent.get("data")).get("card_id")))
    if entity is None or entity.message_id:  # an entity can be sent once only
        raise CardRefused(11310, "cardid is invalid")
    if tenant.clock.now() - entity.created_at > LIFETIME_SECONDS:
        raise CardRefused(200750, "card entity has expired")
    return entity


_READERS: Mapping[str, Callable[[Tenant, Json], Prepared]] = {
    "text": _text,
    "post": _post,
    "image": _image,
    "file": _file,
    "audio": _audio,
    "media": _media,
    "interactive": _interactive,
}
