"""The state of one workspace: people, channels, messages, files, views, statuses."""

from dataclasses import dataclass, field
from typing import Literal

from simulators.slack.messages import Message
from simulators.slack.wire import JsonObject

ChannelKind = Literal["channel", "group", "mpim", "im"]


@dataclass(slots=True)
class User:
    """A member of the workspace."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False
    is_stranger: bool = False
    locale: str = "en-US"


@dataclass(slots=True)
class Channel:
    """A conversation of any kind, with its messages in the order they came."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    is_archived: bool = False
    is_read_only: bool = False
    messages: dict[str, Message] = field(default_factory=dict)

    def thread(self, root_ts: str) -> list[Message]:
        """Give the root and its replies, without what was deleted or shown to one person only."""
        return [message for message in self.persistent() if root_ts in (message.ts, message.thread_ts)]

    def persistent(self) -> list[Message]:
        """Give the messages that Slack keeps."""
        return [m for m in self.messages.values() if m.deleted_at is None and m.ephemeral_to is None]


@dataclass(slots=True)
class SlackFile:
    """A file and how far Slack got with it."""

    id: str
    name: str
    title: str
    user: str
    created_at: float
    announced_size: int
    content: bytes | None = None
    mimetype: str = ""
    alt_txt: str = ""
    width: int = 0
    height: int = 0
    completed: bool = False
    ready: bool = False
    deleted: bool = False
    mode: str = "hosted"
    by_redirect: bool = False
    shares: dict[str, list[JsonObject]] = field(default_factory=dict)


@dataclass(slots=True)
class View:
    """A modal or Home tab that is open somewhere."""

    id: str
    user: str
    content: JsonObject
    kind: Literal["modal", "home"]
    hash: str
    root_id: str = ""
    previous_id: str | None = None
    closed: bool = False
    state: JsonObject = field(default_factory=lambda: {"values": {}})


@dataclass(slots=True)
class ThreadStatus:
    """The words under a thread while the bot works; without a message they fade after two minutes."""

    status: str
    loading_messages: list[str]
    set_at: float


@dataclass(slots=True)
class AgentSession:
    """An agent session of one thread."""

    status: str
    title: str = ""
    set_at: float = 0.0


@dataclass(slots=True)
class Workspace:
    """Everything one team holds."""

    id: str
    name: str
    domain: str
    bot_user_id: str
    bot_id: str
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, SlackFile] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    statuses: dict[tuple[str, str], ThreadStatus] = field(default_factory=dict)
    sessions: dict[tuple[str, str], AgentSession] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    prompts: dict[tuple[str, str], list[JsonObject]] = field(default_factory=dict)
    looked_at: dict[str, JsonObject] = field(default_factory=dict)

    def visible_channel(self, name: str) -> Channel | None:
        """Find a channel as the bot sees it: a private one it is not in does not exist for it."""
        channel = self.channels.get(name) or next(
            (found for found in self.channels.values() if name in (found.name, f"#{found.name}")),
            None,
        )
        if channel is None:
            return None
        return channel if channel.kind == "channel" or self.bot_user_id in channel.members else None

    def direct_channel(self, user: str) -> Channel:
        """Find or open the DM between the bot and a person."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {user, self.bot_user_id}:
                return channel
        channel = Channel(f"D{user[1:]}", "directmessage", "im", {user, self.bot_user_id})
        self.channels[channel.id] = channel
        return channel

    def user_json(self, user: User) -> JsonObject:
        """Give a user object of ``users.info``."""
        return {
            "id": user.id,
            "team_id": self.id,
            "name": user.name,
            "real_name": user.real_name,
            "deleted": False,
            "is_bot": user.is_bot,
            "is_stranger": user.is_stranger,
            "locale": user.locale,
            "tz": "Asia/Shanghai",
            "profile": {"real_name": user.real_name, "display_name": user.name, "team": self.id},
        }

    def channel_json(self, channel: Channel) -> JsonObject:
        """Give a conversation object."""
        shown: JsonObject = {
            "id": channel.id,
            "is_channel": channel.kind == "channel",
            "is_group": channel.kind == "group",
            "is_im": channel.kind == "im",
            "is_mpim": channel.kind == "mpim",
            "is_private": channel.kind != "channel",
            "is_archived": channel.is_archived,
            "is_member": self.bot_user_id in channel.members,
            "is_ext_shared": False,
            "num_members": len(channel.members),
        }
        if channel.kind == "im":
            shown["user"] = next(iter(channel.members - {self.bot_user_id}), "")
        else:
            shown["name"] = channel.name
        return shown
