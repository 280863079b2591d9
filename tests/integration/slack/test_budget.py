"""One budget for all workers, on a real Redis whose minute is a moment here."""

import asyncio

import pytest

from adapters.platforms.slack.budget import Allowance, CallBudget

pytestmark = pytest.mark.redis
WINDOW = 0.5  # seconds
TEAM = "T1"


def budget(redis, **allowances: Allowance) -> CallBudget:
    return CallBudget(redis, allowances)


async def test_no_window_ever_holds_more_calls_than_allowed(redis):
    workers = [budget(redis, a=Allowance(5, window=WINDOW)) for _ in range(3)]
    loop = asyncio.get_running_loop()
    made: list[float] = []
    began = loop.time()
    while loop.time() - began < 3 * WINDOW:
        wait = await workers[len(made) % 3].take(TEAM, "a")
        if wait:
            assert wait <= WINDOW
            await asyncio.sleep(wait / 4)
        else:
            made.append(loop.time())
    assert 15 <= len(made) <= 20
    assert all(later - early >= WINDOW - 0.05 for early, later in zip(made, made[5:], strict=False))


async def test_what_is_held_is_free_when_it_is_needed(redis):
    own = budget(redis, a=Allowance(3, window=WINDOW))
    assert await own.hold(TEAM, "a", "reply-1")
    assert [await own.take(TEAM, "a") for _ in range(2)] == [0, 0]
    assert await own.take(TEAM, "a") > 0
    assert await own.spend(TEAM, "a", "reply-1") == 0
    assert await own.spend(TEAM, "a", "reply-1") > 0  # it was held once


async def test_a_hold_that_is_given_back_is_for_others(redis):
    own = budget(redis, a=Allowance(1, window=WINDOW))
    assert await own.hold(TEAM, "a", "reply-1")
    assert await own.hold(TEAM, "a", "reply-1")  # asking again holds no second one
    assert not await own.hold(TEAM, "a", "reply-2")
    await own.release(TEAM, "a", "reply-1")
    assert await own.hold(TEAM, "a", "reply-2")


async def test_only_so_many_hold(redis):
    own = budget(redis, a=Allowance(100, holds=2, window=WINDOW))
    assert [await own.hold(TEAM, "a", name) for name in ("x", "y", "z")] == [True, True, False]


async def test_the_reserve_is_for_calls_that_must_be_made(redis):
    own = budget(redis, a=Allowance(4, reserve=2, window=WINDOW))
    assert [bool(await own.take(TEAM, "a")) for _ in range(3)] == [False, False, True]
    assert [bool(await own.spend(TEAM, "a", "r")) for _ in range(3)] == [False, False, True]


async def test_replies_take_turns(redis):
    own = budget(
        redis,
        append=Allowance(100, gap=0.05, shared_by="stop", shared=10, window=WINDOW),
        stop=Allowance(20, window=WINDOW),
    )
    await own.hold(TEAM, "stop", "r1")
    assert await own.take(TEAM, "append", "r1") == 0
    assert 0 < await own.take(TEAM, "append", "r1") <= 0.05
    for number in range(2, 6):
        await own.hold(TEAM, "stop", f"r{number}")
    assert await own.take(TEAM, "append", "r2") == 0
    assert 0.2 < await own.take(TEAM, "append", "r2") <= 0.25  # five of ten shared calls in half a second


async def test_a_refusal_keeps_everybody_away_from_the_method(redis):
    own, other = (budget(redis, a=Allowance(9, window=WINDOW), b=Allowance(9)) for _ in range(2))
    await own.block(TEAM, "a", 0.2)
    assert 0 < await other.take(TEAM, "a") <= 0.2
    assert await other.spend(TEAM, "a", "r") > 0
    assert await other.take(TEAM, "b") == 0
    assert await other.take("T2", "a") == 0
    await asyncio.sleep(0.25)
    assert await other.take(TEAM, "a") == 0


async def test_channels_have_budgets_of_their_own(redis):
    own = budget(redis, a=Allowance(1, window=WINDOW))
    assert await own.take(TEAM, "a", place="C1") == 0
    assert await own.take(TEAM, "a", place="C1") > 0
    assert await own.take(TEAM, "a", place="C2") == 0


async def test_a_call_on_its_way_counts_until_its_answer_came_and_a_window_longer(redis):
    own = budget(redis, a=Allowance(1, window=0.2))
    assert await own.take(TEAM, "a", call_id="x") == 0
    await asyncio.sleep(0.3)
    assert 0 < await own.take(TEAM, "a", call_id="y") <= 0.2  # still on its way
    await own.landed(TEAM, "a", "x")
    assert await own.take(TEAM, "a", call_id="y") > 0.1
    await asyncio.sleep(0.25)
    assert await own.take(TEAM, "a", call_id="y") == 0


async def test_nothing_of_the_budget_is_kept_for_ever(redis):
    own = budget(redis, a=Allowance(9, gap=0.01, window=WINDOW))
    await own.take(TEAM, "a", "r")
    await own.hold(TEAM, "a", "r")
    await own.block(TEAM, "a", 1.0)
    assert all([await redis.ttl(key) >= 0 for key in await redis.keys("*")])
