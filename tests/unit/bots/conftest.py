"""A new scene for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.bots.gateway import Gateway
from tests.unit.bots.scene import Scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A worker's surroundings; whatever still runs at the end is cancelled."""
    made = Scene()
    yield made
    await made.close()


@pytest.fixture
async def gateway() -> Gateway:
    """A gateway's surroundings, with one slot for each model."""
    made = Gateway()
    await made.open()
    return made
