"""A worker's hold on one job."""

import asyncio

import pytest

from bots.errors import LeaseLost
from bots.line import Grant
from tests.fakes.jobs import make_job
from tests.fakes.line import FakeLine
from tests.fakes.memory import FakeDoorbell
from tests.fakes.stepped_clock import SteppedClock, settle
from workers.lease import WorkerLease

UNTIL = 14.0  # seconds


class Held:
    """A lease with everything around it."""

    def __init__(self) -> None:
        self.clock, self.bell = SteppedClock(), FakeDoorbell()
        self.line = FakeLine(self.clock)
        self.lease = WorkerLease(Grant("nobody", 0), self.line, self.bell, self.clock, until=UNTIL)

    async def start(self) -> None:
        job = make_job("a")
        await self.line.configure({job.route[0]: {"main": 1}})
        [grant] = (await self.line.accept(job)).grants
        await self.line.accept(make_job("b"))
        await self.line.start(grant)
        self.lease = WorkerLease(grant, self.line, self.bell, self.clock, until=UNTIL)


@pytest.fixture
async def held() -> Held:
    made = Held()
    await made.start()
    return made


async def test_a_lease_that_nobody_renewed_ends_by_the_clock_alone(held: Held):
    held.clock.advance(UNTIL - 0.1)
    held.lease.check()
    held.clock.advance(0.1)

    with pytest.raises(LeaseLost):
        held.lease.check()


async def test_a_renewal_prolongs_it(held: Held):
    held.clock.advance(UNTIL - 1)
    held.lease.renewed("held", 2 * UNTIL)
    held.clock.advance(5)

    held.lease.check()


async def test_a_renewal_that_finds_another_worker_ends_it_at_once(held: Held):
    held.lease.renewed("lost", 2 * UNTIL)

    with pytest.raises(LeaseLost):
        held.lease.check()


async def test_an_expiry_wakes_a_job_that_waits_for_its_model(held: Held):
    ended = asyncio.ensure_future(held.lease.ended())
    held.clock.advance(UNTIL - 1)
    held.lease.expire_if_due()
    await settle()
    assert not ended.done()

    held.clock.advance(1)
    held.lease.expire_if_due()

    with pytest.raises(LeaseLost):
        await asyncio.wait_for(ended, 1)


async def test_a_lease_renewed_just_in_time_lets_the_job_go_on(held: Held):
    ended = asyncio.ensure_future(held.lease.ended())
    held.clock.advance(UNTIL)
    held.lease.expire_if_due()
    held.lease.renewed("held", 2 * UNTIL)
    await settle()
    assert not ended.done()

    held.lease.renewed("stop", 2 * UNTIL)

    await asyncio.wait_for(ended, 1)


async def test_stop_still_lets_the_worker_write_the_end(held: Held):
    held.lease.renewed("stop", UNTIL)

    await held.lease.ended()
    held.lease.check()


async def test_renewals_may_come_from_another_thread(held: Held):
    ended = asyncio.ensure_future(held.lease.ended())
    await settle()

    await asyncio.to_thread(held.lease.renewed, "stop", UNTIL)

    await asyncio.wait_for(ended, 1)


async def test_a_slot_that_cannot_be_freed_now_is_freed_when_the_store_is_back(held: Held):
    held.line.is_away = True
    freeing = asyncio.ensure_future(held.lease.free_slot())
    await held.clock.pass_time(2.0)
    assert not freeing.done()
    held.line.is_away = False

    await held.clock.pass_time(1.0)

    await freeing
    assert [grant.job_id for grant in held.bell.rung] == [make_job("b").job_id]


async def test_a_store_that_stays_away_costs_the_lease(held: Held):
    held.line.is_away = True
    freeing = asyncio.ensure_future(held.lease.free_slot())

    await held.clock.pass_time(UNTIL + 1)

    with pytest.raises(LeaseLost):
        await freeing
