"""The line and its slots in memory: the same rules as the Lua scripts, in plain Python."""

from collections.abc import Mapping, Sequence

from bots.drafts import Checkpoint, Outcome, Place
from bots.errors import LeaseLost
from bots.jobs import Job
from bots.line import (
    Acceptance,
    Grant,
    LaneStatus,
    Renewal,
    RequeueReason,
    SlotStatus,
    StartedJob,
    StoppedJob,
    SweepReport,
    WaitingJob,
    WaitingReply,
)
from tests.fakes.clock import FakeClock
from tests.fakes.lanes import Lane, Lanes, Record, Server


class FakeLine(Lanes):
    """JobIntake, JobDesk and LineKeeper in one; ``is_away`` makes every call raise StoreUnavailable."""

    def __init__(
        self,
        clock: FakeClock,
        *,
        worker: str = "w1",
        lease: float = 15.0,
        liveness: float = 4.0,
        ring_again: float = 3.0,
        probe: float = 5.0,
        grace: float = 0.0,
        max_attempts: int = 3,
        breaker: int = 3,
    ) -> None:
        self.clock, self.worker = clock, worker
        self.lease, self.liveness, self.ring_again = lease, liveness, ring_again
        self.probe, self.grace, self.max_attempts = probe, grace, max_attempts
        self.breaker = breaker
        self._server = Server()
        self.outcomes: dict[str, str] = {}
        self._records: dict[str, Record] = {}
        self._replies: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._seen: dict[str, float] = {}

    def as_worker(self, worker: str) -> "FakeLine":
        """Look at the same line as another worker."""
        other = FakeLine.__new__(FakeLine)
        other.__dict__ = {**self.__dict__, "worker": worker}
        return other

    # -- intake ------------------------------------------------------------------------------------------

    async def accept(self, job: Job) -> Acceptance:
        self._reach()
        if job.job_id in self._records:
            return Acceptance(False, 0, Place(position=0), ())
        record = Record(job, self._next_fence(), self.clock.monotonic())
        self._records[job.job_id] = record
        self._replies[job.reply_id] = job.job_id
        self._join(record)
        grants = self._admit(*record.lanes)
        return Acceptance(True, record.token, self._best_place(record), tuple(grants))

    async def stop(self, reply_id: str) -> StoppedJob | None:
        self._reach()
        record = self._records.get(self._replies.get(reply_id, ""))
        if record is None or record.state == "done":
            return None
        was_waiting = record.state == "waiting"
        if was_waiting:
            self._leave(record)
            record.state = "done"
            self.outcomes[record.job.job_id] = "stopped"
        else:
            record.stop = True
        return StoppedJob(record.job, was_waiting, record.token, record.checkpoint)

    async def find(self, reply_id: str) -> Job | None:
        self._reach()
        record = self._records.get(self._replies.get(reply_id, ""))
        return record.job if record else None

    # -- desk --------------------------------------------------------------------------------------------

    async def start(self, grant: Grant) -> StartedJob | None:
        self._reach()
        record = self._records.get(grant.job_id)
        if record is None or record.state != "granted" or record.token != grant.token:
            return None
        now = self.clock.monotonic()
        record.state, record.worker, record.lease = "running", self.worker, now + self.lease
        return StartedJob(
            job=record.job,
            token=record.token,
            model=record.lane,
            account=record.account,
            checkpoint=record.checkpoint,
            attempts=record.attempts,
            refusals=record.refusals,
            wait=max(0.0, record.ready - now),
            waited=now - record.accepted,
            stop_requested=record.stop,
        )

    async def renew(self, grants: Sequence[Grant]) -> Mapping[str, Renewal]:
        self._reach()
        now = self.clock.monotonic()
        self._seen[self.worker] = now
        answers: dict[str, Renewal] = {}
        for grant in grants:
            record = self._held(grant)
            if record is None:
                answers[grant.job_id] = "lost"
            else:
                record.lease = now + self.lease
                answers[grant.job_id] = "stop" if record.stop else "held"
        return answers

    async def save(self, grant: Grant, checkpoint: Checkpoint) -> None:
        self._reach()
        record = self._held(grant)
        if record is None:
            raise LeaseLost
        record.checkpoint = checkpoint

    async def free_slot(self, grant: Grant) -> tuple[Grant, ...]:
        self._reach()
        record = self._held(grant)
        if record is None:
            return ()
        self._release(record)
        return tuple(self._admit(record.lane))

    async def finish(self, grant: Grant, outcome: Outcome) -> tuple[Grant, ...]:
        self._reach()
        record = self._held(grant)
        if record is None:
            return ()
        self._release(record)
        record.state = "done"
        if outcome == "answered":
            self._lane(record.lane).failures.pop(record.account, None)
        self.outcomes[grant.job_id] = outcome
        return tuple(self._admit(record.lane))

    async def requeue(self, grant: Grant, reason: RequeueReason, *, pause: float = 0.0) -> tuple[Grant, ...]:
        self._reach()
        record = self._held(grant)
        if record is None:
            return ()
        lane, now = self._lane(record.lane), self.clock.monotonic()
        in_flight = len(lane.slots.get(record.account, ()))
        self._release(record)
        record.refusals += reason != "drained"
        if reason == "refused":
            lane.lowered[record.account] = (max(1, in_flight - 1), now, 1)
            pause = 0.0 if in_flight > 1 else pause
        if reason == "unavailable":
            lane.failures[record.account] = lane.failures.get(record.account, 0) + 1
            if lane.failures[record.account] >= self.breaker and self._has_account(
                record.lane, record.account
            ):
                self._bar(record.lane, record.account, 30.0)
                pause = 0.0
        if pause:
            lane.paused = now + pause
        self._to_head(record)
        return tuple(self._admit(*record.lanes))

    async def bar(self, grant: Grant, seconds: float, *, everywhere: bool) -> bool:
        self._reach()
        record = self._held(grant)
        if record is None or self._has_account(record.lane, record.account):
            has_other = True
        else:
            besides = record.account if everywhere else ""
            left = tuple(n for n in record.lanes if n != record.lane and self._has_account(n, besides))
            has_other = bool(left)
            record.lanes = left or record.lanes
        if record is not None:
            for name in self._lanes if everywhere else (record.lane,):
                self._bar(name, record.account, seconds)
        return has_other

    # -- upkeep ------------------------------------------------------------------------------------------

    async def configure(self, limits: Mapping[str, Mapping[str, int]]) -> None:
        self._reach()
        for name, row in limits.items():
            self._lane(name).limits = dict(row)
            self._lane(name).barred.clear()

    async def sweep(self) -> SweepReport:
        self._reach()
        now = self.clock.monotonic()
        grants: list[Grant] = []
        resumed: list[str] = []
        abandoned: list[str] = []
        for job_id, record in self._records.items():
            is_silent = now - self._seen.get(record.worker, float("-inf")) >= self.liveness
            if record.state == "running" and (is_silent or record.lease < now):
                self._release(record)
                record.attempts += 1
                if record.attempts > self.max_attempts + 1:
                    record.state = "done"
                    self.outcomes[job_id] = "abandoned"
                    abandoned.append(job_id)
                else:
                    self._to_head(record)
                    resumed.append(job_id)
            elif record.state == "granted" and now - record.rung >= self.ring_again:
                record.rung = now
                grants.append(Grant(job_id, record.token))
        for name in self._lanes:
            grants += self._admit(name)
        return SweepReport(tuple(grants), tuple(resumed), tuple(abandoned))

    async def waiting(self) -> tuple[WaitingJob, ...]:
        self._reach()
        ids = dict.fromkeys(job_id for name in self._lanes for job_id in self._order(name))
        return tuple(WaitingJob(job_id, self._best_place(self._records[job_id])) for job_id in ids)

    async def replies(self, job_ids: Sequence[str]) -> tuple[WaitingReply, ...]:
        self._reach()
        found = (self._records[job_id] for job_id in job_ids if job_id in self._records)
        return tuple(
            WaitingReply(one.job, one.token, one.checkpoint) for one in found if one.state == "waiting"
        )

    async def status(self) -> tuple[LaneStatus, ...]:
        self._reach()
        now = self.clock.monotonic()
        return tuple(
            LaneStatus(
                name,
                sum(self._records[job_id].lanes[0] == name for job_id in self._order(name)),
                max(0.0, lane.paused - now),
                tuple(
                    SlotStatus(account, len(lane.slots.get(account, ())), limit, self._limit(lane, account))
                    for account, limit in lane.limits.items()
                ),
            )
            for name, lane in self._lanes.items()
        )
