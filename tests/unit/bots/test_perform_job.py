"""A job is taken to its end: retried, stopped or told."""

import asyncio

import pytest

from bots.drafts import Checkpoint
from bots.errors import (
    ConcurrencyExceeded,
    JobAbandoned,
    KeyRejected,
    LeaseLost,
    MessageNotEditable,
    ModelError,
    ModelOverloaded,
    ModelStreamBroken,
    ModelTimedOut,
    ModelUnavailable,
    OutOfMoney,
    PlatformDenied,
    PlatformUnavailable,
    PromptRefused,
    QuotaExhausted,
    StoreUnavailable,
)
from bots.retrying import Retry
from bots.wording import sentence_for
from tests.fakes.jobs import make_job
from tests.fakes.lease import FakeLease
from tests.fakes.models import DONE, Pause, Silence
from tests.unit.bots.scene import Scene, started

JOB = make_job()


async def test_an_answered_question_is_answered(scene: Scene):
    scene.model.will_say("A majority", Pause(2), " of five is three.", DONE)

    assert await scene.result(started(JOB)) == "answered"
    assert (scene.reply.markdown, scene.reply.outcome) == ("A majority of five is three.", "answered")
    assert scene.reply.is_final
    assert scene.reply.notice == ""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConcurrencyExceeded(), "refused"),
        (ModelOverloaded(), "overloaded"),
        (ModelUnavailable(), "unavailable"),
    ],
)
async def test_a_refusal_before_any_text_is_tried_again_later(scene: Scene, error: ModelError, reason: str):
    scene.model.will_say(error)

    result = await scene.result(started(JOB))

    assert isinstance(result, Retry)
    assert result.reason == reason
    assert result.pause > 0
    assert not scene.reply.is_final


async def test_a_busy_model_is_told_while_the_job_waits(scene: Scene):
    scene.model.will_say(ModelOverloaded())

    await scene.result(started(JOB))

    assert scene.reply.notice.startswith("The model is busy")
    assert scene.reply.outcome is None


@pytest.mark.parametrize("error", [ConcurrencyExceeded(), ModelOverloaded(), ModelUnavailable()])
async def test_the_same_failure_after_text_is_told_beside_it(scene: Scene, error: ModelError):
    scene.model.will_say("Half an ", Pause(2), error)

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.markdown == "Half an "
    assert scene.reply.notice == sentence_for(error, "en")
    assert scene.reply.outcome == "failed"


@pytest.mark.parametrize("error", [ModelOverloaded(), ModelUnavailable()])
async def test_a_model_that_stays_busy_is_told_in_the_end(scene: Scene, error: ModelError):
    scene.model.will_say(error)

    assert await scene.result(started(JOB, refusals=9)) == "failed"
    assert scene.reply.notice == sentence_for(error, "en")


@pytest.mark.parametrize(
    "error", [KeyRejected(), OutOfMoney(), QuotaExhausted(), PromptRefused("answer"), ModelStreamBroken()]
)
async def test_what_no_patience_mends_is_told_at_once(scene: Scene, error: ModelError):
    scene.model.will_say(error)

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.notice == sentence_for(error, "en")


async def test_a_failure_speaks_the_users_language(scene: Scene):
    scene.model.will_say(OutOfMoney("account 4711 has 0.00", code="1113"))

    await scene.result(started(JOB.model_copy(update={"language": "zh"})))

    assert scene.reply.notice == sentence_for(OutOfMoney(), "zh")


async def test_stop_ends_the_answer_where_it_is(scene: Scene):
    scene.model.will_say("One ", Pause(2), "two ", Pause(60), "three", DONE)
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(5.0)
    scene.lease.stop()

    await scene.clock.pass_time(0.5)

    assert task.result() == "stopped"
    assert (scene.reply.markdown, scene.reply.notice) == ("One two ", "Stopped.")
    assert scene.reply.is_final
    assert scene.model.open_streams == 0


async def test_stop_ends_the_answer_while_the_model_says_nothing(scene: Scene):
    scene.model.will_say(Silence())
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(5.0)
    scene.lease.stop()

    await scene.clock.pass_time(0.1)

    assert task.result() == "stopped"
    assert scene.model.open_streams == 0


async def test_stop_before_the_start_asks_no_model(scene: Scene):
    assert await scene.result(started(JOB, stop_requested=True)) == "stopped"
    assert scene.model.prompts == []
    assert scene.reply.outcome == "stopped"


async def test_the_model_does_not_wait_for_a_slow_platform(scene: Scene):
    scene.writer.seconds = 5.0
    scene.model.will_say("All of it.", DONE)
    scene.perform(started(JOB))

    await scene.clock.pass_time(0.0)

    assert len(scene.model.prompts) == 1


async def test_an_answer_that_takes_too_long_is_ended(scene: Scene):
    scene.model.will_say("One ", Silence())

    outcome = await asyncio.wait_for(scene.perform(started(JOB), deadline=0.02), 5)

    assert outcome == "failed"
    assert scene.reply.notice == sentence_for(ModelTimedOut(), "en")
    assert scene.reply.markdown == "One "
    assert scene.model.open_streams == 0


