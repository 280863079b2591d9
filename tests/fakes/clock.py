"""A clock that only moves when it is told to, or when somebody sleeps on it."""

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Clock whose ``sleep`` takes no time but moves it; drive it with ``advance``."""

    def __init__(self) -> None:
        self._start = datetime(2026, 1, 1, tzinfo=UTC)
        self._seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._seconds += seconds
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds
