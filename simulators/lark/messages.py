"""The messages of all chats, and the two shapes Lark tells them in."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulators.lark.chats import Chat, Person
from simulators.lark.errors import Refused
from simulators.lark.fields import Json, dump

RECALLED = {"text": "This message was recalled"}


@dataclass(frozen=True)
class Mention:
    """Who stands behind a key such as ``@_user_1``."""

    key: str
    name: str
    open_id: str
    is_bot: bool
    union_id: str = ""


@dataclass
class Message:
    """One message; `content` is in the form in which it is received, `sent` as it was sent."""

    message_id: str
    chat_id: str
    sender_id: str  # an open_id, or the app's id
    msg_type: str
    content: Json
    create_time: str  # ms since 1970
    sent: Json = field(default_factory=dict)
    root_id: str = ""
    parent_id: str = ""
    thread_id: str = ""
    upper_message_id: str = ""  # the merge_forward it came in
    mentions: list[Mention] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)  # whom an <at> of the bot pinged
    card_id: str = ""
    update_time: str = ""
    is_deleted: bool = False
    edits: int = 0
    reactions: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> (who, emoji)
    follow_ups: list[str] = field(default_factory=list)

    @property
    def is_from_app(self) -> bool:
        """Tell whether the bot sent it."""
        return self.sender_id.startswith("cli_")

    def placement(self) -> Json:
        """Give the references that are set; a plain message has none."""
        places = {"root_id": self.root_id, "parent_id": self.parent_id, "thread_id": self.thread_id}
        return {name: value for name, value in places.items() if value}

    def view(self, tenant_key: str, content: Json | None = None) -> Json:
        """Give the message as the API's get and list do (not as events do)."""
        shown = RECALLED if self.is_deleted else content or self.content
        view: Json = {
            "message_id": self.message_id,
            **self.placement(),
            "msg_type": self.msg_type,
            "create_time": self.create_time,
            "update_time": self.update_time or self.create_time,
            "deleted": self.is_deleted,
            "updated": bool(self.edits),
            "chat_id": self.chat_id,
            "sender": {
                "id": self.sender_id,
                "id_type": "app_id" if self.is_from_app else "open_id",
                "sender_type": "app" if self.is_from_app else "user",
                "tenant_key": tenant_key,
            },
            "body": {"content": dump(shown)},
        }
        if self.upper_message_id:
            view["upper_message_id"] = self.upper_message_id
        if self.mentions:
            view["mentions"] = [
                {
                    "key": at.key,
                    "id": at.open_id,
                    "id_type": "open_id",
                    "name": at.name,
                    "tenant_key": tenant_key,
                }
                for at in self.mentions
            ]
        return view

    def event(self, chat: Chat, sender: Person, scopes: frozenset[str], tenant_key: str) -> Json:
        """Give the `event` of ``im.message.receive_v1``."""
        message: Json = {
            "message_id": self.message_id,
            **self.placement(),
            "create_time": self.create_time,
            "update_time": self.update_time or self.create_time,
            "chat_id": self.chat_id,
            "chat_type": chat.chat_type,
            "message_type": self.msg_type,
            "content": dump(self.content),
        }
        if self.mentions:
            message["mentions"] = [
                {
                    "key": at.key,
                    "id": {"open_id": at.open_id, "union_id": at.union_id or None, "user_id": None},
                    "mentioned_type": "bot" if at.is_bot else "user",
                    "name": at.name,
                    "tenant_key": tenant_key,
                }
                for at in self.mentions
            ]
        ids = sender.ids(scopes)
        return {
            "sender": {"sender_id": ids, "sender_type": "user", "tenant_key": tenant_key},
            "message": message,
        }


class Messages:
    """All messages in the order in which they were sent."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._sent_under: dict[str, tuple[float, Message]] = {}  # uuid -> (when, what)

    def __iter__(self) -> Iterator[Message]:
        return iter(list(self._messages.values()))

    def add(self, message: Message) -> None:
        """Store a new message."""
        self._messages[message.message_id] = message

    def get(self, message_id: str) -> Message:
        """Find a message; raises Refused 99992354 for an unknown or a thread's id."""
        if message_id not in self._messages:
            raise Refused(99992354, f"The request contains an invalid message_id: {message_id}")
        return self._messages[message_id]

    def in_thread(self, thread_id: str) -> list[Message]:
        """Give the messages of a topic, its root first."""
        return [message for message in self._messages.values() if message.thread_id == thread_id]

    def sent_under(self, uuid: str, now: float) -> Message | None:
        """Find what was sent under this uuid within the last hour."""
        when, message = self._sent_under.get(uuid, (0.0, None)) if uuid else (0.0, None)
        return message if now - when < 3600 else None

    def remember(self, uuid: str, now: float, message: Message) -> None:
        """Note what was sent under a uuid; an empty one is not noted."""
        if uuid:
            self._sent_under[uuid] = (now, message)
