"""Work that nobody waits for, but that is not forgotten either."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from bots.errors import BotError

log = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
Result = TypeVar("Result")


class Background:
    """Keeps tasks alive, notes how they failed, and ends them with the process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[None, None, None], what: str) -> asyncio.Task[None]:
        """Start it; a BotError is logged under ``what`` and goes no further."""
        return self._kept(asyncio.create_task(_logged(work, what)))

    async def within(
        self, seconds: float, work: Coroutine[None, None, Result], *, otherwise: Result
    ) -> Result:
        """Wait so long for it; where it takes longer it goes on by itself, and ``otherwise`` is given."""
        task = self._kept(asyncio.create_task(work))
        done, _ = await asyncio.wait({task}, timeout=seconds)
        return task.result() if done else otherwise

    async def close(self) -> None:
        """Give what still runs a short while, then cancel it."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _kept(self, task: asyncio.Task[Result]) -> asyncio.Task[Result]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _logged(work: Coroutine[None, None, None], what: str) -> None:
    try:
        await work
    except BotError as error:
        log.warning("slack: %s failed", what, extra={"error": type(error).__name__})
