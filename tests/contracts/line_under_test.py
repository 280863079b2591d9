"""A line for its contract: the fake or the one in Redis, with a way to let time pass."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from adapters.redis.connection import open_redis
from adapters.redis.line import RedisDesk, RedisIntake, RedisKeeper
from adapters.redis.scripts import LineScripts
from adapters.redis.settings import LineSettings, RedisSettings
from bots.line import Grant, JobDesk, JobIntake, LineKeeper
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import make_job
from tests.fakes.line import FakeLine

MODEL = "glm-4.7-flash"
LEASE, LIVENESS, RING_AGAIN, PROBE, GRACE = 0.6, 0.3, 0.2, 0.3, 0.1  # seconds; a real Redis has to live them


class Keeper(LineKeeper, Protocol):
    async def configure(self, limits: dict[str, dict[str, int]]) -> None: ...


@dataclass
class Line:
    """One implementation, with a way to let time pass."""

    intake: JobIntake
    desk: JobDesk
    other_desk: JobDesk
    keeper: Keeper
    pass_time: Callable[[float], Awaitable[None]]

    async def submit(self, *names: str, user: str = "ann", model: str = MODEL) -> list[Grant]:
        """Put jobs in line and collect what is granted."""
        grants: list[Grant] = []
        for name in names:
            grants += (await self.intake.accept(make_job(name, user=user, model=model))).grants
        return grants

    async def limit(self, slots: int) -> None:
        """Give the one account so many slots."""
        await self.keeper.configure({MODEL: {"main": slots}})

    async def order(self) -> list[str]:
        """Tell who is served next, by the jobs' short names."""
        return [short(job.job_id) for job in await self.keeper.waiting()]

    async def serve(self, grant: Grant) -> list[Grant]:
        """Start a granted job and end it."""
        assert await self.desk.start(grant) is not None
        return list(await self.desk.finish(grant, "answered"))


def short(job_id: str) -> str:
    """Name a job as the test named it."""
    return job_id.rpartition(":")[2]


@asynccontextmanager
async def fake_line() -> AsyncIterator[Line]:
    """Keep a line in memory; its time passes when it is told to."""
    clock = FakeClock()
    fake = FakeLine(
        clock,
        lease=LEASE,
        liveness=LIVENESS,
        ring_again=RING_AGAIN,
        probe=PROBE,
        grace=GRACE,
        max_attempts=1,
    )
    await fake.configure({MODEL: {"main": 1}})

    async def pass_time(seconds: float) -> None:
        clock.advance(seconds)

    yield Line(fake, fake, fake.as_worker("w2"), fake, pass_time)


@asynccontextmanager
async def redis_line(url: str) -> AsyncIterator[Line]:
    """Keep a line in Redis; its time is the server's own."""
    settings = LineSettings(
        lease_seconds=LEASE,
        liveness_seconds=LIVENESS,
        ring_again_seconds=RING_AGAIN,
        probe_seconds=PROBE,
        outage_grace_seconds=0,
        max_attempts=1,
    )
    async with open_redis(RedisSettings(url=url)) as redis:
        scripts = LineScripts(redis, settings, slot_grace=GRACE)
        await scripts.load()
        keeper = RedisKeeper(scripts)
        await keeper.configure({MODEL: {"main": 1}})
        yield Line(
            RedisIntake(scripts), RedisDesk(scripts, "w1"), RedisDesk(scripts, "w2"), keeper, asyncio.sleep
        )
