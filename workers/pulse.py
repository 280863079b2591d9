"""The worker's heartbeat: renews leases and sweeps, on a thread and a loop that no stream can block."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bots.errors import StoreUnavailable
from bots.line import Doorbell, Grant, JobDesk, LineKeeper
from bots.ports import Clock
from workers.lease import WorkerLease

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
MARGIN_SECONDS = 1.0  # we stop writing this long before anybody else may begin


@dataclass(frozen=True, slots=True)
class PulseParts:
    """What a pulse works with; its Redis connections are its own."""

    desk: JobDesk
    keeper: LineKeeper
    doorbell: Doorbell
    clock: Clock
    lease_seconds: float
    count_resumed: Callable[[int], None]


class Pulse:
    """Beats until stopped; ``leases`` is shared with the work loop, which adds and removes."""

    def __init__(self, parts: PulseParts) -> None:
        self._parts = parts
        self.leases: dict[Grant, WorkerLease] = {}
        self.on_first_beat: Callable[[], None] | None = None
        self._sweeps = True

    def stop_sweeping(self) -> None:
        """Keep only the leases alive: a worker that is leaving takes on nothing."""
        self._sweeps = False

    async def beat(self) -> None:
        """Renew and sweep for ever; while Redis is away, only time passes."""
        while True:
            await self._beat_once()
            await self._parts.clock.sleep(BEAT_SECONDS)

    async def _beat_once(self) -> None:
        leases = dict(self.leases)
        until = self._parts.clock.monotonic() + self._parts.lease_seconds - MARGIN_SECONDS
        try:
            renewals = await self._parts.desk.renew(tuple(leases))
            for grant, lease in leases.items():
                lease.renewed(renewals[grant.job_id], until)
            if self.on_first_beat is not None:
                self.on_first_beat()
                self.on_first_beat = None
                log.info("worker is ready")
            if self._sweeps:
                await self._sweep()
        except StoreUnavailable as error:
            log.warning("redis is away", extra={"error": str(error)})
            for lease in leases.values():
                lease.expire_if_due()

    async def _sweep(self) -> None:
        report = await self._parts.keeper.sweep()
        if report.resumed:
            self._parts.count_resumed(len(report.resumed))
            log.warning("taking over from a dead worker", extra={"jobs": ",".join(report.resumed)})
        for job_id in report.abandoned:
            log.error("job given up", extra={"job": job_id})
        await self._parts.doorbell.ring(report.grants)
