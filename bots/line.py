"""The line and its slots, as the rest of the bot sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bots.drafts import Checkpoint, Outcome, Place
from bots.jobs import Job

RequeueReason = Literal["drained", "refused", "overloaded", "unavailable", "barred"]
Renewal = Literal["held", "stop", "lost"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A job's right to a slot; the token is the fencing number."""

    job_id: str
    token: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of an offered job."""

    is_new: bool
    token: int  # the fence under which the waiting reply may be written
    place: Place
    grants: tuple[Grant, ...]  # to be rung; not only this job's


@dataclass(frozen=True, slots=True)
class StartedJob:
    """A job that a worker may begin, with what its predecessors left."""

    job: Job
    token: int
    model: str
    account: str
    checkpoint: Checkpoint
    attempts: int  # earlier workers that died over it
    refusals: int  # earlier tries that the model's service turned away
    wait: float  # seconds until the upstream has surely noticed that the slot is free
    waited: float  # seconds in line
    stop_requested: bool

    @property
    def grant(self) -> Grant:
        """Name this hold on the job."""
        return Grant(self.job.job_id, self.token)


@dataclass(frozen=True, slots=True)
class StoppedJob:
    """A job that was asked to stop; a waiting one is out of the line already."""

    job: Job
    was_waiting: bool
    token: int
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job in line, with the place to show."""

    job_id: str
    place: Place


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """What is needed to show a waiting job's place."""

    job: Job
    token: int
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep found to do."""

    grants: tuple[Grant, ...] = ()  # to be rung
    resumed: tuple[str, ...] = ()  # jobs whose worker died
    abandoned: tuple[str, ...] = ()  # jobs given up for good


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """One account's slots for one model."""

    account: str
    in_use: int
    limit: int
    effective_limit: int


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """One model's line."""

    model: str
    waiting: int
    paused_for: float  # seconds
    slots: tuple[SlotStatus, ...]


class JobIntake(Protocol):
    """The near end of the line; every call raises StoreUnavailable when Redis is away."""

    async def accept(self, job: Job) -> Acceptance:
        """Store the job and put it in line, once per job id."""
        ...

    async def stop(self, reply_id: str) -> StoppedJob | None:
        """Ask the job that writes this reply to end; None if none is under way."""
        ...

    async def find(self, reply_id: str) -> Job | None:
        """Find the newest job of a reply."""
        ...


class JobDesk(Protocol):
    """The far end, where workers are served; every call raises StoreUnavailable when Redis is away."""

    async def start(self, grant: Grant) -> StartedJob | None:
        """Take a granted job; None when somebody else has it or it is over."""
        ...

    async def renew(self, grants: Sequence[Grant]) -> Mapping[str, Renewal]:
        """Say that this worker lives and holds these jobs; answers by job id."""
        ...

    async def save(self, grant: Grant, checkpoint: Checkpoint) -> None:
        """Store where the reply stands; raises LeaseLost."""
        ...

    async def free_slot(self, grant: Grant) -> tuple[Grant, ...]:
        """Hand the slot to the next in line while this job goes on without it."""
        ...

    async def finish(self, grant: Grant, outcome: Outcome) -> tuple[Grant, ...]:
        """Close the job for good and admit the next."""
        ...

    async def requeue(self, grant: Grant, reason: RequeueReason, *, pause: float = 0.0) -> tuple[Grant, ...]:
        """Put the job back at the head of its line; ``pause`` in seconds holds the whole lane."""
        ...

    async def bar(self, grant: Grant, seconds: float, *, everywhere: bool) -> bool:
        """Leave the job's account out for a while, for its model or ``everywhere``.

        True if somebody else can do the job once it is put back; the last account of a model is never
        left out, so that those who ask are told what is wrong.
        """
        ...


class LineKeeper(Protocol):
    """Upkeep that any worker may do."""

    async def sweep(self) -> SweepReport:
        """Ring forgotten grants again, take back dead workers' jobs, admit where slots are free."""
        ...

    async def waiting(self) -> tuple[WaitingJob, ...]:
        """List every waiting job in the order of service."""
        ...

    async def replies(self, job_ids: Sequence[str]) -> tuple[WaitingReply, ...]:
        """Read what is needed to show these jobs' places; those no longer waiting are left out."""
        ...

    async def status(self) -> tuple[LaneStatus, ...]:
        """Count lines and slots."""
        ...


class Doorbell(Protocol):
    """Tells some worker that a job is ready; may be lost or doubled without harm."""

    async def ring(self, grants: Sequence[Grant]) -> None:
        """Ring once for each grant; never raises for a broker that is away (the sweeper rings again)."""
        ...
