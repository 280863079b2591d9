"""The worker's heartbeat."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from bots.errors import LeaseLost
from bots.line import Grant, Renewal
from tests.fakes.jobs import make_job
from tests.fakes.line import FakeLine
from tests.fakes.memory import FakeDoorbell
from tests.fakes.models import Silence
from tests.fakes.stepped_clock import SteppedClock
from tests.unit.workers.crew import LEASE_SECONDS, Crew, lease_of
from workers.lease import WorkerLease
from workers.pulse import BEAT_SECONDS, MARGIN_SECONDS, Pulse, PulseParts

JOB = make_job("a")


class SlowLine(FakeLine):
    """A line whose renewals take their time."""

    async def renew(self, grants: Sequence[Grant]) -> Mapping[str, Renewal]:
        await self.clock.sleep(4.0)
        return await super().renew(grants)


async def test_a_job_is_held_as_long_as_the_pulse_beats(crew: Crew):
    worker = await crew.worker()
    crew.model.will_say(Silence())
    [grant] = await crew.submit(JOB)
    worker.runner.take(grant)

    await crew.clock.pass_time(5 * LEASE_SECONDS)

    lease_of(worker).check()


async def test_stop_reaches_the_job_within_a_beat(crew: Crew):
    worker = await crew.worker()
    crew.model.will_say("One ", Silence())
    [grant] = await crew.submit(JOB)
    worker.runner.take(grant)
    await crew.clock.pass_time(5.0)
    await crew.line.stop(JOB.reply_id)

    await crew.clock.pass_time(BEAT_SECONDS + 0.1)

    assert crew.line.outcomes[JOB.job_id] == "stopped"
    assert crew.scene.reply.outcome == "stopped"


async def test_the_lease_is_counted_from_before_the_renewal_was_sent():
    clock = SteppedClock()
    line, bell = SlowLine(clock, lease=LEASE_SECONDS), FakeDoorbell()
    await line.configure({JOB.route[0]: {"main": 1}})
    [grant] = (await line.accept(JOB)).grants
    await line.start(grant)
    lease = WorkerLease(grant, line, bell, clock, until=1.0)
    pulse = Pulse(PulseParts(line, line, bell, clock, LEASE_SECONDS, lambda _count: None))
    pulse.leases[grant] = lease
    beating = asyncio.ensure_future(pulse.beat())
    await clock.pass_time(4.0)
    beating.cancel()

    clock.advance(LEASE_SECONDS - MARGIN_SECONDS - 4.0 - 0.1)
    lease.check()
    clock.advance(0.2)
    with pytest.raises(LeaseLost):
        lease.check()


async def test_a_worker_is_ready_at_its_first_beat_that_gets_through(crew: Crew):
    worker = await crew.worker()
    crew.line.is_away = True
    ready: list[float] = []
    worker.pulse.on_first_beat = lambda: ready.append(crew.clock.monotonic())
    await crew.clock.pass_time(2.9)
    assert ready == []
    crew.line.is_away = False

    await crew.clock.pass_time(3.0)

    assert ready == [3.0]


async def test_a_grant_that_nobody_took_is_rung_again(crew: Crew):
    await crew.worker()
    grants = await crew.submit(JOB)

    await crew.clock.pass_time(crew.line.ring_again + BEAT_SECONDS)

    assert crew.bell.rung == grants


async def test_a_dead_workers_jobs_are_found_counted_and_rung_for(crew: Crew):
    dying, living = await crew.worker("w1"), await crew.worker("w2")
    crew.model.will_say("One ", Silence())
    [grant] = await crew.submit(JOB)
    dying.runner.take(grant)
    await crew.clock.pass_time(1.0)
    await dying.stop_beating()

    await crew.clock.pass_time(crew.line.liveness + 2 * BEAT_SECONDS)

    assert living.resumed == 1
    assert [one.job_id for one in crew.bell.rung] == [JOB.job_id]


async def test_a_worker_that_is_leaving_keeps_its_leases_but_looks_for_no_work(crew: Crew):
    worker = await crew.worker(slots=2)
    crew.model.will_say(Silence())
    [grant] = await crew.submit(JOB)
    worker.runner.take(grant)
    worker.pulse.stop_sweeping()
    await crew.submit(make_job("b"))

    await crew.clock.pass_time(3 * LEASE_SECONDS)

    lease_of(worker).check()
    assert crew.bell.rung == []


async def test_while_redis_is_away_the_lease_runs_out_and_the_job_falls_silent(crew: Crew):
    worker = await crew.worker()
    crew.model.will_say("One ", Silence())
    [grant] = await crew.submit(JOB)
    worker.runner.take(grant)
    await crew.clock.pass_time(1.0)
    crew.line.is_away = True
    seen = list(crew.writer.shown)

    await crew.clock.pass_time(LEASE_SECONDS + 1)

    assert crew.model.open_streams == 0
    assert crew.writer.shown == seen
    assert worker.pulse.leases == {}
