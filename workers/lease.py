"""A worker's hold on one job, as the job sees it."""

import asyncio

from bots.drafts import Checkpoint
from bots.errors import LeaseLost
from bots.line import Doorbell, Grant, JobDesk, Renewal
from bots.persisting import persistently
from bots.ports import Clock


class WorkerLease:
    """Lease on a JobDesk.

    ``check`` needs no round trip: the pulse notes until when the lease is surely ours, counted from before
    the renewal was sent. The work loop owns this object; the pulse's thread calls ``renewed`` and
    ``expire_if_due`` only.
    """

    def __init__(
        self, grant: Grant, desk: JobDesk, doorbell: Doorbell, clock: Clock, *, until: float
    ) -> None:
        self.grant = grant
        self._desk = desk
        self._doorbell = doorbell
        self._clock = clock
        self._until = until
        self._stop_requested = False
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def check(self) -> None:
        """Raise LeaseLost unless the lease is surely alive."""
        if self._clock.monotonic() >= self._until:
            raise LeaseLost(self.grant.job_id)

    async def ended(self) -> None:
        """Wait for Stop or for the loss of the lease."""
        while True:
            await self._ended.wait()
            if self._stop_requested:
                return
            self.check()
            self._ended.clear()

    async def save(self, checkpoint: Checkpoint) -> None:
        """Store the checkpoint; raises LeaseLost, StoreUnavailable."""
        await self._desk.save(self.grant, checkpoint)

    async def free_slot(self) -> None:
        """Hand the slot on and ring for whoever got it."""
        grants = await persistently(lambda: self._desk.free_slot(self.grant), self, self._clock)
        await self._doorbell.ring(grants)

    async def bar_account(self, seconds: float, *, everywhere: bool) -> bool:
        """Leave the job's account out; True if somebody else can do the job."""
        return await persistently(
            lambda: self._desk.bar(self.grant, seconds, everywhere=everywhere), self, self._clock
        )

    def renewed(self, renewal: Renewal, until: float) -> None:
        """Take note of a renewal's answer (thread-safe)."""
        if renewal == "lost":
            self._until = float("-inf")
        else:
            self._until = until
            self._stop_requested = renewal == "stop"
        if renewal != "held":
            self._loop.call_soon_threadsafe(self._ended.set)

    def expire_if_due(self) -> None:
        """Wake the job if no renewal got through in time (thread-safe)."""
        if self._clock.monotonic() >= self._until:
            self._loop.call_soon_threadsafe(self._ended.set)
