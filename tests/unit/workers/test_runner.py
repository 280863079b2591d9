"""Granted jobs are taken and seen to their end."""

from bots.errors import ConcurrencyExceeded, ModelOverloaded
from tests.fakes.jobs import make_job
from tests.fakes.models import DONE, Pause, Silence
from tests.unit.workers.crew import Crew

A, B = make_job("a"), make_job("b", thread="t2")


async def test_a_job_is_answered_and_the_next_follows_without_the_bell(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A, B)
    crew.model.will_say("First.", DONE)
    crew.model.will_say("Second.", DONE)

    worker.runner.take(grant)
    await crew.clock.pass_time(5.0)

    assert crew.line.outcomes == {A.job_id: "answered", B.job_id: "answered"}
    assert crew.bell.rung == []
    assert worker.pulse.leases == {}


async def test_the_next_begins_while_the_last_edit_of_the_former_is_under_way(crew: Crew):
    crew.writer.seconds = 5.0
    worker = await crew.worker()
    [grant] = await crew.submit(A, B)
    crew.model.will_say("First.", DONE)
    crew.model.will_say("Second.", Silence())

    worker.runner.take(grant)
    await crew.clock.pass_time(0.1)

    assert len(crew.model.prompts) == 2
    assert crew.line.outcomes == {}


async def test_a_job_rung_for_twice_is_done_once(crew: Crew):
    first, second = await crew.worker("w1"), await crew.worker("w2")
    [grant] = await crew.submit(A)
    crew.model.will_say("First.", DONE)

    for worker in (first, second, first):
        worker.runner.take(grant)
    await crew.clock.pass_time(5.0)

    assert len(crew.model.prompts) == 1
    assert crew.line.outcomes == {A.job_id: "answered"}


async def test_a_defect_ends_in_an_apology_and_frees_the_slot(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A)

    worker.runner.take(grant)  # the model has no script: it fails as a programmer's mistake does
    await crew.clock.pass_time(5.0)

    assert crew.line.outcomes == {A.job_id: "failed"}
    assert crew.scene.reply.notice.startswith("Something went wrong on my side")
    [lane] = await crew.line.status()
    assert lane.slots[0].in_use == 0


async def test_a_worker_that_leaves_hands_its_jobs_to_another(crew: Crew):
    leaving, staying = await crew.worker("w1"), await crew.worker("w2")
    [grant] = await crew.submit(A)
    crew.model.will_say("Half an answ", Silence())
    crew.model.will_say("Half an answer, and the rest.", DONE)
    leaving.runner.take(grant)
    await crew.clock.pass_time(3.0)

    await leaving.runner.drain()
    [again] = crew.bell.rung
    staying.runner.take(again)
    await crew.clock.pass_time(5.0)

    assert crew.line.outcomes == {A.job_id: "answered"}
    assert crew.writer.texts == ["Half an answ", "Half an answer, and the rest."]
    assert len(crew.writer.replies) == 1
    assert crew.model.open_streams == 0


async def test_a_worker_that_is_leaving_takes_nothing(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A)

    await worker.runner.drain()

    assert not worker.runner.take(grant)
    assert crew.model.prompts == []


async def test_a_busy_model_holds_the_line_and_the_job_stays_at_its_head(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A, B)
    crew.model.will_say(ModelOverloaded())

    worker.runner.take(grant)
    await crew.clock.pass_time(0.4)

    assert [job.job_id for job in await crew.line.waiting()] == [A.job_id, B.job_id]
    [lane] = await crew.line.status()
    assert lane.paused_for > 0


async def test_a_full_account_lets_the_job_try_again_behind_whoever_fills_it(crew: Crew):
    worker = await crew.worker(slots=2)
    grants = await crew.submit(A, B)
    crew.model.will_say("First", Pause(5), ".", DONE)
    crew.model.will_say(ConcurrencyExceeded())
    crew.model.will_say("Second.", DONE)

    for grant in grants:
        worker.runner.take(grant)
    await crew.clock.pass_time(1.0)
    [lane] = await crew.line.status()
    assert lane.slots[0].effective_limit == 1

    await crew.clock.pass_time(20.0)

    assert crew.line.outcomes == {A.job_id: "answered", B.job_id: "answered"}


async def test_a_worker_that_lost_its_job_does_not_end_it(crew: Crew):
    silent, other = await crew.worker("w1"), await crew.worker("w2")
    [grant] = await crew.submit(A)
    crew.model.will_say("Half an answ", Pause(30), "er by the first.", DONE)
    crew.model.will_say("Half an answer by the second.", DONE)
    silent.runner.take(grant)
    await crew.clock.pass_time(1.0)
    await silent.stop_beating()

    await crew.clock.pass_time(6.0)
    [again] = crew.bell.rung
    other.runner.take(again)
    await crew.clock.pass_time(60.0)

    assert crew.line.outcomes == {A.job_id: "answered"}
    assert crew.writer.texts == ["Half an answ", "Half an answer by the second."]


async def test_an_answer_asked_for_anew_ends_the_former_and_frees_its_slot(crew: Crew):
    worker = await crew.worker(slots=2)
    [grant] = await crew.submit(A)
    crew.model.will_say("Old", Silence())
    crew.model.will_say("New.", DONE)
    worker.runner.take(grant)
    await crew.clock.pass_time(3.0)

    await crew.line.stop(A.reply_id)
    again = A.model_copy(update={"job_id": f"{A.job_id}~p1"})
    [newer] = await crew.submit(again)
    worker.runner.take(newer)
    await crew.clock.pass_time(10.0)

    assert crew.line.outcomes == {A.job_id: "stopped", again.job_id: "answered"}
    assert crew.scene.reply.markdown == "New."
    [lane] = await crew.line.status()
    assert lane.slots[0].in_use == 0


async def test_an_end_that_redis_could_not_hear_is_told_again(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A)
    crew.model.will_say("All of it.", Pause(2), DONE)
    worker.runner.take(grant)
    await crew.clock.pass_time(1.0)
    crew.line.is_away = True
    await crew.clock.pass_time(5.0)
    assert crew.line.outcomes == {}
    crew.line.is_away = False

    await crew.clock.pass_time(2.0)

    assert crew.line.outcomes == {A.job_id: "answered"}
    assert len(crew.model.prompts) == 1


async def test_a_job_that_redis_did_not_give_is_left_to_the_sweeper(crew: Crew):
    worker = await crew.worker()
    [grant] = await crew.submit(A)
    crew.line.is_away = True
    worker.runner.take(grant)
    await crew.clock.pass_time(1.0)
    assert crew.model.prompts == []
    crew.line.is_away = False

    await crew.clock.pass_time(crew.line.ring_again)

    assert crew.bell.rung == [grant]
