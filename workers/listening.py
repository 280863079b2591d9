"""Keeps the platforms' listeners running: one that ends is told, shown and started again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping

from bots.ports import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # who listened this long starts again without the waiting of former ends

Listen = Callable[[], Coroutine[None, None, None]]


class Listening:
    """All listeners of one gateway, by platform.

    Listeners reconnect by themselves; one that ends all the same has a defect, and a platform that hears
    nothing more looks alive from outside.
    """

    def __init__(self, listeners: Mapping[str, Listen], clock: Clock) -> None:
        self._listeners = dict(listeners)
        self._clock = clock
        self._problems: dict[str, str] = {}

    def problem(self, platform: str) -> str:
        """Tell why a platform's listener does not run; empty when it does."""
        return self._problems.get(platform, "")

    async def run(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as group:
            for platform in self._listeners:
                group.create_task(self._keep(platform))

    async def _keep(self, platform: str) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = self._clock.monotonic()
            cause = await self._once(platform)
            if self._clock.monotonic() - began >= STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            reason = f"the listener failed ({type(cause).__name__})" if cause else "the listener ended"
            self._problems[platform] = f"{reason}; it starts again"
            told = {"platform": platform, "again_in_seconds": pause}
            log.error("listener ended", extra=told, exc_info=cause)
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _once(self, platform: str) -> BaseException | None:
        """Run a listener to its end; what it raised is returned, since any defect is the same to us."""
        task = asyncio.create_task(self._listeners[platform](), name=f"listen-{platform}")
        self._problems.pop(platform, None)
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return asyncio.CancelledError() if task.cancelled() else task.exception()
