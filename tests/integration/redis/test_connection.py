"""What a connection to a real Redis must bear."""

import asyncio
import time

import pytest

from adapters.redis.connection import open_redis, translated
from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable
from tests.processes import RedisServer

pytestmark = pytest.mark.redis


async def test_a_task_that_talks_to_redis_can_always_be_cancelled(redis_url: str):
    async with open_redis(RedisSettings(url=redis_url)) as redis:

        async def talk() -> None:
            while True:
                await redis.ping()

        for steps in range(200):
            talking = asyncio.create_task(talk())
            for _ in range(steps % 10):  # a different point of the exchange each time
                await asyncio.sleep(0)
            talking.cancel()
            done, _ = await asyncio.wait((talking,), timeout=5)

            assert done, "the cancellation was swallowed"
            assert talking.cancelled()


async def test_a_redis_that_hangs_costs_half_a_second(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    async with open_redis(RedisSettings(url=server.url)) as redis:
        await redis.ping()
        server.freeze()
        began = time.monotonic()

        with pytest.raises(StoreUnavailable), translated():
            await redis.ping()

        assert time.monotonic() - began < 1.5
        server.thaw()
    server.discard()


async def test_a_redis_that_is_gone_is_told_at_once_and_comes_back_by_itself(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    async with open_redis(RedisSettings(url=server.url)) as redis:
        await redis.ping()
        server.stop()
        with pytest.raises(StoreUnavailable), translated():
            await redis.ping()

        server.start()

        assert await redis.ping()
    server.discard()
