"""Changes to a channel's messages, each with its event, its line in the record and its word to the page."""

from dataclasses import dataclass

from simulators.slack.deliveries import Delivery
from simulators.slack.events import Events
from simulators.slack.messages import Message
from simulators.slack.rendering import message_json, page_json
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject
from simulators.slack.workspace import Channel, Workspace


@dataclass(frozen=True, slots=True)
class Timeline:
    """Writes messages; whoever writes one goes through here."""

    simulation: Simulation
    events: Events

    def add(self, workspace: Workspace, channel: Channel, message: Message, method: str) -> list[Delivery]:
        """Put a new message into its channel."""
        channel.messages[message.ts] = message
        message.note(self.simulation.clock.now(), method)
        if message.bot_id is not None and message.stream is None and message.user == workspace.bot_user_id:
            self._clear_status(workspace, channel, message)
        self.show(workspace, message)
        return self.events.message_posted(workspace, channel, message)

    def changed(
        self, workspace: Workspace, channel: Channel, message: Message, previous: JsonObject, method: str
    ) -> list[Delivery]:
        """Record that a message changed; ``previous`` is how it looked before."""
        self.grew(workspace, message, method)
        return self.events.message_changed(workspace, channel, message, previous)

    def grew(self, workspace: Workspace, message: Message, method: str) -> None:
        """Record growth that is no event: a stream's appends."""
        message.note(self.simulation.clock.now(), method)
        if (message.channel, message.ts) in self.simulation.final_messages:
            self.simulation.violate("write_after_final", f"{method} {message.channel} {message.ts}")
        self.show(workspace, message)

    def remove(self, workspace: Workspace, channel: Channel, message: Message, method: str) -> list[Delivery]:
        """Take a message away; it stays in the record."""
        previous = self.snapshot(workspace, message)
        message.deleted_at = self.simulation.clock.now()
        message.note(self.simulation.clock.now(), method)
        self.show(workspace, message)
        return self.events.message_deleted(workspace, channel, previous)

    def snapshot(self, workspace: Workspace, message: Message) -> JsonObject:
        """Give how a message looks now, for ``previous_message``."""
        return message_json(self.simulation, workspace, message)

    def show(self, workspace: Workspace, message: Message) -> None:
        """Tell the page."""
        self.simulation.feed.publish(
            {"type": "message", "message": page_json(self.simulation, workspace, message)}
        )

    def show_status(self, workspace: Workspace, channel: str, thread_ts: str, status: str) -> None:
        """Tell the page what a thread's status line says now."""
        self.simulation.feed.publish(
            {
                "type": "status",
                "team": workspace.id,
                "channel": channel,
                "thread_ts": thread_ts,
                "status": status,
            }
        )

    def _clear_status(self, workspace: Workspace, channel: Channel, message: Message) -> None:
        """A message clears the thread's status words (but not an agent session's state)."""
        if workspace.statuses.pop((channel.id, message.root_ts), None) is not None:
            self.show_status(workspace, channel.id, message.root_ts, "")
