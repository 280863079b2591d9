"""What people do in their client: write, quote, recall, react, open the chat, use the menu."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.lark.chats import Chat, Person
from simulators.lark.deliveries import Manner
from simulators.lark.errors import invalid_parameter
from simulators.lark.events import is_message_pushed
from simulators.lark.fields import Json
from simulators.lark.ids import new_id
from simulators.lark.message_sending import place
from simulators.lark.messages import Mention, Message
from simulators.lark.resources import Resource, ResourceType
from simulators.lark.tenant import Tenant

Kind = Literal["text", "post", "image", "file", "audio", "media", "sticker", "merge_forward"]


class Attachment(BaseModel):
    """Bytes a person sends, base64."""

    model_config = ConfigDict(extra="forbid")

    data: str
    name: str = "file.bin"
    media_type: str = "application/octet-stream"
    duration_ms: int = 0


class Act(BaseModel):
    """A message a person sends.

    `text` may contain ``@Name`` for the bot and for people, and ``@all``. A post has the text as its first
    paragraph and the attachments as pictures after it; with `paragraphs` it is given tag by tag.
    """

    model_config = ConfigDict(extra="forbid")

    chat: str  # id or name
    user: str = "Alice"
    type: Kind = "text"
    text: str = ""
    title: str = ""
    mention_bot: bool = False
    paragraphs: list[list[dict[str, object]]] = Field(default_factory=list)
    attachments: list[Attachment] = Field(default_factory=list)
    children: list["Act"] = Field(default_factory=list)  # of a merge_forward
    reply_to: str = ""
    in_thread: bool = False  # the reply opens a topic
    omit_thread_id: bool = False  # the event lacks thread_id, as some tenants report
    age_seconds: float = 0.0  # how long ago it was sent
    manner: Manner = Manner()


@dataclass(frozen=True)
class Sent:
    """A message a person sent, and the event it caused ("" when the app gets none)."""

    message: Message
    event_id: str


def send(tenant: Tenant, act: Act) -> Sent:
    """Let a person send a message and push the event; raises Refused for what does not exist."""
    chat, person = tenant.chats.chat(act.chat), tenant.chats.person(act.user)
    message = _write(tenant, act, chat, person)
    parent = tenant.messages.get(act.reply_to) if act.reply_to else None
    place(tenant, chat, message, parent, opens_topic=act.in_thread)
    tenant.messages.add(message)
    for child in act.children:
        written = _write(tenant, child, chat, tenant.chats.person(child.user))
        written.upper_message_id = message.message_id
        tenant.messages.add(written)
    tenant.show(message)
    return Sent(message, _push(tenant, message, act.manner, omits_thread_id=act.omit_thread_id))


def _push(tenant: Tenant, message: Message, manner: Manner, *, omits_thread_id: bool = False) -> str:
    chat, person = tenant.chats.chats[message.chat_id], tenant.chats.people[message.sender_id]
    if not is_message_pushed(tenant.config, chat, message, tenant.chats.bot_open_id):
        return ""
    event = message.event(chat, person, tenant.config.scopes, tenant.config.tenant_key)
    body = event["message"]
    if omits_thread_id and isinstance(body, dict):
        body.pop("thread_id", None)
    delivery = tenant.push("im.message.receive_v1", event, manner)
    return delivery.event_id if delivery else ""


def edit(tenant: Tenant, message_id: str, text: str, *, is_pushed: bool) -> str:
    """Let the sender change a text; the event, if any, has the same message_id and a later update_time."""
    message = tenant.messages.get(message_id)
    if message.msg_type != "text" or message.is_from_app:
        raise invalid_parameter(extra="only people's texts are edited here")
    text, message.mentions = _mention(tenant, text)
    message.content = {"text": text}
    message.edits += 1
    message.update_time = tenant.clock.now_ms()
    tenant.show(message)
    return _push(tenant, message, Manner()) if is_pushed else ""


def recall(tenant: Tenant, message_id: str) -> None:
    """Let the sender recall a message."""
    message = tenant.messages.get(message_id)
    message.is_deleted = True
    tenant.show(message)
    if tenant.chats.chats[message.chat_id].has_bot:
        event: Json = {
            "message_id": message_id,
            "chat_id": message.chat_id,
            "recall_time": tenant.clock.now_ms(),
            "recall_type": "message_owner",
        }
        tenant.push("im.message.recalled_v1", event)


def react(tenant: Tenant, message_id: str, person: Person, emoji: str) -> None:
    """Let a person react to a message."""
    message = tenant.messages.get(message_id)
    message.reactions[new_id("")] = (person.open_id, emoji)
    tenant.show(message)
    event: Json = {
        "message_id": message_id,
        "reaction_type": {"emoji_type": emoji},
        "operator_type": "user",
        "user_id": person.ids(tenant.config.scopes),
        "action_time": tenant.clock.now_ms(),
    }
    tenant.push("im.message.reaction.created_v1", event)


def open_direct_chat(tenant: Tenant, person: Person) -> Chat:
    """Let a person open the direct chat with the bot."""
    chat = tenant.chats.direct(person)
    known = [message for message in tenant.messages if message.chat_id == chat.chat_id]
    event: Json = {"chat_id": chat.chat_id, "operator_id": person.ids(tenant.config.scopes)}
    if known:
        event |= {"last_message_id": known[-1].message_id, "last_message_create_time": known[-1].create_time}
    tenant.push("im.chat.access_event.bot_p2p_chat_entered_v1", event)
    return chat


def use_menu(tenant: Tenant, person: Person, event_key: str) -> None:
    """Let a person choose an entry of the bot's menu; the event names no chat."""
    operator: Json = {"operator_name": person.name, "operator_id": person.ids(tenant.config.scopes)}
    event: Json = {"operator": operator, "event_key": event_key, "timestamp": int(tenant.clock.now() * 1000)}
    tenant.push("application.bot.menu_v6", event)


