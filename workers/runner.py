"""Takes granted jobs and sees each to its end, its retry or its hand-over."""

import asyncio
import contextlib
import logging
from collections.abc import MutableMapping

from bots.drafts import Outcome
from bots.errors import BotError, LeaseLost, StoreUnavailable
from bots.line import Grant, StartedJob
from bots.persisting import persistently
from bots.retrying import Retry
from workers.hand_off import HandOff
from workers.lease import WorkerLease
from workers.metrics import JOBS, LINE_WAIT
from workers.pulse import MARGIN_SECONDS
from workers.wiring import WorkParts

log = logging.getLogger(__name__)


class JobRunner:
    """Runs any number of jobs at once: how many there may be is the slots' affair, not ours."""

    def __init__(self, parts: WorkParts, leases: MutableMapping[Grant, WorkerLease]) -> None:
        self._parts = parts
        self._leases = leases
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_leaving = False
        self._hand_off = HandOff(parts.doorbell, self.take)

    def take(self, grant: Grant) -> bool:
        """Begin a job; while leaving, none: its doorbell is left for the sweeper to ring again."""
        if self._is_leaving:
            return False
        task = asyncio.create_task(self._run(grant), name=grant.job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def drain(self) -> None:
        """Hand every job back to the head of its line, for another worker to go on with."""
        self._is_leaving = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, grant: Grant) -> None:
        lease = None
        try:
            until = self._parts.clock.monotonic() + self._parts.lease_seconds - MARGIN_SECONDS
            started = await self._parts.desk.start(grant)
            if started is None:
                return
            lease = WorkerLease(grant, self._parts.desk, self._hand_off, self._parts.clock, until=until)
            self._leases[grant] = lease
            await self._perform(started, lease)
        except LeaseLost:
            await self._step_aside(grant, lease)
        except StoreUnavailable:
            log.warning("redis is away, the sweeper will take the job up", extra={"job": grant.job_id})
        finally:
            if lease is not None:
                self._leases.pop(grant, None)

    async def _perform(self, started: StartedJob, lease: WorkerLease) -> None:
        job = started.job
        LINE_WAIT.observe(started.waited)
        log.info(
            "started",
            extra={
                "job": job.job_id,
                "model": started.model,
                "account": started.account,
                "waited": round(started.waited, 2),
                "attempt": started.attempts,
            },
        )
        try:
            result = await self._parts.performer.perform(started, lease)
        except asyncio.CancelledError:
            await self._hand_back(lease)
            raise
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception:  # a defect of ours must end in a sentence, not in silence: this is the job's edge
            log.exception("defect", extra={"job": job.job_id})
            result = await self._parts.performer.apologise(started, lease)
        await self._settle(started, lease, result)

    async def _settle(self, started: StartedJob, lease: WorkerLease, result: Outcome | Retry) -> None:
        desk, clock, grant = self._parts.desk, self._parts.clock, lease.grant
        if isinstance(result, Retry):
            grants = await persistently(
                lambda: desk.requeue(grant, result.reason, pause=result.pause), lease, clock
            )
        else:
            grants = await persistently(lambda: desk.finish(grant, result), lease, clock)
            platform = started.job.message.conversation.platform
            JOBS.labels(started.job.kind, platform, result).inc()
            log.info("finished", extra={"job": grant.job_id, "outcome": result})
        await self._hand_off.ring(grants)

    async def _step_aside(self, grant: Grant, lease: WorkerLease | None) -> None:
        try:
            if lease is not None:
                lease.check()
        except LeaseLost:
            log.warning("lease lost, another worker goes on", extra={"job": grant.job_id})
            return
        # The lease is ours, so it is the reply that has a newer writer: somebody pressed Regenerate.
        log.info("superseded by a newer job for the same reply", extra={"job": grant.job_id})
        with contextlib.suppress(StoreUnavailable):
            await self._hand_off.ring(await self._parts.desk.finish(grant, "stopped"))

    async def _hand_back(self, lease: WorkerLease) -> None:
        try:
            grants = await self._parts.desk.requeue(lease.grant, "drained")
            await self._hand_off.ring(grants)
        except BotError as error:
            log.warning("not handed back", extra={"job": lease.grant.job_id, "error": type(error).__name__})
        else:
            log.info("handed back", extra={"job": lease.grant.job_id})
