"""A clock on which several can sleep at once, as in life; time passes when the test says so."""

import asyncio
import heapq
import itertools

from tests.fakes.clock import FakeClock

TURNS = 40  # of the event loop: more than the longest chain of awaits between two sleeps


class SteppedClock(FakeClock):
    """Clock whose sleepers are woken by ``pass_time``, each at its own moment and in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        alarm = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._numbers), alarm))
        await alarm

    async def pass_time(self, seconds: float) -> None:
        """Let everybody do what they do within this time."""
        end = self._seconds + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._seconds, _, alarm = heapq.heappop(self._sleepers)
            if not alarm.done():
                alarm.set_result(None)
            await settle()
        self._seconds = end


async def settle() -> None:
    """Let every task go on until it waits for time or for somebody else."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
