"""Time that a test can stop and push forward; everything that expires asks it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable


class ScriptedClock:
    """The wall clock plus what the script added; frozen, it moves only by ``advance``."""

    def __init__(self) -> None:
        self._added_seconds = 0.0
        self._frozen_at: float | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._last_ts = 0

    def now(self) -> float:
        """Tell the time in seconds since 1970."""
        real = time.time() if self._frozen_at is None else self._frozen_at
        return real + self._added_seconds

    def next_ts(self) -> str:
        """Give a message id of Slack's kind, later than every one before."""
        self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def advance(self, seconds: float) -> None:
        """Push the time forward and wake who is due."""
        self._added_seconds += seconds
        self._wake_all()

    def freeze(self) -> None:
        """Stop the time."""
        if self._frozen_at is None:
            self._frozen_at = time.time()

    def thaw(self) -> None:
        """Let the time run on from where it stood."""
        if self._frozen_at is not None:
            self._added_seconds -= time.time() - self._frozen_at
            self._frozen_at = None
            self._wake_all()

    async def sleep(self, seconds: float) -> None:
        """Wait until the scripted time has moved on by ``seconds``."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, deadline: float) -> None:
        """Wait until the scripted time has reached ``deadline``."""
        loop = asyncio.get_running_loop()
        while (left_seconds := deadline - self.now()) > 0:
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            timer = None
            if self._frozen_at is None:
                timer = loop.call_later(left_seconds, _wake, waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)
                if timer is not None:
                    timer.cancel()

    async def before(self, deadline: float, work: Awaitable[object]) -> bool:
        """Wait for ``work`` but not past ``deadline``; tell whether it ended. The work goes on."""
        job = asyncio.ensure_future(work)
        alarm = asyncio.ensure_future(self.sleep_until(deadline))
        await asyncio.wait({job, alarm}, return_when=asyncio.FIRST_COMPLETED)
        alarm.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await alarm
        return job.done()

    def _wake_all(self) -> None:
        for waiter in list(self._waiters):
            _wake(waiter)


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
