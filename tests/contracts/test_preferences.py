"""The contract of what people have set: the same suite on the fake and on Redis."""

from collections.abc import AsyncIterator

import pytest

from adapters.redis.connection import open_redis
from adapters.redis.preferences import RedisPreferences
from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable
from bots.preferences import Preferences, PreferenceStore
from tests.contracts.absence import NOWHERE
from tests.fakes.memory import FakePreferences

ANN, BOB = "slack:T1:ann", "slack:T1:bob"
CHOSEN = Preferences(model="glm-4.6", thinking="off", language="zh")


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[PreferenceStore]:
    if request.param == "fake":
        yield FakePreferences()
        return
    async with open_redis(RedisSettings(url=request.getfixturevalue("redis_url"))) as redis:
        yield RedisPreferences(redis)


@pytest.fixture(params=["fake", "redis"])
async def store_away(request: pytest.FixtureRequest) -> AsyncIterator[PreferenceStore]:
    if request.param == "fake":
        fake = FakePreferences()
        fake.is_away = True
        yield fake
        return
    async with open_redis(NOWHERE) as redis:
        yield RedisPreferences(redis)


async def test_nobody_has_set_anything_at_first(store: PreferenceStore):
    assert await store.read(ANN) == Preferences()


async def test_what_a_person_has_set_is_theirs_alone(store: PreferenceStore):
    await store.write(ANN, CHOSEN)

    assert await store.read(ANN) == CHOSEN
    assert await store.read(BOB) == Preferences()


async def test_a_later_choice_replaces_all_of_the_former(store: PreferenceStore):
    await store.write(ANN, CHOSEN)
    await store.write(ANN, Preferences(thinking="on"))

    assert await store.read(ANN) == Preferences(thinking="on")


async def test_a_store_that_is_away_says_so(store_away: PreferenceStore):
    with pytest.raises(StoreUnavailable):
        await store_away.read(ANN)
    with pytest.raises(StoreUnavailable):
        await store_away.write(ANN, CHOSEN)