def set_membership(tenant: Tenant, chat: Chat, person: Person, *, is_member: bool) -> None:
    """Let a person add the bot to a chat, or remove it."""
    chat.has_bot = is_member
    event: Json = {
        "chat_id": chat.chat_id,
        "operator_id": person.ids(tenant.config.scopes),
        "external": False,
        "operator_tenant_key": tenant.config.tenant_key,
        "name": chat.name,
        "i18n_names": {"zh_cn": chat.name, "en_us": chat.name},
    }
    tenant.push(f"im.chat.member.bot.{'added' if is_member else 'deleted'}_v1", event)


def _write(tenant: Tenant, act: Act, chat: Chat, person: Person) -> Message:
    text = f"@{tenant.config.bot_name} {act.text}" if act.mention_bot else act.text
    text, mentions = _mention(tenant, text)
    kept = [_keep(tenant, act.type, attachment) for attachment in act.attachments]
    return Message(
        message_id=new_id("om_"),
        chat_id=chat.chat_id,
        sender_id=person.open_id,
        msg_type=act.type,
        content=_content(act, text, kept, mentions),
        create_time=str(int((tenant.clock.now() - act.age_seconds) * 1000)),
        mentions=mentions,
    )


def _mention(tenant: Tenant, text: str) -> tuple[str, list[Mention]]:
    """Replace ``@Name`` by keys, as the client does when a name is picked from the list."""
    bot = Mention("", tenant.config.bot_name, tenant.chats.bot_open_id, is_bot=True)
    known = {bot.name: bot} | {
        person.name: Mention("", person.name, person.open_id, is_bot=False, union_id=person.union_id)
        for person in tenant.chats.people.values()
    }
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    mentions: list[Mention] = []

    def key(match: re.Match[str]) -> str:
        found = known[match[1]]
        mention = Mention(
            f"@_user_{len(mentions) + 1}", found.name, found.open_id, found.is_bot, found.union_id
        )
        mentions.append(mention)
        return mention.key

    return re.sub(rf"@({names})\b", key, text).replace("@all", "@_all"), mentions


def _keep(tenant: Tenant, kind: Kind, attachment: Attachment) -> Resource:
    try:
        data = base64.b64decode(attachment.data, validate=True)
    except binascii.Error as error:
        raise invalid_parameter(extra="data is not base64") from error
    is_image = kind in {"image", "post", "sticker"} or (
        attachment.media_type.startswith("image/") and kind != "file"
    )
    sort: ResourceType = "image" if is_image else "file"
    return tenant.resources.receive(
        sort, data, attachment.media_type, attachment.name, attachment.duration_ms
    )


def _content(act: Act, text: str, kept: list[Resource], mentions: list[Mention]) -> Json:
    if act.type == "text":
        return {"text": text}
    if act.type == "merge_forward":
        return {"content": "Merged and Forwarded Message"}
    if act.type == "post":
        return {"title": act.title, "content": act.paragraphs or _paragraphs(text, kept, mentions)}
    if not kept:
        raise invalid_parameter(extra=f"{act.type} needs an attachment")
    first = kept[0]
    pictures = [resource.key for resource in kept if resource.kind == "image"]
    file: Json = {"file_key": next((resource.key for resource in kept if resource.kind == "file"), first.key)}
    cover: Json = {"image_key": pictures[0]} if pictures else {}
    contents: dict[Kind, Json] = {
        "image": {"image_key": first.key},
        "file": {**file, "file_name": first.name},
        "audio": {**file, "duration": first.duration_ms},
        "media": {**file, **cover, "file_name": first.name, "duration": first.duration_ms},
        "sticker": file,
    }
    return contents[act.type]


def _paragraphs(text: str, kept: list[Resource], mentions: list[Mention]) -> list[list[Json]]:
    """Cut a text at its mention keys into tags, and set each picture below it."""
    names = {mention.key: mention.name for mention in mentions}
    tags: list[Json] = [
        {"tag": "at", "user_id": part, "user_name": names[part], "style": []}
        if part in names
        else {"tag": "text", "text": part, "style": []}
        for part in re.split(r"(@_user_\d+)", text)
        if part
    ]
    pictures = [resource.key for resource in kept if resource.kind == "image"]
    below: list[list[Json]] = [[{"tag": "img", "image_key": key}] for key in pictures]
    return [tags, *below]
