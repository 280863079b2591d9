"""The contract of what has been spent: the same suite on the fake and on Redis."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from adapters.redis.usage import RedisUsageLedger, UsageRow
from bots.deltas import Usage
from bots.errors import StoreUnavailable
from bots.ports import UsageLedger
from tests.contracts.absence import NOWHERE
from tests.fakes.clock import FakeClock
from tests.fakes.memory import FakeLedger

TODAY, TOMORROW = "2026-01-01", "2026-01-02"
DAY_SECONDS = 24 * 3600.0
CHAT, PAINTER, ANN = "glm-4.6", "cogview-3-flash", "slack:T1:ann"
SMALL = Usage(prompt_tokens=10, completion_tokens=20)


class Readable(UsageLedger, Protocol):
    async def by_model(self, days: tuple[str, ...]) -> tuple[UsageRow, ...]: ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
async def ledger(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Readable]:
    if request.param == "fake":
        yield FakeLedger(clock)
        return
    async with open_redis(RedisSettings(url=request.getfixturevalue("redis_url"))) as redis:
        yield RedisUsageLedger(redis, clock)


@pytest.fixture(params=["fake", "redis"])
async def ledger_away(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Readable]:
    if request.param == "fake":
        fake = FakeLedger(clock)
        fake.is_away = True
        yield fake
        return
    async with open_redis(NOWHERE) as redis:
        yield RedisUsageLedger(redis, clock)


async def test_nothing_is_spent_at_first(ledger: Readable):
    assert await ledger.by_model((TODAY,)) == ()


async def test_requests_of_a_day_and_a_model_are_summed(ledger: Readable):
    await ledger.add("a", CHAT, ANN, SMALL)
    await ledger.add("b", CHAT, ANN, Usage(1, 2, cached_tokens=3, reasoning_tokens=4))
    await ledger.add("c", PAINTER, ANN, Usage(pictures=1))

    painted, said = await ledger.by_model((TODAY,))

    assert painted == UsageRow(TODAY, PAINTER, {"requests": 1, "pictures": 1})
    sums = {"requests": 2, "prompt": 11, "completion": 22, "cached": 3, "reasoning": 4}
    assert said == UsageRow(TODAY, CHAT, sums)


async def test_a_job_that_two_workers_end_is_counted_once(ledger: Readable):
    await ledger.add("a", CHAT, ANN, SMALL)
    await ledger.add("a", CHAT, ANN, SMALL)

    [row] = await ledger.by_model((TODAY,))
    assert row.counts["requests"] == 1


async def test_a_request_counts_even_if_nobody_told_what_it_cost(ledger: Readable):
    await ledger.add("a", CHAT, ANN, Usage())

    [row] = await ledger.by_model((TODAY,))
    assert row.counts == {"requests": 1}


async def test_each_day_has_its_own_sums(ledger: Readable, clock: FakeClock):
    await ledger.add("a", CHAT, ANN, SMALL)
    clock.advance(DAY_SECONDS)
    await ledger.add("b", CHAT, ANN, SMALL)

    assert [row.day for row in await ledger.by_model((TODAY, TOMORROW))] == [TODAY, TOMORROW]
    assert [row.day for row in await ledger.by_model((TOMORROW,))] == [TOMORROW]


async def test_a_ledger_that_is_away_says_so(ledger_away: Readable):
    with pytest.raises(StoreUnavailable):
        await ledger_away.add("a", CHAT, ANN, SMALL)
    with pytest.raises(StoreUnavailable):
        await ledger_away.by_model((TODAY,))


async def test_each_persons_use_is_told_by_model_over_days(ledger: Readable, clock: FakeClock):
    await ledger.add("a", CHAT, ANN, SMALL)
    await ledger.add("b", PAINTER, ANN, Usage(pictures=1))
    await ledger.add("c", CHAT, "slack:T1:bob", SMALL)
    clock.advance(DAY_SECONDS)
    await ledger.add("d", CHAT, ANN, Usage(1, 2, cached_tokens=3, reasoning_tokens=4))

    assert await ledger.of_user(ANN, (TODAY,)) == {CHAT: SMALL, PAINTER: Usage(pictures=1)}
    both_days = await ledger.of_user(ANN, (TODAY, TOMORROW))
    assert both_days[CHAT] == Usage(11, 22, cached_tokens=3, reasoning_tokens=4)
    assert await ledger.of_user("slack:T1:cid", (TODAY, TOMORROW)) == {}
