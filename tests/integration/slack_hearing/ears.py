"""Notes what a hearing side hands over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis

from adapters.clock import SystemClock
from adapters.platforms.slack.hearing import open_hearing
from adapters.platforms.slack.settings import SlackSettings
from adapters.plugin import GatewayServices, Hearing
from adapters.redis.preferences import RedisPreferences
from bots.errors import StoreUnavailable
from bots.events import BotEvent, MessageSent
from bots.messages import IncomingMessage


class Ears:
    """A ``handle`` that keeps every event; it can be told to fail as if Redis were away."""

    def __init__(self) -> None:
        self.events: list[BotEvent] = []
        self.failures = 0
        self._came = asyncio.Condition()

    async def handle(self, event: BotEvent) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        async with self._came:
            self.events.append(event)
            self._came.notify_all()

    async def hear(self, count: int = 1) -> list[BotEvent]:
        """Wait for so many events in all."""
        async with self._came, asyncio.timeout(10):
            await self._came.wait_for(lambda: len(self.events) >= count)
        return self.events

    async def hear_message(self, count: int = 1) -> IncomingMessage:
        """Wait for so many events in all; the last is a message."""
        event = (await self.hear(count))[-1]
        assert isinstance(event, MessageSent), event
        return event.message


@asynccontextmanager
async def listening(
    settings: SlackSettings, redis: Redis, ears: Ears, *, until: str = ""
) -> AsyncIterator[Hearing]:
    """Open the hearing side and wait until it hears, or has the problem ``until``."""
    services = GatewayServices(
        redis, SystemClock(), ears.handle, RedisPreferences(redis), ("glm-4.7-flash", "glm-4.6")
    )
    async with AsyncExitStack() as stack:
        hearing = await stack.enter_async_context(open_hearing(settings, services))
        if hearing.listen is not None:
            task = asyncio.create_task(hearing.listen())
            stack.push_async_callback(_ended, task)
            await told(hearing, until)
        yield hearing


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def told(hearing: Hearing, said: str) -> None:
    """Wait until the problem is one that holds these words, or until there is none."""
    for _ in range(1000):
        problem = hearing.problem()
        if said in problem if said else not problem:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(hearing.problem())
