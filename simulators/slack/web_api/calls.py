"""What a method is: its name, scope, tier and handler; and what it is called with."""

from collections.abc import Callable
from dataclasses import dataclass

from simulators.slack.limits import Tier
from simulators.slack.simulation import Installation, Simulation
from simulators.slack.socket_mode import SocketMode
from simulators.slack.timeline import Timeline
from simulators.slack.wire import Arguments, JsonObject, SlackError
from simulators.slack.workspace import Channel, Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call of a method."""

    method: str
    arguments: Arguments
    simulation: Simulation
    timeline: Timeline
    sockets: SocketMode
    installation: Installation
    workspace: Workspace

    @property
    def now(self) -> float:
        """Tell the time of the simulation."""
        return self.simulation.clock.now()

    def channel(self, name: str = "channel") -> Channel:
        """Find the channel that an argument names by id; raises SlackError ``channel_not_found``."""
        channel = self.workspace.visible_channel(self.arguments.text(name))
        if channel is None or channel.id != self.arguments.text(name):
            raise SlackError(code="channel_not_found")
        return channel

    def require_scope(self, scope: str) -> None:
        """Raise SlackError ``missing_scope`` where the token lacks a scope that this use needs."""
        if scope not in self.installation.scopes:
            provided = ",".join(self.installation.scopes)
            raise SlackError(code="missing_scope", extra={"needed": scope, "provided": provided})


Handler = Callable[[Call], JsonObject]


@dataclass(frozen=True, slots=True)
class Method:
    """A method's entry in Slack's reference; any one of ``scopes`` will do, none means none needed."""

    handler: Handler
    tier: Tier
    scopes: tuple[str, ...] = ()
    caller: str = "bot"
    takes_json: bool = True


ALL_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
ALL_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
KIND_SCOPES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
