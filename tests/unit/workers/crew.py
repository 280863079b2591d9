"""Worker processes in memory: one line, one bell, and as many workers as a test needs."""

import asyncio
from contextlib import suppress

from bots.jobs import Job
from bots.line import Grant
from bots.ports import Lease
from tests.fakes.line import FakeLine
from tests.fakes.memory import FakeDoorbell
from tests.unit.bots.scene import SPEC, Scene
from workers.announcer import Announcer
from workers.pulse import Pulse, PulseParts
from workers.runner import JobRunner
from workers.wiring import WorkParts

LEASE_SECONDS = 15.0


class Worker:
    """One process: its runner and its pulse."""

    def __init__(self, crew: "Crew", name: str) -> None:
        clock, line, scene = crew.scene.clock, crew.line.as_worker(name), crew.scene
        self.line = line
        self.resumed = 0
        self.pulse = Pulse(
            PulseParts(
                desk=line,
                keeper=line,
                doorbell=crew.bell,
                clock=clock,
                lease_seconds=LEASE_SECONDS,
                count_resumed=self._count,
            )
        )
        parts = WorkParts(
            desk=line,
            doorbell=crew.bell,
            performer=scene.performer(),
            announcer=Announcer(line, scene.platforms, clock, crew.lead),
            clock=clock,
            lease_seconds=LEASE_SECONDS,
        )
        self.runner = JobRunner(parts, self.pulse.leases)
        self.beating = asyncio.ensure_future(self.pulse.beat())

    def _count(self, jobs: int) -> None:
        self.resumed += jobs

    async def stop_beating(self) -> None:
        """Let the process fall silent, as if it had been killed."""
        self.beating.cancel()
        with suppress(asyncio.CancelledError):
            await self.beating


class Crew:
    """The workers of one deployment."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.clock, self.model, self.writer = self.scene.clock, self.scene.model, self.scene.writer
        self.line = FakeLine(self.clock, lease=LEASE_SECONDS)
        self.bell = FakeDoorbell()
        self.workers: list[Worker] = []

    async def lead(self) -> bool:
        return True

    async def worker(self, name: str = "w1", *, slots: int = 1) -> Worker:
        """Start another process; ``slots`` are the model's."""
        await self.line.configure({SPEC.name: {"main": slots}})
        self.workers.append(Worker(self, name))
        return self.workers[-1]

    async def submit(self, *jobs: Job) -> list[Grant]:
        """Put jobs in line, and tell what is granted."""
        return [grant for job in jobs for grant in (await self.line.accept(job)).grants]

    async def close(self) -> None:
        self.line.is_away = False
        for worker in self.workers:
            await worker.stop_beating()
            draining = asyncio.ensure_future(worker.runner.drain())
            await self.clock.pass_time(100.0)
            await draining


def lease_of(worker: Worker) -> Lease:
    """Find the hold on the only job that runs."""
    [lease] = worker.pulse.leases.values()
    return lease
