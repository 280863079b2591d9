"""The contract of the doorbell: the same suite on the fake and on Celery."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest

from adapters.celery.app import QUEUE, create_app
from adapters.celery.doorbell import CeleryDoorbell
from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from bots.line import Doorbell, Grant
from tests.contracts.absence import NOWHERE
from tests.fakes.memory import FakeDoorbell

GRANTS = (Grant("web:local:t1:a", 1), Grant("web:local:t1:b", 2))


@dataclass
class Door:
    """A doorbell and the one who listens."""

    bell: Doorbell
    heard: Callable[[], Awaitable[list[Grant]]]


@pytest.fixture(params=["fake", pytest.param("celery", marks=pytest.mark.redis)])
async def door(request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    if request.param == "fake":
        fake = FakeDoorbell()

        async def heard_by_fake() -> list[Grant]:
            return fake.rung

        yield Door(fake, heard_by_fake)
        return
    url = request.getfixturevalue("redis_url")
    async with open_redis(RedisSettings(url=url)) as redis:
        bell = CeleryDoorbell(create_app(url, socket_timeout=1.0))

        async def heard_in_queue() -> list[Grant]:
            rows = [json.loads(row) for row in reversed(await redis.lrange(QUEUE, 0, -1))]
            return [Grant(*json.loads(base64.b64decode(row["body"]))[0]) for row in rows]

        yield Door(bell, heard_in_queue)
        bell.close()


@pytest.fixture(params=["fake", "celery"])
def bell_away(request: pytest.FixtureRequest) -> Iterator[Doorbell]:
    if request.param == "fake":
        fake = FakeDoorbell()
        fake.is_away = True
        yield fake
        return
    bell = CeleryDoorbell(create_app(NOWHERE.url, socket_timeout=0.5))
    yield bell
    bell.close()


async def test_it_rings_once_for_each_grant(door: Door):
    await door.bell.ring(GRANTS)

    assert await door.heard() == list(GRANTS)


async def test_it_does_not_ring_for_nothing(door: Door):
    await door.bell.ring(())

    assert await door.heard() == []


async def test_a_broker_that_is_away_troubles_nobody(bell_away: Doorbell):
    assert await bell_away.ring(GRANTS) is None  # type: ignore[func-returns-value] # that is the point


async def test_a_broker_that_is_away_does_not_use_up_a_platforms_three_seconds(bell_away: Doorbell):
    async with asyncio.timeout(2.5):
        await bell_away.ring(GRANTS)
