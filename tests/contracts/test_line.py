"""The line's contract: the same suite on the in-memory fake and on real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import pytest

from adapters.redis.connection import open_redis
from adapters.redis.line import RedisDesk, RedisIntake, RedisKeeper
from adapters.redis.scripts import LineScripts
from adapters.redis.settings import LineSettings, RedisSettings
from bots.drafts import Checkpoint
from bots.errors import LeaseLost
from bots.line import Grant, JobDesk, JobIntake, LineKeeper
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import make_job
from tests.fakes.line import FakeLine

MODEL = "glm-4.7-flash"
LEASE, LIVENESS, RING_AGAIN, PROBE, GRACE = 0.6, 0.3, 0.2, 0.3, 0.1  # seconds; a real Redis has to live them


class Keeper(LineKeeper, Protocol):
    async def configure(self, limits: dict[str, dict[str, int]]) -> None: ...


@dataclass
class Line:
    """One implementation, with a way to let time pass."""

    intake: JobIntake
    desk: JobDesk
    other_desk: JobDesk
    keeper: Keeper
    pass_time: Callable[[float], Awaitable[None]]

    async def submit(self, *names: str, user: str = "ann", model: str = MODEL) -> list[Grant]:
        """Put jobs in line and collect what is granted."""
        grants: list[Grant] = []
        for name in names:
            grants += (await self.intake.accept(make_job(name, user=user, model=model))).grants
        return grants

    async def limit(self, slots: int) -> None:
        """Give the one account so many slots."""
        await self.keeper.configure({MODEL: {"main": slots}})

    async def order(self) -> list[str]:
        """Tell who is served next, by the jobs' short names."""
        return [short(job.job_id) for job in await self.keeper.waiting()]

    async def serve(self, grant: Grant) -> list[Grant]:
        """Start a granted job and end it."""
        assert await self.desk.start(grant) is not None
        return list(await self.desk.finish(grant, "answered"))


def short(job_id: str) -> str:
    return job_id.rpartition(":")[2]


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    if request.param == "fake":
        clock = FakeClock()
        fake = FakeLine(
            clock,
            lease=LEASE,
            liveness=LIVENESS,
            ring_again=RING_AGAIN,
            probe=PROBE,
            grace=GRACE,
            max_attempts=1,
        )
        await fake.configure({MODEL: {"main": 1}})

        async def pass_time(seconds: float) -> None:
            clock.advance(seconds)

        yield Line(fake, fake, fake.as_worker("w2"), fake, pass_time)
        return
    settings = LineSettings(
        lease_seconds=LEASE,
        liveness_seconds=LIVENESS,
        ring_again_seconds=RING_AGAIN,
        probe_seconds=PROBE,
        outage_grace_seconds=0,
        max_attempts=1,
    )
    async with open_redis(RedisSettings(url=request.getfixturevalue("redis_url"))) as redis:
        scripts = LineScripts(redis, settings, slot_grace=GRACE)
        await scripts.load()
        keeper = RedisKeeper(scripts)
        await keeper.configure({MODEL: {"main": 1}})
        yield Line(
            RedisIntake(scripts), RedisDesk(scripts, "w1"), RedisDesk(scripts, "w2"), keeper, asyncio.sleep
        )


async def test_a_free_slot_is_granted_at_once(line: Line):
    acceptance = await line.intake.accept(make_job("a"))

    assert acceptance.is_new
    assert [short(grant.job_id) for grant in acceptance.grants] == ["a"]
    assert acceptance.place.position == 0


async def test_an_action_delivered_again_is_not_accepted_again(line: Line):
    await line.submit("a")

    again = await line.intake.accept(make_job("a"))

    assert not again.is_new
    assert again.grants == ()
    assert await line.order() == []


async def test_an_action_delivered_again_after_its_end_is_not_accepted_again(line: Line):
    [grant] = await line.submit("a")
    await line.serve(grant)

    assert not (await line.intake.accept(make_job("a"))).is_new


async def test_no_more_is_granted_than_the_limit(line: Line):
    await line.limit(3)

    assert len(await line.submit("a", "b", "c", "d", "e")) == 3
    assert await line.order() == ["d", "e"]


