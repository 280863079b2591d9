"""The line's contract where a job may take several lanes or accounts: the same suite on fake and Redis."""

import pytest

from bots.jobs import Job
from bots.line import Grant, StartedJob
from tests.contracts.line_under_test import LIVENESS, Line, short
from tests.fakes.jobs import make_job

FIRST, SECOND, OTHER = "glm-4.6v-flash", "glm-4.1v-thinking-flash", "glm-4.7-flash"


def picture_job(name: str, *, user: str = "ann", spills: bool = True) -> Job:
    return make_job(name, user=user).model_copy(update={"route": (FIRST, SECOND), "spills": spills})


async def submit(line: Line, *names: str, user: str = "ann", spills: bool = True) -> list[Grant]:
    grants: list[Grant] = []
    for name in names:
        grants += (await line.intake.accept(picture_job(name, user=user, spills=spills))).grants
    return grants


async def start(line: Line, grant: Grant) -> StartedJob:
    started = await line.desk.start(grant)
    assert started is not None
    return started


async def served_by(line: Line, grants: list[Grant]) -> list[tuple[str, str]]:
    """Start the granted jobs and tell on which model each runs."""
    started = [await start(line, grant) for grant in grants]
    return [(short(one.job.job_id), one.model) for one in started]


@pytest.fixture
async def lanes(line: Line) -> Line:
    """One slot of the model that is wanted, two of the one that will do."""
    await line.keeper.configure({FIRST: {"main": 1}, SECOND: {"main": 2}})
    return line


async def test_what_the_first_model_has_no_slot_for_goes_to_the_next_of_its_route(lanes: Line):
    grants = await submit(lanes, "a", "b", "c", "d")

    assert await served_by(lanes, grants) == [("a", FIRST), ("b", SECOND), ("c", SECOND)]
    assert await lanes.order() == ["d"]


async def test_without_spill_over_a_job_waits_for_the_first_model(lanes: Line):
    grants = await submit(lanes, "a", "b", spills=False)

    assert await served_by(lanes, grants) == [("a", FIRST)]
    assert await lanes.order() == ["b"]


async def test_whichever_model_is_free_first_takes_the_next_and_takes_it_once(lanes: Line):
    grants = await submit(lanes, "a", "b", "c", "d", "e")
    await served_by(lanes, grants)

    handed_on = list(await lanes.desk.finish(grants[1], "answered"))
    assert await served_by(lanes, handed_on) == [("d", SECOND)]
    handed_on = list(await lanes.desk.finish(grants[0], "answered"))
    assert await served_by(lanes, handed_on) == [("e", FIRST)]
    assert list(await lanes.desk.finish(grants[2], "answered")) == []
    assert await lanes.order() == []


async def test_a_waiting_job_is_told_and_counted_once(lanes: Line):
    await submit(lanes, "a", "b", "c", "d")
    last = await lanes.intake.accept(picture_job("e"))

    assert last.place.position == 2
    assert [(short(one.job_id), one.place.position) for one in await lanes.keeper.waiting()] == [
        ("d", 1),
        ("e", 2),
    ]
    assert sum(lane.waiting for lane in await lanes.keeper.status()) == 2


async def test_a_model_passes_over_what_it_may_not_take(lanes: Line):
    grants = await submit(lanes, "a", "b", "c")
    await served_by(lanes, grants)
    await submit(lanes, "only-first", user="bob", spills=False)
    await submit(lanes, "either", user="cid")

    handed_on = list(await lanes.desk.finish(grants[1], "answered"))

    assert await served_by(lanes, handed_on) == [("either", SECOND)]
    assert await lanes.order() == ["only-first"]


async def test_users_take_turns_over_all_lanes(lanes: Line):
    grants = await submit(lanes, "h1", "h2", "h3", "h4", "h5", "h6", user="heavy")
    await served_by(lanes, grants)
    await submit(lanes, "l1", user="light")

    first = list(await lanes.desk.finish(grants[0], "answered"))
    second = list(await lanes.desk.finish(grants[1], "answered"))

    served = [name for name, _ in await served_by(lanes, first + second)]
    assert "l1" in served


async def test_a_stopped_job_leaves_every_lane(lanes: Line):
    grants = await submit(lanes, "a", "b", "c", "d")
    await served_by(lanes, grants)

    stopped = await lanes.intake.stop(picture_job("d").reply_id)

    assert stopped is not None
    assert stopped.was_waiting
    assert await lanes.order() == []
    assert list(await lanes.desk.finish(grants[1], "answered")) == []


