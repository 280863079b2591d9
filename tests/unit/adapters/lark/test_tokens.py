"""The token is fetched seldom, shared, and renewed in time."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from adapters.platforms.lark.tokens import TenantToken, TokenCache
from tests.fakes.clock import FakeClock


class KeptTexts(Redis):
    """As much of Redis as the cache needs, in a dictionary two processes may share."""

    def __init__(self, kept: dict[str, bytes]) -> None:
        self.kept = kept
        self.is_away = False

    async def get(self, name):
        self._check()
        return self.kept.get(name)

    async def set(self, name, value, **_):  # type: ignore[override]
        self._check()
        self.kept[name] = value.encode()

    async def delete(self, *names):
        self._check()
        for name in names:
            self.kept.pop(name, None)

    def _check(self) -> None:
        if self.is_away:
            raise RedisConnectionError

    def __del__(self, *_: object) -> None:
        return


class Office:
    """Where tokens come from: each lasts two hours, as Lark's do."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.given = 0

    async def fetch(self) -> TenantToken:
        self.given += 1
        return TenantToken(f"t-{self.given}", self.clock.now().timestamp() + 7200)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def office(clock):
    return Office(clock)


@pytest.fixture
def kept():
    return {}


def cache(kept, clock, office) -> TokenCache:
    return TokenCache(KeptTexts(kept), clock, app="cli_1@https://lark", fetch=office.fetch)


async def test_a_token_is_fetched_once_for_all_processes(kept, clock, office):
    one, two = cache(kept, clock, office), cache(kept, clock, office)
    assert [await one.get(), await two.get(), await one.get()] == ["t-1"] * 3


async def test_a_token_is_renewed_before_it_ends(kept, clock, office):
    tokens = cache(kept, clock, office)
    await tokens.get()
    clock.advance(7200 - 16 * 60)
    assert await tokens.get() == "t-1"
    clock.advance(2 * 60)
    assert await tokens.get() == "t-2"


async def test_a_refused_token_is_dropped_everywhere(kept, clock, office):
    one, two = cache(kept, clock, office), cache(kept, clock, office)
    await one.get()
    await two.get()
    await one.drop("t-1")
    assert await one.get() == "t-2"
    await two.drop("t-1")  # it was refused too, but somebody has a newer one already
    assert await two.get() == "t-2"
    assert office.given == 2


async def test_without_redis_each_process_fetches_for_itself(kept, clock, office):
    tokens = cache(kept, clock, office)
    tokens._redis.is_away = True  # type: ignore[attr-defined]
    assert [await tokens.get(), await tokens.get()] == ["t-1", "t-1"]
    await tokens.drop("t-1")
    assert await tokens.get() == "t-2"