async def test_a_lost_lease_ends_the_work_without_a_word(scene: Scene):
    scene.model.will_say("One ", Silence())
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(2.0)
    seen = list(scene.writer.shown)
    scene.lease.lose()

    await scene.clock.pass_time(5.0)

    with pytest.raises(LeaseLost):
        task.result()
    assert scene.writer.shown == seen
    assert scene.model.open_streams == 0


async def test_an_answer_written_anew_is_not_overwritten_by_the_former(scene: Scene):
    scene.model.will_say("Old ", Pause(2), "and older ", Pause(2), "still.", DONE)
    scene.model.will_say("New", Pause(2), " and newer.", DONE)
    again = JOB.model_copy(update={"job_id": f"{JOB.job_id}~press"})
    former_lease = FakeLease()
    former = scene.perform(started(JOB, token=1), former_lease)
    await scene.clock.pass_time(1.0)

    newer = scene.perform(started(again, token=2))
    await scene.clock.pass_time(0.1)
    former_lease.stop()  # as Regenerate does
    await scene.clock.pass_time(30.0)

    assert newer.result() == "answered"
    with pytest.raises(LeaseLost):
        former.result()
    assert scene.reply.markdown == "New and newer."
    assert scene.writer.texts == ["Old ", "New", "New and newer."]


async def test_a_drained_worker_leaves_the_reply_open(scene: Scene):
    scene.model.will_say("One ", Silence())
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(2.0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not scene.reply.is_final
    assert scene.model.open_streams == 0


async def test_a_job_that_killed_its_workers_is_given_up_with_an_apology(scene: Scene):
    assert await scene.result(started(JOB, attempts=3)) == "failed"
    assert scene.reply.notice == sentence_for(JobAbandoned(), "en")
    assert scene.model.prompts == []


async def test_a_job_whose_answer_is_there_is_ended_even_after_many_deaths(scene: Scene):
    whole = Checkpoint(markdown="The whole answer.", is_complete=True)

    assert await scene.result(started(JOB, attempts=3, checkpoint=whole)) == "answered"
    assert scene.reply.markdown == "The whole answer."


async def test_a_platform_that_refuses_every_word_ends_the_job(scene: Scene):
    scene.model.will_say("All of it.", DONE)
    scene.writer.failures = [PlatformDenied("not_in_channel") for _ in range(9)]

    assert await scene.result(started(JOB)) == "failed"


async def test_stop_ends_the_job_where_the_platform_refuses_every_word(scene: Scene):
    scene.writer.failures = [PlatformDenied("not_in_channel") for _ in range(9)]

    assert await scene.result(started(JOB, stop_requested=True)) == "stopped"


async def test_a_busy_model_is_tried_again_where_the_platform_refuses_every_word(scene: Scene):
    scene.model.will_say(ModelOverloaded())
    scene.writer.failures = [PlatformDenied("not_in_channel") for _ in range(9)]

    assert isinstance(await scene.result(started(JOB)), Retry)


async def test_a_deleted_reply_ends_the_job(scene: Scene):
    scene.model.will_say("All of it.", DONE)
    scene.writer.failures = [MessageNotEditable() for _ in range(9)]

    assert await scene.result(started(JOB)) == "answered"


async def test_an_end_told_late_is_told(scene: Scene):
    scene.model.will_say(KeyRejected())
    scene.writer.failures = [PlatformUnavailable() for _ in range(5)]

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.notice == sentence_for(KeyRejected(), "en")


async def test_a_memory_that_is_away_for_a_moment_is_waited_for(scene: Scene):
    scene.model.will_say("All of it.", DONE)
    scene.transcripts.failures = 3
    scene.ledger.failures = 2

    assert await scene.result(started(JOB)) == "answered"
    assert len(await scene.transcripts.recent(JOB.message.conversation)) == 2
    assert (await scene.spent())["requests"] == 1


async def test_a_memory_that_is_away_until_the_lease_is_lost_ends_the_work(scene: Scene):
    scene.transcripts.is_away = True
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(5.0)
    scene.lease.lose()

    await scene.clock.pass_time(1.0)

    with pytest.raises((LeaseLost, StoreUnavailable)):
        task.result()
    assert scene.model.prompts == []


async def test_a_defect_is_apologised_for(scene: Scene):
    assert await scene.performer().apologise(started(JOB), scene.lease) == "failed"
    assert scene.reply.notice.startswith("Something went wrong on my side")
    assert scene.reply.is_final


async def test_a_job_for_a_platform_that_was_switched_off_is_over(scene: Scene):
    message = JOB.message
    elsewhere = message.conversation.model_copy(update={"platform": "carrier-pigeon"})
    job = JOB.model_copy(update={"message": message.model_copy(update={"conversation": elsewhere})})

    assert await scene.result(started(job)) == "failed"
    assert scene.model.prompts == []