async def test_an_overloaded_models_job_goes_on_at_the_next_model(lanes: Line):
    [grant] = await submit(lanes, "a")
    await start(lanes, grant)

    again = list(await lanes.desk.requeue(grant, "overloaded", pause=60))

    assert await served_by(lanes, again) == [("a", SECOND)]
    assert await lanes.desk.finish(grant, "answered") == ()  # the old hold is worth nothing any more


async def test_a_dead_workers_job_is_resumed_where_a_slot_is_and_the_first_model_is_preferred(lanes: Line):
    grants = await submit(lanes, "a", "b")
    await lanes.desk.renew(())
    await served_by(lanes, grants)
    await lanes.pass_time(LIVENESS * 1.5)

    report = await lanes.keeper.sweep()

    models = sorted([(await lanes.other_desk.start(grant)).model for grant in report.grants])  # type: ignore[union-attr] # granted just now
    assert models == sorted([FIRST, SECOND])
    assert await lanes.desk.start(grants[0]) is None


# -- accounts ------------------------------------------------------------------------------------------------


async def accounts_in_use(line: Line) -> dict[tuple[str, str], int]:
    return {
        (lane.model, slot.account): slot.in_use for lane in await line.keeper.status() for slot in lane.slots
    }


async def test_a_barred_accounts_job_goes_to_another_and_the_barred_one_comes_back_by_itself(line: Line):
    await line.keeper.configure({OTHER: {"dead": 2, "good": 1}})
    [grant] = await line.submit("a")
    started = await start(line, grant)
    assert started.account == "dead"

    assert await line.desk.bar(grant, 0.3, everywhere=True)
    [again] = await line.desk.requeue(grant, "barred")
    assert (await start(line, again)).account == "good"
    assert await line.submit("b") == []

    await line.pass_time(0.4)
    await line.desk.renew([again])
    [late] = (await line.keeper.sweep()).grants
    assert (await start(line, late)).account == "dead"


async def test_a_dead_account_is_left_out_of_every_model(line: Line):
    await line.keeper.configure({OTHER: {"dead": 2, "good": 1}, FIRST: {"dead": 2, "good": 1}})
    [grant] = await line.submit("a")
    await start(line, grant)

    await line.desk.bar(grant, 60, everywhere=True)
    await line.submit("p", "q", model=FIRST)

    assert (await accounts_in_use(line))[FIRST, "dead"] == 0


async def test_an_account_without_money_for_one_model_still_serves_the_others(line: Line):
    await line.keeper.configure({OTHER: {"poor": 2, "good": 1}, FIRST: {"poor": 2, "good": 1}})
    [grant] = await line.submit("a")
    await start(line, grant)

    await line.desk.bar(grant, 60, everywhere=False)
    await line.submit("p", model=FIRST)

    assert (await accounts_in_use(line))[FIRST, "poor"] == 1


async def test_the_last_account_is_never_barred_so_that_everybody_is_told(line: Line):
    [grant] = await line.submit("a", "b")
    await start(line, grant)

    assert not await line.desk.bar(grant, 60, everywhere=True)
    assert [short(one.job_id) for one in await line.desk.finish(grant, "failed")] == ["b"]


async def test_a_job_whose_models_last_account_is_empty_goes_to_its_next_model(lanes: Line):
    [grant] = await submit(lanes, "a")
    await start(lanes, grant)

    assert await lanes.desk.bar(grant, 60, everywhere=False)

    assert await served_by(lanes, list(await lanes.desk.requeue(grant, "barred"))) == [("a", SECOND)]


async def test_repeated_failures_take_an_account_out_and_an_answer_wipes_them_off(line: Line):
    await line.keeper.configure({OTHER: {"bad": 3, "good": 1}})
    [grant] = await line.submit("a")
    for _ in range(2):
        assert (await start(line, grant)).account == "bad"
        [grant] = await line.desk.requeue(grant, "unavailable")
    await line.serve(grant)

    [grant] = await line.submit("b")
    accounts = []
    for _ in range(3):
        accounts.append((await start(line, grant)).account)
        [grant] = await line.desk.requeue(grant, "unavailable")

    assert accounts == ["bad"] * 3
    assert (await start(line, grant)).account == "good"


async def test_a_configuration_gives_a_barred_account_another_chance(line: Line):
    limits = {OTHER: {"dead": 2, "good": 1}}
    await line.keeper.configure(limits)
    [grant] = await line.submit("a")
    await start(line, grant)
    await line.desk.bar(grant, 60, everywhere=True)
    [grant] = await line.desk.requeue(grant, "barred")
    await line.serve(grant)

    await line.keeper.configure(limits)
    [grant] = await line.submit("b")

    assert (await start(line, grant)).account == "dead"
