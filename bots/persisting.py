"""Outlasting a store that is away for a moment, as long as the job is still ours."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bots.errors import StoreUnavailable
from bots.ports import Clock, Lease

PAUSE_SECONDS = 0.3
Result = TypeVar("Result")


async def persistently(call: Callable[[], Awaitable[Result]], lease: Lease, clock: Clock) -> Result:
    """Repeat an idempotent call until the store answers; raises LeaseLost when that took too long."""
    while True:
        try:
            return await call()
        except StoreUnavailable:
            lease.check()
            await clock.sleep(PAUSE_SECONDS)
