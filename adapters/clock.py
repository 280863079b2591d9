"""The real clock."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Clock on this machine's time."""

    def now(self) -> datetime:
        """Tell the wall time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Tell seconds since some moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run meanwhile."""
        await asyncio.sleep(seconds)
