"""A hold on a job that the test can end."""

import asyncio

from bots.drafts import Checkpoint
from bots.errors import LeaseLost, StoreUnavailable


class FakeLease:
    """Lease; ``stop`` and ``lose`` are what the user and the other workers do to it."""

    def __init__(self) -> None:
        self.is_away = False
        self.saved: list[Checkpoint] = []
        self.freed = 0
        self.has_other_account = False
        self.barred: list[float] = []  # seconds
        self._is_lost = False
        self._ended = asyncio.Event()

    def stop(self) -> None:
        """Let the user press Stop."""
        self._ended.set()

    def lose(self) -> None:
        """Let another worker have the job."""
        self._is_lost = True
        self._ended.set()

    def check(self) -> None:
        if self._is_lost:
            raise LeaseLost

    async def ended(self) -> None:
        await self._ended.wait()
        self.check()

    async def save(self, checkpoint: Checkpoint) -> None:
        if self.is_away:
            raise StoreUnavailable
        self.check()
        self.saved.append(checkpoint)

    async def free_slot(self) -> None:
        self.freed += 1

    async def bar_account(self, seconds: float, *, everywhere: bool) -> bool:  # noqa: ARG002 - one account
        self.barred.append(seconds)
        return self.has_other_account
