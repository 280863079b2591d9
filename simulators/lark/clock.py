"""The simulated time: runs like the real one, and can be pushed forward."""

import asyncio
import time
from contextlib import suppress


class Clock:
    """Tells the time; `advance` makes everything that waits for a time see it at once."""

    def __init__(self) -> None:
        self._offset_seconds = 0.0
        self._advanced = asyncio.Event()

    def now(self) -> float:
        """Give the simulated time in seconds since 1970."""
        return time.time() + self._offset_seconds

    def now_ms(self) -> str:
        """Give the simulated time in milliseconds as Lark writes it: a string."""
        return str(int(self.now() * 1000))

    def advance(self, seconds: float) -> None:
        """Push the time forward; it never goes back."""
        self._offset_seconds += max(seconds, 0.0)
        self._advanced.set()
        self._advanced = asyncio.Event()

    async def sleep_until(self, moment: float) -> None:
        """Wait until the simulated time reaches `moment`."""
        while (left := moment - self.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._advanced.wait(), left)
