"""The verbs of ``POST /_sim/act/<verb>``: a person does something, told as JSON."""

from collections.abc import Callable
from dataclasses import dataclass

from simulators.slack.deliveries import Delivery
from simulators.slack.interactions import Interactions
from simulators.slack.messages import Message
from simulators.slack.people import People
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel, View, Workspace


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts where; missing words fall back to the first person of the first workspace."""

    simulation: Simulation
    body: JsonObject

    @property
    def workspace(self) -> Workspace:
        """Give the workspace named by ``team``."""
        team = self.body.get("team")
        found = self.simulation.workspaces.get(str(team)) if team else self.simulation.home_workspace()
        if found is None:
            raise SlackError(code="team_not_found")
        return found

    @property
    def user(self) -> str:
        """Give the user's id, named by id or short name."""
        named = self.body.get("user")
        for user in self.workspace.users.values():
            if named in (user.id, user.name) or (named is None and not user.is_bot):
                return user.id
        raise SlackError(code="user_not_found")

    @property
    def channel(self) -> Channel:
        """Give the channel, named by id or name; ``dm`` is the user's own DM with the bot."""
        named = self.body.get("channel", "dm")
        if named == "dm":
            return self.workspace.direct_channel(self.user)
        for channel in self.workspace.channels.values():
            if named in (channel.id, channel.name, f"#{channel.name}"):
                return channel
        raise SlackError(code="channel_not_found")

    @property
    def message(self) -> Message:
        """Give the message named by ``ts``."""
        found = self.channel.messages.get(str(self.body.get("ts")))
        if found is None:
            raise SlackError(code="message_not_found")
        return found

    @property
    def view(self) -> View:
        """Give the view named by ``view_id``."""
        found = self.workspace.views.get(str(self.body.get("view_id")))
        if found is None:
            raise SlackError(code="view_not_found")
        return found

    def word(self, name: str, default: str | None = None) -> str:
        """Give a string of the body; raises SlackError where it must be there and is not."""
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise SlackError(code="invalid_arguments", messages=(f"missing required field: {name}",))
        return value


Verb = Callable[[Acting], tuple[JsonObject, list[Delivery]]]

COMMON_FIELDS = frozenset({"team", "user", "channel", "wait_seconds"})
FIELDS = {
    "message": "text thread_ts files broadcast mention typed plain",
    "edit": "ts text",
    "unfurl": "ts",
    "delete": "ts",
    "invite": "invited",
    "leave": "removed",
    "open_app": "tab",
    "look_at": "",
    "stop": "thread_ts",
    "uninstall": "",
    "slash": "command text thread_ts",
    "press": "ts view_id action_id value",
    "message_shortcut": "ts callback_id",
    "global_shortcut": "callback_id",
    "submit_view": "view_id values",
    "close_view": "view_id",
    "react": "ts name",
}


class Acts:
    """Knows the verbs."""

    def __init__(self, people: People, interactions: Interactions) -> None:
        self._people = people
        self._interactions = interactions
        self.verbs: dict[str, Verb] = {
            "message": self._message,
            "edit": self._edit,
            "unfurl": lambda a: ({}, self._people.unfurl(a.workspace, a.channel, a.message)),
            "delete": lambda a: ({}, self._people.delete(a.workspace, a.channel, a.message)),
            "invite": self._invite,
            "leave": self._leave,
            "open_app": lambda a: ({}, self._people.open_app(a.workspace, a.user, a.word("tab", "messages"))),
            "look_at": lambda a: ({}, self._people.look_at(a.workspace, a.user, a.channel)),
            "stop": self._stop,
            "uninstall": lambda a: ({}, self._people.uninstall(a.workspace)),
            "slash": self._slash,
            "press": self._press,
            "message_shortcut": self._message_shortcut,
            "global_shortcut": self._global_shortcut,
            "submit_view": self._submit,
            "close_view": self._close,
            "react": self._react,
        }

    def perform(self, name: str, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        """Do it; raises SlackError for a verb or field that does not exist, so that no slip passes."""
        if name not in self.verbs:
            raise SlackError(code="unknown_verb", messages=tuple(sorted(self.verbs)))
        unknown = set(acting.body) - COMMON_FIELDS - set(FIELDS[name].split())
        if unknown:
            raise SlackError(code="unknown_field", messages=tuple(sorted(unknown)))
        return self.verbs[name](acting)

    def _message(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        message, sent = self._people.say(acting.workspace, acting.channel, acting.user, acting.body)
        return {"channel": message.channel, "ts": message.ts, "file_ids": message.file_ids}, sent

    def _edit(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        sent = self._people.edit(acting.workspace, acting.channel, acting.message, acting.word("text"))
        return {}, sent

    def _invite(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        invited = str(acting.body.get("invited") or acting.workspace.bot_user_id)
        return {}, self._people.invite(acting.workspace, acting.channel, invited, acting.user)

    def _leave(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        acting.channel.members.discard(str(acting.body.get("removed") or acting.workspace.bot_user_id))
        return {}, []

    def _stop(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        thread_ts = acting.word("thread_ts")
        return {}, self._people.stop(acting.workspace, acting.channel, acting.user, thread_ts)

    def _slash(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        if acting.body.get("thread_ts"):
            # Slack's client answers so itself: commands do not work in threads.
            raise SlackError(code="command_not_supported_in_threads")
        command = acting.word("command")
        if command not in acting.simulation.config.commands:
            raise SlackError(code="command_not_found")
        text = acting.word("text", "")
        sent = self._interactions.slash_command(acting.workspace, acting.channel, acting.user, command, text)
        return {}, [sent]

    def _press(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        action = {"action_id": acting.word("action_id"), "value": acting.body.get("value")}
        if acting.body.get("view_id"):
            sent = self._interactions.press_in_view(acting.workspace, acting.view, acting.user, action)
        else:
            sent = self._interactions.press(
                acting.workspace, acting.channel, acting.message, acting.user, action
            )
        return {}, [sent]

    def _message_shortcut(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        callback_id = acting.word("callback_id")
        sent = self._interactions.message_shortcut(
            acting.workspace, acting.channel, acting.message, acting.user, callback_id
        )
        return {}, [sent]

    def _global_shortcut(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        sent = self._interactions.global_shortcut(acting.workspace, acting.user, acting.word("callback_id"))
        return {}, [sent]

    def _submit(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        values = acting.body.get("values") or {}
        return {}, [self._interactions.submit_view(acting.workspace, acting.view, values)]

    def _close(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        sent = self._interactions.close_view(acting.workspace, acting.view)
        return {}, [sent] if sent else []

    def _react(self, acting: Acting) -> tuple[JsonObject, list[Delivery]]:
        acting.message.reactions.setdefault(acting.word("name"), []).append(acting.user)
        return {}, []
