"""Lanes, records and the rules of admission: what the fake line is made of."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from math import inf

from bots.drafts import Checkpoint, Place
from bots.errors import StoreUnavailable
from bots.jobs import Job
from bots.line import Grant
from tests.fakes.clock import FakeClock


@dataclass
class Record:
    job: Job
    token: int
    accepted: float
    state: str = "waiting"
    account: str = ""
    worker: str = ""
    attempts: int = 0
    refusals: int = 0
    stop: bool = False
    has_slot: bool = False
    granted: float = 0.0
    ready: float = 0.0
    rung: float = 0.0
    lease: float = 0.0
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    lane: str = ""  # the one it was admitted on
    lanes: tuple[str, ...] = ()  # those it may be admitted on

    def __post_init__(self) -> None:
        self.lanes = self.job.lanes
        self.lane = self.lanes[0]


@dataclass
class Lane:
    limits: dict[str, int] = field(default_factory=dict)
    lowered: dict[str, tuple[int, float, int]] = field(default_factory=dict)  # limit, since, step
    lines: "OrderedDict[str, deque[str]]" = field(default_factory=OrderedDict)
    slots: dict[str, set[str]] = field(default_factory=dict)
    ghosts: dict[str, list[float]] = field(default_factory=dict)
    paused: float = 0.0
    hold: float | None = None
    barred: dict[str, float] = field(default_factory=dict)  # account → until when
    failures: dict[str, int] = field(default_factory=dict)  # account → in a row


@dataclass
class Server:
    """What all who look at the same line share."""

    is_away: bool = False
    fence: int = 0


class Lanes:
    """The state of a fake line with the rules by which it moves."""

    clock: FakeClock
    probe: float
    grace: float
    _server: Server
    _records: dict[str, Record]
    _lanes: dict[str, Lane]

    @property
    def is_away(self) -> bool:
        return self._server.is_away

    @is_away.setter
    def is_away(self, is_away: bool) -> None:
        self._server.is_away = is_away

    def _next_fence(self) -> int:
        self._server.fence += 1
        return self._server.fence

    def _reach(self) -> None:
        if self.is_away:
            raise StoreUnavailable

    def _lane(self, name: str) -> Lane:
        return self._lanes.setdefault(name, Lane())

    def _held(self, grant: Grant) -> Record | None:
        record = self._records.get(grant.job_id)
        holds = record is not None and record.state == "running" and record.token == grant.token
        return record if holds else None

    def _limit(self, lane: Lane, account: str) -> int:
        if lane.barred.get(account, 0.0) > self.clock.monotonic():
            return 0
        limit = lane.limits[account]
        if account not in lane.lowered:
            return limit
        value, since, step = lane.lowered[account]
        while value < limit and self.clock.monotonic() - since >= self.probe:
            value, since, step = value + step, since + self.probe, step * 2
        if value >= limit:
            del lane.lowered[account]
            return limit
        lane.lowered[account] = (value, since, step)
        return value

    def _order(self, name: str) -> list[str]:
        lines = [list(line) for line in self._lane(name).lines.values()]
        depth = max(map(len, lines), default=0)
        return [line[row] for row in range(depth) for line in lines if row < len(line)]

    def _place(self, name: str, position: int) -> Place:
        lane = self._lane(name)
        slots = sum(self._limit(lane, account) for account in lane.limits)
        if not position or not slots or not lane.hold:
            return Place(position=position)
        return Place(position=position, seconds=-(-position // slots) * lane.hold)

    def _best_place(self, record: Record) -> Place:
        """Tell the place in the lane whose turn comes first, counted in rounds of all its slots."""
        if record.state != "waiting":
            return Place(position=0)
        found: list[tuple[float, Place]] = []
        for name in record.lanes:
            position = self._order(name).index(record.job.job_id) + 1
            slots = sum(self._limit(self._lane(name), account) for account in self._lane(name).limits)
            found.append((-(-position // slots) if slots else inf, self._place(name, position)))
        return min(found, key=lambda one: one[0])[1]

    def _join(self, record: Record) -> None:
        for name in record.lanes:
            self._lane(name).lines.setdefault(record.job.user_key, deque()).append(record.job.job_id)

    def _admit(self, *names: str) -> list[Grant]:
        grants: list[Grant] = []
        for name in names:
            while self._free(name) and self._lane(name).lines:
                line = next(iter(self._lane(name).lines.values()))
                grants.append(self._grant(self._records[line[0]]))
        return grants

    def _free(self, name: str) -> str:
        """Name the account with the most free slots, nothing if there is none."""
        lane = self._lane(name)
        free = {one: self._limit(lane, one) - len(lane.slots.setdefault(one, set())) for one in lane.limits}
        account = max(free, key=lambda one: free[one], default="")
        return account if account and free[account] > 0 and lane.paused <= self.clock.monotonic() else ""

    def _grant(self, record: Record) -> Grant:
        now = self.clock.monotonic()
        self._leave(record)
        for lines in (self._lane(name).lines for name in record.lanes):
            if record.job.user_key in lines:
                lines.move_to_end(record.job.user_key)  # a turn in one lane is a turn in all
        record.lane = next(name for name in record.lanes if self._free(name))
        record.account = self._free(record.lane)
        lane = self._lane(record.lane)
        record.state, record.token = "granted", self._next_fence()
        record.granted, record.rung, record.has_slot = now, now, True
        record.ready = self._ready_at(lane, record.account, now)
        lane.slots[record.account].add(record.job.job_id)
        return Grant(record.job.job_id, record.token)

    def _has_account(self, name: str, besides: str) -> bool:
        lane, now = self._lane(name), self.clock.monotonic()
        return any(
            limit > 0 and one != besides and lane.barred.get(one, 0.0) <= now
            for one, limit in lane.limits.items()
        )

    def _bar(self, name: str, account: str, seconds: float) -> None:
        """Leave an account out, if it is not the lane's last."""
        lane = self._lane(name)
        if account in lane.limits and self._has_account(name, account):
            lane.barred[account] = self.clock.monotonic() + seconds
            lane.failures.pop(account, None)

    def _ready_at(self, lane: Lane, account: str, now: float) -> float:
        ghosts = lane.ghosts[account] = sorted(one for one in lane.ghosts.get(account, ()) if one > now)
        if len(lane.slots[account]) + len(ghosts) < self._limit(lane, account) or not ghosts:
            return 0.0
        return ghosts.pop(0)

    def _release(self, record: Record) -> None:
        if not record.has_slot:
            return
        lane, now = self._lane(record.lane), self.clock.monotonic()
        lane.slots[record.account].discard(record.job.job_id)
        record.has_slot = False
        if self.grace:
            lane.ghosts.setdefault(record.account, []).append(now + self.grace)
        held = now - record.granted
        lane.hold = held if lane.hold is None else 0.8 * lane.hold + 0.2 * held

    def _leave(self, record: Record) -> None:
        user, job_id = record.job.user_key, record.job.job_id
        for lines in (self._lane(name).lines for name in record.lanes):
            if job_id in lines.get(user, ()):
                lines[user].remove(job_id)
            if not lines.get(user):
                lines.pop(user, None)

    def _to_head(self, record: Record) -> None:
        record.state = "waiting"
        for lines in (self._lane(name).lines for name in record.lanes):
            lines.setdefault(record.job.user_key, deque()).appendleft(record.job.job_id)
            lines.move_to_end(record.job.user_key, last=False)
