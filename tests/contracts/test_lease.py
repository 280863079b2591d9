"""The contract of a worker's hold on a job: the same suite on the fake and on the worker's own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bots.drafts import Checkpoint
from bots.errors import LeaseLost, StoreUnavailable
from bots.ports import Lease
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import make_job
from tests.fakes.lease import FakeLease
from tests.fakes.line import FakeLine
from tests.fakes.memory import FakeDoorbell
from tests.fakes.stepped_clock import settle
from workers.lease import WorkerLease

HALF = Checkpoint(markdown="half an answ")


@dataclass
class Hold:
    """A lease, and what others do to it."""

    lease: Lease
    stop: Callable[[], None]
    lose: Callable[[], None]
    go_away: Callable[[], None]  # the store
    saved: Callable[[], Awaitable[Checkpoint | None]]
    slot_is_free: Callable[[], bool]


def fake_hold() -> Hold:
    lease = FakeLease()

    async def saved() -> Checkpoint | None:
        return lease.saved[-1] if lease.saved else None

    def go_away() -> None:
        lease.is_away = True

    return Hold(lease, lease.stop, lease.lose, go_away, saved, lambda: lease.freed == 1)


async def real_hold() -> Hold:
    clock, bell, job = FakeClock(), FakeDoorbell(), make_job("a")
    line = FakeLine(clock)
    await line.configure({job.route[0]: {"main": 1}})
    [grant] = (await line.accept(job)).grants
    await line.accept(make_job("next"))
    assert await line.start(grant)
    lease = WorkerLease(grant, line, bell, clock, until=10.0)

    async def saved() -> Checkpoint | None:
        await line.requeue(grant, "drained")
        clock.advance(line.ring_again)
        again = next(one for one in (await line.sweep()).grants if one.job_id == grant.job_id)
        started = await line.start(again)
        return started.checkpoint if started else None

    def go_away() -> None:
        line.is_away = True

    def lose() -> None:
        line._records[grant.job_id].token += 1
        lease.renewed("lost", 0.0)

    return Hold(lease, lambda: lease.renewed("stop", 20.0), lose, go_away, saved, lambda: bool(bell.rung))


@pytest.fixture(params=["fake", "worker"])
async def hold(request: pytest.FixtureRequest) -> Hold:
    return fake_hold() if request.param == "fake" else await real_hold()


async def test_a_lease_that_is_held_lets_the_worker_write(hold: Hold):
    hold.lease.check()


async def test_a_lease_does_not_end_by_itself(hold: Hold):
    ended = asyncio.ensure_future(hold.lease.ended())
    await settle()

    assert not ended.done()
    ended.cancel()


async def test_stop_ends_the_work_and_still_lets_the_worker_write(hold: Hold):
    hold.stop()

    await hold.lease.ended()
    hold.lease.check()


async def test_stop_reaches_who_waits_for_it(hold: Hold):
    ended = asyncio.ensure_future(hold.lease.ended())
    await settle()

    hold.stop()

    await asyncio.wait_for(ended, 1)


async def test_a_lost_lease_ends_the_work_and_forbids_every_write(hold: Hold):
    hold.lose()

    with pytest.raises(LeaseLost):
        hold.lease.check()
    with pytest.raises(LeaseLost):
        await hold.lease.ended()
    with pytest.raises(LeaseLost):
        await hold.lease.save(HALF)


async def test_what_is_saved_is_there_for_the_next_worker(hold: Hold):
    await hold.lease.save(HALF)

    assert await hold.saved() == HALF


async def test_a_store_that_is_away_saves_nothing_and_says_so(hold: Hold):
    hold.go_away()

    with pytest.raises(StoreUnavailable):
        await hold.lease.save(HALF)


async def test_a_freed_slot_goes_to_the_next_in_line(hold: Hold):
    await hold.lease.free_slot()

    assert hold.slot_is_free()
    hold.lease.check()
