"""Builds the Events API's envelopes and decides which events the app gets for what happened."""

from simulators.slack.deliveries import Delivery, Dispatcher
from simulators.slack.messages import Message
from simulators.slack.rendering import file_json, message_json
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject
from simulators.slack.workspace import Channel, SlackFile, Workspace

CHANNEL_TYPES = {"channel": "channel", "group": "group", "mpim": "mpim", "im": "im"}
SUBSCRIPTIONS = {
    "channel": "message.channels",
    "group": "message.groups",
    "mpim": "message.mpim",
    "im": "message.im",
}


class Events:
    """Tells the app what happened, as far as it subscribed to it."""

    def __init__(self, simulation: Simulation, dispatcher: Dispatcher) -> None:
        self._simulation = simulation
        self._dispatcher = dispatcher

    def send(self, workspace: Workspace, event: JsonObject, subscription: str = "") -> list[Delivery]:
        """Deliver one inner event if the app is installed there and asked for it."""
        wanted = subscription or str(event["type"])
        simulation = self._simulation
        if wanted not in simulation.config.events:
            return []
        if not simulation.bot_tokens(workspace.id) and wanted not in ("tokens_revoked", "app_uninstalled"):
            return []
        return self._dispatcher.send_event(workspace.id, self.envelope(workspace, event))

    def envelope(self, workspace: Workspace, event: JsonObject) -> JsonObject:
        """Wrap an inner event; the twin events of one message differ in event_id and event_context."""
        simulation = self._simulation
        event_id = simulation.new_id("Ev")
        authorization = {
            "enterprise_id": None,
            "team_id": workspace.id,
            "user_id": workspace.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "deprecated-do-not-use",
            "team_id": workspace.id,
            "enterprise_id": None,
            "context_team_id": workspace.id,
            "context_enterprise_id": None,
            "api_app_id": simulation.config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(simulation.clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"1-{event['type']}-{event_id}",
        }

    def message_posted(self, workspace: Workspace, channel: Channel, message: Message) -> list[Delivery]:
        """A message came: ``message``, and ``app_mention`` beside it where the bot was named."""
        if message.ephemeral_to is not None:
            return []
        sent: list[Delivery] = []
        if self._mentions(workspace, channel, message):
            sent += self.send(workspace, self._mention_event(workspace, channel, message))
        if workspace.bot_user_id in channel.members:
            event = {
                **message_json(self._simulation, workspace, message),
                "channel": channel.id,
                "channel_type": CHANNEL_TYPES[channel.kind],
                "event_ts": message.ts,
            }
            if message.app_context is not None:
                event["app_context"] = message.app_context
            if message.subtype == "file_share":
                event |= {"upload": False, "display_as_bot": False}
            if message.subtype == "thread_broadcast":
                root = channel.messages[message.root_ts]
                event["root"] = message_json(self._simulation, workspace, root)
            sent += self.send(workspace, event, SUBSCRIPTIONS[channel.kind])
        return sent

    def message_changed(
        self, workspace: Workspace, channel: Channel, message: Message, previous: JsonObject
    ) -> list[Delivery]:
        """A message changed, by whomever; a mention that is new in it is delivered as one."""
        sent: list[Delivery] = []
        now = message_json(self._simulation, workspace, message)
        if self._mentions(workspace, channel, message) and not self._names_bot(
            workspace, str(previous["text"])
        ):
            sent += self.send(workspace, self._mention_event(workspace, channel, message))
        extra = {"subtype": "message_changed", "message": now, "previous_message": previous}
        return sent + self._hidden(workspace, channel, extra)

    def message_deleted(self, workspace: Workspace, channel: Channel, previous: JsonObject) -> list[Delivery]:
        """A message is gone."""
        extra = {"subtype": "message_deleted", "deleted_ts": previous["ts"], "previous_message": previous}
        return self._hidden(workspace, channel, extra)

    def file_shared(self, workspace: Workspace, channel: Channel, file: SlackFile) -> list[Delivery]:
        """A file was put somewhere; the event names it only."""
        event = {
            "type": "file_shared",
            "file_id": file.id,
            "user_id": file.user,
            "file": {"id": file_json(self._simulation, workspace, file)["id"]},
            "channel_id": channel.id,
            "event_ts": self._simulation.clock.next_ts(),
        }
        return self.send(workspace, event) if workspace.bot_user_id in channel.members else []

    def _hidden(self, workspace: Workspace, channel: Channel, extra: JsonObject) -> list[Delivery]:
        if workspace.bot_user_id not in channel.members:
            return []
        ts = self._simulation.clock.next_ts()
        event = {
            "type": "message",
            "hidden": True,
            "channel": channel.id,
            "channel_type": CHANNEL_TYPES[channel.kind],
            "ts": ts,
            "event_ts": ts,
            **extra,
        }
        return self.send(workspace, event, SUBSCRIPTIONS[channel.kind])

    def _mentions(self, workspace: Workspace, channel: Channel, message: Message) -> bool:
        # DMs have no app_mention, and the bot is not told of its own words as a mention.
        if channel.kind == "im" or message.user == workspace.bot_user_id:
            return False
        return workspace.bot_user_id in channel.members and self._names_bot(workspace, message.text)

    @staticmethod
    def _names_bot(workspace: Workspace, text: str) -> bool:
        return f"<@{workspace.bot_user_id}" in text

    def _mention_event(self, workspace: Workspace, channel: Channel, message: Message) -> JsonObject:
        event = message_json(self._simulation, workspace, message)
        event.pop("subtype", None)
        return {**event, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
