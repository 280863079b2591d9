"""The content of a message, by type, as Markdown and file handles (message content docs)."""

import mimetypes
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.platforms.lark.events_fields import (
    JsonObject,
    object_at,
    objects_at,
    objects_in,
    parse_object,
    text_at,
)
from adapters.platforms.lark.handles import FileHandle, ResourceType
from bots.messages import Attachment

# No word boundary behind the number: Chinese characters are word characters, and they follow without a space.
_MENTION = re.compile(r"([^\S\n]*)(@_user_\d+|@_all)([^\S\n]*)")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"  # some clients begin a text with them
_COMMAND = re.compile(r"[/／]\S+")
_OURS = re.compile(r"/(?:imagine|ask|glm)(?!\w)", re.IGNORECASE)
_MARKS = (("bold", "**"), ("italic", "*"), ("lineThrough", "~~"))


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who stands behind the keys of a message, and which of them are the bot."""

    names: Mapping[str, str] = field(default_factory=dict)  # "@_user_1" → "Tom"
    ours: frozenset[str] = frozenset()

    def shown(self, key: str) -> str:
        """Write a mention as people see it; the bot's own is left out."""
        if key in self.ours:
            return ""
        return "@all" if key == "@_all" else f"@{self.names.get(key, '?')}"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says and carries."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


Reader = Callable[[JsonObject, str, Mentions], Content]


def read_content(kind: str, content: JsonObject, message_id: str, mentions: Mentions) -> Content:
    """Read a content as events carry it; of a type that is neither words nor a file nothing is left."""
    reader = _READERS.get(kind)
    return reader(content, message_id, mentions) if reader else Content()


def command_normalised(text: str) -> str:
    """Make a command recognisable: nothing invisible before it, its slash and name in plain letters."""
    text = text.strip().lstrip(_INVISIBLE).strip()
    command = _COMMAND.match(text)
    return unicodedata.normalize("NFKC", command[0]) + text[command.end() :] if command else text


def is_command(text: str) -> bool:
    """Tell whether a normalised text is addressed to the bot by its first word."""
    return _OURS.match(text) is not None


def _read_text(content: JsonObject, _: str, mentions: Mentions) -> Content:
    return Content(_with_names(text_at(content, "text"), mentions))


def _with_names(text: str, mentions: Mentions) -> str:
    def replace(match: re.Match[str]) -> str:
        before, key, after = match.groups()
        name = mentions.shown(key)
        return f"{before}{name}{after}" if name else " " if match.start() else ""

    return _MENTION.sub(replace, text).strip()


def _read_post(content: JsonObject, message_id: str, mentions: Mentions) -> Content:
    """Read rich text, with or without the wrapper of locales, and the simplified form of cards."""
    rows = content.get("content", content.get("elements"))
    if not isinstance(rows, list):
        inner = next((found for found in content.values() if isinstance(found, dict)), None)
        return _read_post(inner, message_id, mentions) if inner is not None else Content()
    paragraphs = [list(objects_in(row)) for row in rows]
    lines = ["".join(_as_markdown(tag, mentions) for tag in tags) for tags in paragraphs]
    title = text_at(content, "title").strip()
    text = "\n".join([f"**{title}**", *lines] if title else lines)
    files = (one for tags in paragraphs for tag in tags for one in _files_of(tag, message_id))
    return Content(re.sub(r"[ \t]+(?=\n|$)", "", text).strip(), tuple(files))


def _as_markdown(tag: JsonObject, mentions: Mentions) -> str:
    text = text_at(tag, "text")
    match tag.get("tag"):
        case "a":
            href = text_at(tag, "href")
            return f"[{text or href}]({href})" if href else text
        case "at":
            key = text_at(tag, "user_id")
            known = key in mentions.names or key == "@_all"
            return mentions.shown(key) if known else f"@{text_at(tag, 'user_name') or '?'}"
        case "emotion":
            return f":{text_at(tag, 'emoji_type')}:"
        case "hr":
            return "\n---\n"
        case "code_block":
            return f"```{text_at(tag, 'language').lower()}\n{text.rstrip()}\n```"
        case _:
            return _styled(text, tag.get("style"))


def _styled(text: str, styles: object) -> str:
    bare = text.strip()
    if not bare or not isinstance(styles, list):
        return text
    marks = "".join(mark for style, mark in _MARKS if style in styles)
    return text.replace(bare, f"{marks}{bare}{marks[::-1]}", 1)


def _files_of(tag: JsonObject, message_id: str) -> Iterator[Attachment]:
    match tag.get("tag"):
        case "img":
            yield from _picture(tag, message_id)
        case "media":
            yield from _file(tag, message_id, "video.mp4", "video/mp4")


def _picture(fields: JsonObject, message_id: str) -> Iterator[Attachment]:
    if key := text_at(fields, "image_key"):
        yield _attachment(message_id, key, "image", name="image.jpg", media_type="image/jpeg")


def _file(fields: JsonObject, message_id: str, name: str, media_type: str = "") -> Iterator[Attachment]:
    if key := text_at(fields, "file_key"):
        name = text_at(fields, "file_name") or name
        claimed = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield _attachment(message_id, key, "file", name=name, media_type=claimed)


def _attachment(message_id: str, key: str, kind: ResourceType, *, name: str, media_type: str) -> Attachment:
    handle = FileHandle(message_id=message_id, file_key=key, type=kind).packed()
    return Attachment(handle=handle, name=name, media_type=media_type)


_READERS: Mapping[str, Reader] = {
    "text": _read_text,
    "post": _read_post,
    "interactive": _read_post,
    "image": lambda content, message_id, _: Content("", tuple(_picture(content, message_id))),
    "file": lambda content, message_id, _: Content("", tuple(_file(content, message_id, "file"))),
    "audio": lambda content, message_id, _: Content(
        "", tuple(_file(content, message_id, "voice.opus", "audio/opus"))
    ),
    "media": lambda content, message_id, _: Content(
        "", tuple(_file(content, message_id, "video.mp4", "video/mp4"))
    ),
}


def read_conversation(items: Sequence[JsonObject]) -> str:
    """Write messages as a quoted conversation; files are named (those of a bundle cannot be fetched)."""
    speakers: dict[str, str] = {}
    lines: list[str] = []
    for item in items:
        sender = text_at(object_at(item, "sender"), "id")
        speaker = speakers.setdefault(sender, f"Person {len(speakers) + 1}")
        content = read_stored(item)
        files = "".join(f" [{one.name}]" for one in content.attachments)
        if said := f"{content.text}{files}".strip():
            lines.append(f"{speaker}: {said}")
    return "\n".join(f"> {line}" for text in lines for line in text.splitlines())


def read_stored(item: JsonObject) -> Content:
    """Read a message in the shape of the API's get, which is not that of events."""
    names = {text_at(one, "key"): text_at(one, "name") for one in objects_at(item, "mentions")}
    content = parse_object(text_at(object_at(item, "body"), "content"))
    return read_content(text_at(item, "msg_type"), content, text_at(item, "message_id"), Mentions(names))
