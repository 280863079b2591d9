"""One budget in Redis for all processes."""

import asyncio
import contextlib

import pytest
from redis.asyncio import Redis

from adapters.clock import SystemClock
from adapters.platforms.lark.budget import CallBudget, chat_window, message_window
from bots.errors import PlatformRateLimited, PlatformUnavailable

pytestmark = pytest.mark.redis


@pytest.fixture
async def budgets(redis_url):
    redis = Redis.from_url(redis_url)
    yield [CallBudget(redis, SystemClock(), app="cli_1") for _ in range(2)]
    await redis.aclose()


async def spent(budget: CallBudget, times: int, *windows, **options) -> int:
    """Try so many calls and count those that found room."""
    done = 0
    for _ in range(times):
        with contextlib.suppress(PlatformRateLimited):
            await budget.spend("card.content", windows, **options)
            done += 1
    return done


async def test_two_processes_share_what_one_message_may_have(budgets):
    one, two = budgets
    assert await spent(one, 3, message_window("m")) + await spent(two, 3, message_window("m")) == 4
    assert await spent(two, 1, message_window("n")) == 1


async def test_frames_leave_room_for_final_states(budgets):
    one, two = budgets
    frames = await spent(one, 60, is_courtesy=True)
    assert 30 <= frames < 36
    assert await spent(two, 60) == 45 - frames


async def test_a_call_on_its_way_counts_until_a_second_after_its_answer(budgets):
    one, two = budgets
    window = chat_window("c")
    names = [await one.spend("message.reply", [window]) for _ in range(4)]
    await asyncio.sleep(1.2)  # the window itself, on Redis' own clock
    assert await spent(two, 1, window) == 0
    for name in names[:2]:
        await one.settle(name, [window])
    assert await spent(two, 1, window) == 0
    await asyncio.sleep(1.2)
    assert await spent(two, 3, window) == 2


async def test_a_pause_that_lark_asked_for_holds_for_all_processes(budgets):
    one, two = budgets
    await one.pause("card.content", 30)
    with pytest.raises(PlatformRateLimited) as caught:
        await two.spend("card.content")
    assert 29 < (caught.value.retry_after or 0) <= 30
    await two.spend("message.reply")


async def test_the_months_calls_are_counted_but_for_those_that_were_refused(budgets):
    one, two = budgets
    await one.spend("message.reply")
    await two.spend("card.create")
    await one.give_back()
    assert await two.used_this_month() == 1
    assert await spent(two, 60) == 45
    assert await one.used_this_month() == 46


async def test_the_operator_is_warned_once_before_the_calls_run_out(redis_url, caplog):
    redis = Redis.from_url(redis_url)
    budget = CallBudget(redis, SystemClock(), app="cli_1", monthly=20)
    told: list[int] = []
    for _ in range(20):
        caplog.clear()
        await budget.spend("card.content")
        told += [record.used for record in caplog.records if "run out" in record.message]
    assert told == [10, 16, 19]
    await redis.aclose()


async def test_a_redis_that_is_away_is_a_platform_that_is_unavailable(tmp_path):
    redis = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    budget = CallBudget(redis, SystemClock(), app="cli_1")
    with pytest.raises(PlatformUnavailable):
        await budget.spend("card.content")
    with pytest.raises(PlatformUnavailable):
        await budget.used_this_month()
    await redis.aclose()
