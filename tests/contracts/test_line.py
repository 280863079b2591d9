"""The line's contract, while all goes well: the same suite on the in-memory fake and on real Redis."""

import pytest

from bots.line import Grant
from tests.contracts.line_under_test import GRACE, MODEL, Line, short
from tests.fakes.jobs import make_job


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


async def test_a_stopped_job_in_line_leaves_it(line: Line):
    await line.submit("a", "b")

    stopped = await line.intake.stop(make_job("b").reply_id)

    assert stopped is not None
    assert stopped.was_waiting
    assert await line.order() == []
    assert await line.intake.stop(make_job("b").reply_id) is None


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
