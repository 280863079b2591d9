"""What Lark's events mean; the same for the long connection and the webhook, and without any I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.platforms.lark.buttons import ButtonValue
from adapters.platforms.lark.events_content import Mentions, command_normalised, is_command, read_content
from adapters.platforms.lark.events_fields import JsonObject, object_at, objects_at, parse_object, text_at
from bots.events import ButtonPressed, MessageRecalled
from bots.messages import Conversation, IncomingMessage, Sender

PLATFORM = "lark"
# Those an app is told to subscribe to; each is understood below or passed over, and acknowledged in any case.
EVENTS = (
    "im.message.receive_v1",
    "im.message.recalled_v1",
    "im.chat.member.bot.added_v1",
    "im.chat.access_event.bot_p2p_chat_entered_v1",
    "application.bot.menu_v6",
)
CALLBACKS = ("card.action.trigger",)


class EventMalformed(ValueError):
    """An event lacks what its kind always has."""

    def __init__(self, *, lacks: str) -> None:
        super().__init__(lacks)


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """A message, with what must be looked up before it is whole."""

    message: IncomingMessage
    is_direct: bool
    root_id: str = ""  # of the reply chain or topic; empty for a message that opens one
    parent_id: str = ""  # the quoted message; in a topic always its root
    topic_id: str = ""  # omt_…; empty outside topics
    mentions_others: bool = False
    is_forward: bool = False  # its content has to be asked for
    edit_id: str = ""  # set where the message may have been changed after it was sent


@dataclass(frozen=True, slots=True)
class CardPressed:
    """A button of ours; it must be answered with a toast within three seconds."""

    press: ButtonPressed
    operator: str  # open_id


@dataclass(frozen=True, slots=True)
class MenuChosen:
    """A person chose an entry of the bot's menu; Lark says neither chat nor message."""

    operator: str  # open_id
    event_key: str
    event_id: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class ChatOpened:
    """A person opened the direct chat, or the bot was added to a group."""

    chat_id: str
    is_direct: bool
    event_id: str


Heard = HeardMessage | MessageRecalled | CardPressed | MenuChosen | ChatOpened


def parse_event(envelope: JsonObject, bot_open_id: str, locale: str | None = None) -> Heard | None:
    """Read one event of schema 2.0; None for what the bot has nothing to do with.

    ``bot_open_id`` may be empty while it is not known yet: then a mention of any bot is taken for ours.
    Raises EventMalformed.
    """
    match text_at(object_at(envelope, "header"), "event_type"):
        case "im.message.receive_v1":
            return _message(envelope, bot_open_id, locale)
        case "card.action.trigger":
            return _press(envelope, locale)
        case kind:
            read = _OTHERS.get(kind)
            return read(envelope) if read else None


def _message(envelope: JsonObject, bot_open_id: str, locale: str | None) -> HeardMessage | None:
    event = object_at(envelope, "event")
    fields = object_at(event, "message")
    sender = object_at(event, "sender")
    kind = text_at(fields, "message_type")
    if text_at(sender, "sender_type") not in {"user", ""} or kind == "system":
        return None  # two bots would talk for ever
    message_id = _required(fields, "message_id")
    mentions = _mentions(fields, bot_open_id)
    content = read_content(kind, parse_object(text_at(fields, "content")), message_id, mentions)
    text = command_normalised(content.text)
    is_direct = text_at(fields, "chat_type") == "p2p"
    message = IncomingMessage(
        message_id=message_id,
        conversation=_conversation(envelope, _required(fields, "chat_id"), _thread_of(fields, message_id)),
        sender=Sender(user_id=_required(object_at(sender, "sender_id"), "open_id"), locale=locale),
        text=text,
        attachments=content.attachments,
        sent_at=_time_of(fields),
        addressed_to_bot=is_direct or bool(mentions.ours) or is_command(text),
    )
    created, updated = text_at(fields, "create_time"), text_at(fields, "update_time")
    return HeardMessage(
        message=message,
        is_direct=is_direct,
        root_id=text_at(fields, "root_id"),
        parent_id=text_at(fields, "parent_id"),
        topic_id=text_at(fields, "thread_id"),
        mentions_others=bool(mentions.names.keys() - mentions.ours),
        is_forward=kind == "merge_forward",
        edit_id=updated if updated and updated != created else "",
    )