async def test_users_take_turns(line: Line):
    await line.submit("now", user="zoe")
    await line.submit("a1", "a2", "a3", user="ann")
    await line.submit("b1", user="bob")
    await line.submit("c1", "c2", user="cid")

    assert await line.order() == ["a1", "b1", "c1", "a2", "c2", "a3"]


async def test_the_place_told_at_the_door_is_the_place_in_line(line: Line):
    await line.submit("now", user="zoe")
    await line.submit("a1", "a2", "a3", user="ann")

    bob = await line.intake.accept(make_job("b1", user="bob"))
    bob_again = await line.intake.accept(make_job("b2", user="bob"))

    assert (bob.place.position, bob_again.place.position) == (2, 4)
    assert await line.order() == ["a1", "b1", "a2", "b2", "a3"]


async def test_whoever_ends_hands_the_slot_to_the_next(line: Line):
    [first] = await line.submit("a", "b")

    [second] = await line.serve(first)

    assert short(second.job_id) == "b"
    assert second.token > first.token


async def test_a_slot_can_be_handed_on_before_the_job_ends(line: Line):
    [first] = await line.submit("a", "b")
    await line.desk.start(first)

    [second] = await line.desk.free_slot(first)

    assert short(second.job_id) == "b"
    assert await line.desk.finish(first, "answered") == ()  # it had no slot left to hand on
    [status] = await line.keeper.status()
    assert status.slots[0].in_use == 1


async def test_a_slot_freed_just_now_is_not_used_before_the_upstream_has_noticed(line: Line):
    [first] = await line.submit("a", "b")

    [second] = await line.serve(first)
    started = await line.desk.start(second)

    assert started is not None
    assert 0 < started.wait <= GRACE


async def test_a_slot_that_was_never_used_is_ready_at_once(line: Line):
    [grant] = await line.submit("a")

    started = await line.desk.start(grant)

    assert started is not None
    assert started.wait == 0


async def test_a_job_is_started_once_however_often_the_bell_rings(line: Line):
    [grant] = await line.submit("a")

    assert await line.desk.start(grant) is not None
    assert await line.other_desk.start(grant) is None


async def test_an_old_token_starts_nothing(line: Line):
    [grant] = await line.submit("a")

    assert await line.desk.start(Grant(grant.job_id, grant.token - 1)) is None


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


async def test_a_stopped_job_in_line_leaves_it(line: Line):
    await line.submit("a", "b")

    stopped = await line.intake.stop(make_job("b").reply_id)

    assert stopped is not None
    assert stopped.was_waiting
    assert await line.order() == []
    assert await line.intake.stop(make_job("b").reply_id) is None


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


async def test_a_reply_knows_its_newest_job(line: Line):
    job = make_job("a")
    [grant] = await line.submit("a")
    await line.serve(grant)
    again = job.model_copy(update={"job_id": f"{job.job_id}~1"})
    await line.intake.accept(again)

    assert await line.intake.find(job.reply_id) == again
    assert await line.intake.find("nobody") is None


async def test_several_accounts_share_the_load(line: Line):
    await line.keeper.configure({MODEL: {"main": 1, "spare": 2}})

    grants = await line.submit("a", "b", "c", "d")
    accounts = [started.account for grant in grants if (started := await line.desk.start(grant))]

    assert sorted(accounts) == ["main", "spare", "spare"]


async def test_a_waiting_reply_can_be_shown_and_a_started_one_not(line: Line):
    await line.submit("a", "b")
    ids = [make_job("a").job_id, make_job("b").job_id, "nobody"]

    replies = await line.keeper.replies(ids)

    assert [short(reply.job.job_id) for reply in replies] == ["b"]
    assert replies[0].token > 0


async def test_the_wait_is_estimated_from_how_long_slots_were_held(line: Line):
    [grant] = await line.submit("a", "b", "c")
    await line.desk.start(grant)
    await line.pass_time(0.2)
    await line.desk.finish(grant, "answered")

    [waiting] = await line.keeper.waiting()

    assert waiting.place.seconds == pytest.approx(0.2, abs=0.1)
