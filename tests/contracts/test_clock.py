"""The contract of time: the same suite on the two fakes and on the real clock."""

import asyncio

import pytest

from adapters.clock import SystemClock
from bots.ports import Clock
from tests.fakes.clock import FakeClock
from tests.fakes.stepped_clock import SteppedClock

SECONDS = 0.02


async def sleep(clock: Clock, seconds: float) -> None:
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    if isinstance(clock, SteppedClock):
        await clock.pass_time(seconds)
    await sleeping


@pytest.fixture(params=[FakeClock, SteppedClock, SystemClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


async def test_time_passes_while_one_sleeps(clock: Clock):
    wall, running = clock.now(), clock.monotonic()

    await sleep(clock, SECONDS)

    assert clock.monotonic() - running >= SECONDS * 0.99
    assert (clock.now() - wall).total_seconds() >= SECONDS * 0.9


async def test_the_wall_time_has_a_zone(clock: Clock):
    assert clock.now().utcoffset() is not None


async def test_sleeping_for_no_time_lets_the_others_run(clock: Clock):
    other = asyncio.ensure_future(asyncio.sleep(0))

    await sleep(clock, 0.0)
    await sleep(clock, 0.0)

    assert other.done()


async def test_two_sleep_side_by_side_and_wake_in_their_order():
    clock, woken = SteppedClock(), list[tuple[str, float]]()

    async def rest(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    sleepers = [asyncio.ensure_future(rest("late", 3.0)), asyncio.ensure_future(rest("early", 1.0))]
    await clock.pass_time(2.0)
    assert woken == [("early", 1.0)]
    await clock.pass_time(2.0)
    assert woken == [("early", 1.0), ("late", 3.0)]
    await asyncio.gather(*sleepers)