def _thread_of(fields: JsonObject, message_id: str) -> str | None:
    """Name a conversation by the message it began with.

    Not by thread_id, which the first message of a topic has not got yet. In a direct chat a plain reply
    carries root_id too, and all of it is one conversation; only a topic stands by itself.
    """
    if text_at(fields, "chat_type") == "p2p" and not text_at(fields, "thread_id"):
        return None
    return text_at(fields, "root_id") or message_id


def _mentions(fields: JsonObject, bot_open_id: str) -> Mentions:
    names: dict[str, str] = {}
    ours: set[str] = set()
    for one in objects_at(fields, "mentions"):
        key = text_at(one, "key")
        names[key] = text_at(one, "name")
        open_id = text_at(object_at(one, "id"), "open_id")
        if open_id == bot_open_id if bot_open_id else text_at(one, "mentioned_type") == "bot":
            ours.add(key)
    return Mentions(names, frozenset(ours))


def _time_of(fields: JsonObject) -> datetime:
    try:
        return datetime.fromtimestamp(int(text_at(fields, "create_time")) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise EventMalformed(lacks="create_time") from error


def _press(envelope: JsonObject, locale: str | None) -> CardPressed | None:
    event = object_at(envelope, "event")
    place = _conversation(envelope, text_at(object_at(event, "context"), "open_chat_id"))
    value = ButtonValue.unpacked(object_at(event, "action").get("value"))
    if value is None or not value.reply.startswith(f"{PLATFORM}:{place.tenant_id}:{place.channel_id}:"):
        return None
    operator = _required(object_at(event, "operator"), "open_id")
    press = ButtonPressed(
        conversation=place,
        sender=Sender(user_id=operator, locale=locale),
        reply_id=value.reply,
        action=value.action,
        press_id=_required(object_at(envelope, "header"), "event_id"),
        value=value.value,
    )
    return CardPressed(press, operator)


def _menu(envelope: JsonObject) -> MenuChosen:
    header, event = object_at(envelope, "header"), object_at(envelope, "event")
    return MenuChosen(
        operator=_required(object_at(event, "operator", "operator_id"), "open_id"),
        event_key=text_at(event, "event_key"),
        event_id=_required(header, "event_id"),
        tenant_id=text_at(header, "tenant_key"),
    )


def _recalled(envelope: JsonObject) -> MessageRecalled:
    event = object_at(envelope, "event")
    place = _conversation(envelope, _required(event, "chat_id"))
    return MessageRecalled(conversation=place, message_id=_required(event, "message_id"))


def _opened(envelope: JsonObject, *, is_direct: bool) -> ChatOpened:
    chat_id = _required(object_at(envelope, "event"), "chat_id")
    return ChatOpened(chat_id, is_direct, _required(object_at(envelope, "header"), "event_id"))


def _conversation(envelope: JsonObject, chat_id: str, thread_id: str | None = None) -> Conversation:
    tenant = text_at(object_at(envelope, "header"), "tenant_key")
    return Conversation(platform=PLATFORM, tenant_id=tenant, channel_id=chat_id, thread_id=thread_id)


def _required(fields: JsonObject, name: str) -> str:
    found = text_at(fields, name)
    if not found:
        raise EventMalformed(lacks=name)
    return found


_OTHERS: Mapping[str, Callable[[JsonObject], Heard]] = {
    "im.message.recalled_v1": _recalled,
    "application.bot.menu_v6": _menu,
    "im.chat.access_event.bot_p2p_chat_entered_v1": lambda envelope: _opened(envelope, is_direct=True),
    "im.chat.member.bot.added_v1": lambda envelope: _opened(envelope, is_direct=False),
}
