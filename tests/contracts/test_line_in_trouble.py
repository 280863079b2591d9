"""The line's contract, when workers die or models refuse: the same suite on fake and Redis."""

import pytest

from bots.drafts import Checkpoint
from bots.errors import LeaseLost
from tests.contracts.line_under_test import LEASE, LIVENESS, MODEL, PROBE, RING_AGAIN, Line, short
from tests.fakes.jobs import make_job


async def test_a_grant_that_nobody_started_is_rung_again(line: Line):
    grants = await line.submit("a")
    assert (await line.keeper.sweep()).grants == ()

    await line.pass_time(RING_AGAIN * 1.5)

    assert list((await line.keeper.sweep()).grants) == grants


async def test_a_silent_workers_job_goes_to_the_head_of_the_line_with_its_checkpoint(line: Line):
    [grant] = await line.submit("a", "b")
    await line.desk.renew(())
    await line.desk.start(grant)
    await line.desk.save(grant, Checkpoint(markdown="half an answ"))

    await line.pass_time(LIVENESS * 1.5)
    report = await line.keeper.sweep()

    assert [short(job_id) for job_id in report.resumed] == ["a"]
    [again] = report.grants
    started = await line.other_desk.start(again)
    assert started is not None
    assert started.checkpoint.markdown == "half an answ"
    assert started.attempts == 1
    assert await line.order() == ["b"]


async def test_a_worker_that_renews_keeps_its_job(line: Line):
    [grant] = await line.submit("a")
    await line.desk.renew(())
    await line.desk.start(grant)

    for _ in range(4):
        await line.pass_time(LIVENESS * 0.6)
        assert await line.desk.renew([grant]) == {grant.job_id: "held"}
        assert (await line.keeper.sweep()).resumed == ()


async def test_a_job_whose_lease_lapsed_is_lost_to_its_first_worker(line: Line):
    [grant] = await line.submit("a")
    await line.desk.start(grant)
    await line.pass_time(LEASE * 1.5)
    await line.keeper.sweep()

    assert await line.desk.renew([grant]) == {grant.job_id: "lost"}
    with pytest.raises(LeaseLost):
        await line.desk.save(grant, Checkpoint(markdown="too late"))
    assert await line.desk.finish(grant, "answered") == ()
    [status] = await line.keeper.status()
    assert status.slots[0].in_use == 1  # the second worker's


async def test_a_job_that_kills_its_workers_is_given_up_after_one_try_to_say_sorry(line: Line):
    [grant] = await line.submit("a")
    for _ in range(2):
        await line.desk.start(grant)
        await line.pass_time(LEASE * 1.5)
        [grant] = (await line.keeper.sweep()).grants
    await line.desk.start(grant)
    await line.pass_time(LEASE * 1.5)

    report = await line.keeper.sweep()

    assert [short(job_id) for job_id in report.abandoned] == ["a"]
    assert report.grants == ()


async def test_a_drained_job_goes_first_and_counts_no_attempt(line: Line):
    [grant] = await line.submit("a", "b")
    await line.desk.start(grant)

    [again] = await line.desk.requeue(grant, "drained")
    started = await line.other_desk.start(again)

    assert started is not None
    assert short(started.job.job_id) == "a"
    assert (started.attempts, started.refusals) == (0, 0)


async def test_a_refusal_lowers_the_limit_to_what_was_in_flight_and_quiet_raises_it(line: Line):
    await line.limit(4)
    grants = await line.submit("a", "b", "c", "d")
    for grant in grants:
        await line.desk.start(grant)

    assert await line.desk.requeue(grants[3], "refused", pause=60) == ()

    [status] = await line.keeper.status()
    assert (status.slots[0].in_use, status.slots[0].effective_limit) == (3, 3)
    await line.pass_time(PROBE * 1.5)
    report = await line.keeper.sweep()
    assert "d" in [short(grant.job_id) for grant in report.grants]


async def test_a_refusal_with_nobody_else_in_flight_pauses_the_lane(line: Line):
    [grant] = await line.submit("a")
    await line.desk.start(grant)

    assert await line.desk.requeue(grant, "refused", pause=0.2) == ()

    assert (await line.keeper.sweep()).grants == ()
    await line.pass_time(0.3)
    assert len((await line.keeper.sweep()).grants) == 1


async def test_an_overloaded_model_holds_its_whole_lane_but_no_other(line: Line):
    await line.keeper.configure({MODEL: {"main": 2}, "cogview-3-flash": {"main": 1}})
    [grant] = await line.submit("a")
    await line.desk.start(grant)
    await line.desk.requeue(grant, "overloaded", pause=0.3)

    assert await line.submit("b") == []
    [painted] = await line.submit("p", model="cogview-3-flash")
    await line.serve(painted)
    await line.pass_time(0.45)
    assert [short(one.job_id) for one in (await line.keeper.sweep()).grants] == ["a", "b"]


async def test_stop_reaches_a_running_job_with_its_next_renewal(line: Line):
    [grant] = await line.submit("a")
    await line.desk.start(grant)

    stopped = await line.intake.stop(make_job("a").reply_id)

    assert stopped is not None
    assert not stopped.was_waiting
    assert await line.desk.renew([grant]) == {grant.job_id: "stop"}


async def test_stop_reaches_a_job_that_was_granted_but_not_started(line: Line):
    [grant] = await line.submit("a")
    await line.intake.stop(make_job("a").reply_id)

    started = await line.desk.start(grant)

    assert started is not None
    assert started.stop_requested
