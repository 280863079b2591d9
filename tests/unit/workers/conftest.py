"""A new crew for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.workers.crew import Crew


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    """Worker processes in memory; whatever still runs at the end is handed back."""
    made = Crew()
    yield made
    await made.close()
