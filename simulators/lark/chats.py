"""People and chats of the tenant."""

from dataclasses import dataclass, field
from typing import Literal

from simulators.lark.config import Config
from simulators.lark.errors import Refused
from simulators.lark.fields import Json
from simulators.lark.ids import id_of

ChatMode = Literal["p2p", "group", "topic"]


@dataclass
class Person:
    """Somebody with an account; `open_id` is how this one app sees them."""

    name: str
    open_id: str
    union_id: str
    user_id: str
    is_available: bool = True  # inside the app's availability range
    has_bot_on: bool = True

    def ids(self, scopes: frozenset[str]) -> Json:
        """Give the identifiers that the app's scopes let it see."""
        ids: Json = {"union_id": self.union_id, "open_id": self.open_id}
        if "contact:user.employee_id:readonly" in scopes:
            ids["user_id"] = self.user_id
        return ids


@dataclass
class Chat:
    """A direct chat, a group, or a topic group; the flags make it refuse things."""

    chat_id: str
    mode: ChatMode
    name: str
    members: list[str] = field(default_factory=list)  # open_ids
    has_bot: bool = True
    has_topics: bool = True  # a reply may open a topic
    may_bot_send: bool = True
    is_dissolved: bool = False
    is_restricted: bool = False  # nothing may be copied or downloaded
    may_mention_all: bool = False

    @property
    def chat_type(self) -> str:
        """Give the word events use: topic groups are groups there."""
        return "p2p" if self.mode == "p2p" else "group"

    def view(self) -> Json:
        """Give the chat as ``GET /im/v1/chats/:chat_id`` does."""
        data: Json = {"chat_mode": self.mode, "name": self.name, "chat_status": "normal", "external": False}
        if self.mode == "group":
            data["group_message_type"] = "chat"
        if self.is_dissolved:
            data["chat_status"] = "dissolved"
        return data


class Chats:
    """Finds and makes people and chats."""

    def __init__(self, config: Config) -> None:
        self.bot_open_id = id_of("ou_", config.app_id)
        self.people: dict[str, Person] = {}
        self.chats: dict[str, Chat] = {}
        if config.is_seeded:
            people = [self.add_person(name) for name in ("Alice", "Bob", "Chen")]
            everybody = [person.open_id for person in people]
            self.direct(people[0])
            self.add_chat("Design", "group", everybody)
            self.add_chat("Questions", "topic", everybody)

    def add_person(self, name: str) -> Person:
        """Make a person whose identifiers follow from the name; gives the known one when there is one."""
        person = Person(name, id_of("ou_", name), id_of("on_", name), id_of("", name)[:8])
        return self.people.setdefault(person.open_id, person)

    def add_chat(self, name: str, mode: ChatMode, members: list[str]) -> Chat:
        """Make a group with the bot in it."""
        chat = Chat(id_of("oc_", f"{mode}/{name}"), mode, name, list(members))
        return self.chats.setdefault(chat.chat_id, chat)

    def direct(self, person: Person) -> Chat:
        """Give the direct chat of a person and the bot."""
        return self.add_chat(person.name, "p2p", [person.open_id])

    def person(self, name_or_id: str) -> Person:
        """Find a person by open_id, union_id, user_id or name; raises Refused 99992351."""
        for person in self.people.values():
            if name_or_id in {person.open_id, person.union_id, person.user_id, person.name}:
                return person
        raise Refused(99992351, f"The request contains an open_id that does not exist: {name_or_id}")

    def chat(self, name_or_id: str) -> Chat:
        """Find a chat by chat_id or name; raises Refused 230034."""
        for chat in self.chats.values():
            if name_or_id in {chat.chat_id, chat.name}:
                return chat
        raise Refused(230034, "The receive_id is invalid.")

    def receiver(self, id_type: str, receive_id: str) -> Chat:
        """Find the chat a message is sent to by `receive_id_type`; opens the direct chat of a person.

        Raises:
            Refused: 230034 no such chat, 99992351 no such person, 99992361 a person as another app sees them.
        """
        if id_type == "chat_id":
            if not (chat := self.chats.get(receive_id)):
                raise Refused(230034, "The receive_id is invalid.")
            return chat
        for person in self.people.values():
            if receive_id == {"open_id": person.open_id, "union_id": person.union_id}.get(
                id_type, person.user_id
            ):
                return self.direct(person)
        if receive_id.startswith("ou_") and id_type == "open_id":
            raise Refused(99992361, "open_id cross app")
        raise Refused(99992351, f"The request contains an {id_type} that does not exist: {receive_id}")

    def check_sendable(self, chat: Chat) -> None:
        """Accept a chat the bot may write to; raises Refused with the reason otherwise."""
        if chat.is_dissolved:
            raise Refused(232009, "Chat has been dissolved.")
        if not chat.has_bot:
            raise Refused(230002, "The bot can not be outside the group.")
        if not chat.may_bot_send:
            raise Refused(230035, "No permission to send messages to this group.")
        if chat.mode != "p2p":
            return
        person = self.people[chat.members[0]]
        if not person.is_available:
            raise Refused(230013, "Bot has NO availability to this user.")
        if not person.has_bot_on:
            raise Refused(230053, "The user has turned off the bot.")
