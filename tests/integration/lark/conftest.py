"""The simulated Lark, a real Redis and the writing side."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.lark.showing import Stage, staged
from tests.integration.simulators.lark.conftest import Lark, lark, start

__all__ = ["lark", "start"]


@pytest.fixture
async def slow_stage(lark: Lark, redis_url: str) -> AsyncIterator[Stage]:
    """The writing side with frames so seldom that no machine is too slow to come too early."""
    async with staged(lark, redis_url, frame_interval=20) as opened:
        yield opened


@pytest.fixture
async def stage(lark: Lark, redis_url: str) -> AsyncIterator[Stage]:
    """The writing side as a worker has it, with fast frames."""
    async with staged(lark, redis_url) as opened:
        yield opened
