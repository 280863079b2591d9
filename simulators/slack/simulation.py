"""The whole of a run: workspaces, tokens, clock, limits, records, and the way out to the app."""

import asyncio
import itertools
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Literal

from simulators.slack.clock import ScriptedClock
from simulators.slack.config import SlackSimulatorConfig
from simulators.slack.faults import Faults
from simulators.slack.feed import Feed
from simulators.slack.ledger import Ledger, Violation
from simulators.slack.limits import RateLimiter
from simulators.slack.wire import JsonObject
from simulators.slack.workspace import SlackFile, Workspace

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass(slots=True)
class Installation:
    """One token and what it may do."""

    token: str
    kind: Literal["bot", "app"]
    team: str
    scopes: tuple[str, ...]
    expires_at: float | None = None
    revoked: bool = False


@dataclass(slots=True)
class Trigger:
    """A trigger id: three seconds, one use (Slack docs, handling user interaction)."""

    team: str
    user: str
    expires_at: float
    used: bool = False
    view_id: str | None = None


@dataclass(slots=True)
class ResponseUrl:
    """A response_url: five uses in thirty minutes."""

    team: str
    channel: str
    user: str
    expires_at: float
    message_ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0


@dataclass(slots=True)
class OAuthCode:
    """A code that the app may change for a token once, within ten minutes."""

    team: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: float


@dataclass(slots=True)
class Simulation:
    """Holds the state that the Web API, the transports, the control API and the page share."""

    config: SlackSimulatorConfig
    clock: ScriptedClock = field(default_factory=ScriptedClock)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    oauth_codes: dict[str, OAuthCode] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    faults: Faults = field(default_factory=Faults)
    feed: Feed = field(default_factory=Feed)
    base_url: str = ""
    final_messages: set[tuple[str, str]] = field(default_factory=set)
    limiter: RateLimiter = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.limiter = RateLimiter(self.clock, enabled=self.config.rate_limits)
        self.base_url = (self.config.public_url or "").rstrip("/")

    def new_id(self, prefix: str) -> str:
        """Make an id of Slack's form; no two are the same in a run."""
        return f"{prefix}0{next(self._numbers):08X}"

    def secret(self) -> str:
        """Make something nobody can guess, for URLs and codes."""
        return secrets.token_hex(12)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run work beside the requests and keep hold of it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what runs beside."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.feed.close()

    def violate(self, kind: Violation, detail: str) -> None:
        """Note that the app bent a rule."""
        self.ledger.note_violation(self.clock.now(), kind, detail)

    def new_trigger(self, team: str, user: str, view_id: str | None = None) -> str:
        """Issue a trigger id."""
        trigger_id = f"{next(self._numbers)}.{self.secret()}"
        self.triggers[trigger_id] = Trigger(team, user, self.clock.now() + TRIGGER_SECONDS, view_id=view_id)
        return trigger_id

    def new_response_url(
        self, team: str, channel: str, user: str, message_ts: str | None = None, *, is_ephemeral: bool = False
    ) -> str:
        """Issue a response_url."""
        key = self.secret()
        expires_at = self.clock.now() + RESPONSE_URL_SECONDS
        self.response_urls[key] = ResponseUrl(team, channel, user, expires_at, message_ts, is_ephemeral)
        return f"{self.base_url}/response/{key}"

    def find_file(self, workspace: Workspace, named: str) -> SlackFile | None:
        """Find a live file by id, private URL or permalink."""
        for file in workspace.files.values():
            if not file.deleted and (named == file.id or f"-{file.id}/" in named or f"/{file.id}/" in named):
                return file
        return None

    def may_bot_see(self, workspace: Workspace, file: SlackFile) -> bool:
        """Tell whether a file is the bot's or was shared where the bot is a member."""
        if file.user == workspace.bot_user_id:
            return True
        return any(workspace.bot_user_id in workspace.channels[name].members for name in file.shares)

    def home_workspace(self) -> Workspace:
        """Give the workspace that the app is installed in from the start."""
        return next(iter(self.workspaces.values()))

    def bot_tokens(self, team: str) -> list[Installation]:
        """Give the live bot tokens of a workspace."""
        return [
            found
            for found in self.installations.values()
            if found.team == team and found.kind == "bot" and not found.revoked
        ]

    def user_object(self, workspace: Workspace, user: str) -> JsonObject:
        """Give the short user object of interaction payloads."""
        name = workspace.users[user].name
        return {"id": user, "username": name, "name": name, "team_id": workspace.id}
