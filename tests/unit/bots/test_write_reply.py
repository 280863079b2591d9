"""A question becomes an answer."""

import pytest

from bots.deltas import Finished, ReasoningDelta
from bots.drafts import Checkpoint
from bots.errors import (
    AttachmentGone,
    AttachmentUnreadable,
    LeaseLost,
    ModelAnsweredNothing,
    PromptRefused,
    PromptTooLong,
)
from bots.messages import Attachment
from bots.ports import TranscriptEntry
from bots.wording import sentence_for
from tests.fakes.jobs import make_job
from tests.fakes.models import DONE, USAGE, Pause
from tests.unit.bots.scene import BROKEN, SPEC, Scene, started

JOB = make_job(text="What is a quorum?")
THREAD = JOB.message.conversation
PHOTO = Attachment(handle="F1", name="fox.png", media_type="image/png")
OLDER_PHOTO = Attachment(handle="F0", name="hen.png", media_type="image/png")
NOTES = Attachment(handle="F2", name="notes.md", media_type="text/markdown")


def with_files(*files: Attachment):
    return JOB.model_copy(update={"message": JOB.message.model_copy(update={"attachments": files})})


async def remember(scene: Scene, question: str, answer: str, *files: Attachment, name: str = "m0") -> None:
    entries = (
        TranscriptEntry(role="user", text=question, attachments=files),
        TranscriptEntry(role="assistant", text=answer),
    )
    await scene.transcripts.remember(THREAD, name, entries)


async def test_the_answer_is_remembered_counted_and_its_slot_freed(scene: Scene):
    scene.model.will_say("A majority.", DONE)

    await scene.result(started(JOB))

    question, answer = await scene.transcripts.recent(THREAD)
    assert (question.role, question.text) == ("user", "What is a quorum?")
    assert (answer.role, answer.text) == ("assistant", "A majority.")
    assert (await scene.spent())["completion"] == USAGE.completion_tokens
    assert scene.lease.freed == 1


async def test_the_slot_is_free_before_the_last_edit_stands(scene: Scene):
    scene.writer.seconds = 5.0
    scene.model.will_say("A majority.", DONE)
    scene.perform(started(JOB))

    await scene.clock.pass_time(0.0)

    assert scene.lease.freed == 1
    assert scene.model.open_streams == 0


async def test_the_worker_waits_until_the_upstream_knows_that_the_slot_is_free(scene: Scene):
    scene.model.will_say("A majority.", DONE)
    scene.perform(started(JOB, wait=3.0))
    await scene.clock.pass_time(2.9)
    assert scene.model.prompts == []

    await scene.clock.pass_time(0.2)
    assert len(scene.model.prompts) == 1


async def test_an_answer_that_is_complete_is_not_paid_for_again(scene: Scene):
    whole = Checkpoint(markdown="A majority.", is_complete=True, model=SPEC.name)

    assert await scene.result(started(JOB, token=2, checkpoint=whole)) == "answered"

    assert scene.model.prompts == []
    assert (scene.reply.markdown, scene.reply.is_final) == ("A majority.", True)
    assert [entry.text for entry in await scene.transcripts.recent(THREAD)][1] == "A majority."


async def test_a_worker_that_dies_before_the_last_edit_leaves_a_complete_answer(scene: Scene):
    scene.model.will_say("A majority.", DONE)
    scene.perform(started(JOB))
    await scene.clock.pass_time(5.0)

    assert scene.lease.saved[-1].is_complete
    assert scene.lease.saved[-1].markdown == "A majority."


async def test_what_the_filter_stops_is_withdrawn(scene: Scene):
    scene.model.will_say("What nobody ", Pause(2), "should read", Finished("sensitive", USAGE))

    assert await scene.result(started(JOB)) == "refused"

    assert (scene.reply.markdown, scene.reply.reasoning) == ("", "")
    assert scene.reply.notice == sentence_for(PromptRefused(), "en")
    assert await scene.transcripts.recent(THREAD) == ()
    assert (await scene.spent())["requests"] == 1


async def test_what_a_dead_worker_left_is_withdrawn_too(scene: Scene):
    left = Checkpoint(markdown="What nobody should read at all")
    scene.model.will_say("What", Finished("sensitive"))

    assert await scene.result(started(JOB, token=2, checkpoint=left)) == "refused"
    assert scene.reply.markdown == ""


async def test_an_answer_at_its_length_limit_says_so(scene: Scene):
    scene.model.will_say("A majority", Finished("length", USAGE))

    assert await scene.result(started(JOB)) == "answered"
    assert (scene.reply.markdown, scene.reply.notice) == (
        "A majority",
        "The answer reached its length limit.",
    )


@pytest.mark.parametrize(
    "steps", [(DONE,), (ReasoningDelta("Hm."), DONE), (ReasoningDelta("Hm."), Finished("length"))]
)
async def test_an_empty_answer_is_told(scene: Scene, steps: tuple[Finished, ...]):
    scene.model.will_say(*steps)

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.notice == sentence_for(ModelAnsweredNothing(), "en")
    assert await scene.transcripts.recent(THREAD) == ()


async def test_the_thread_goes_with_the_question(scene: Scene):
    await remember(scene, "Who are you?", "Glimmer.")
    scene.model.will_say("A majority.", DONE)

    await scene.result(started(JOB))

    [prompt] = scene.model.prompts
    assert [turn.text for turn in prompt.turns[1:]] == ["Who are you?", "Glimmer.", "What is a quorum?"]


async def test_an_answer_written_anew_does_not_know_the_former(scene: Scene):
    scene.model.will_say("First.", DONE)
    await scene.result(started(JOB))
    again = JOB.model_copy(update={"job_id": f"{JOB.job_id}~press"})
    scene.model.will_say("Second.", DONE)

    await scene.result(started(again, token=2))

    assert [turn.text for turn in scene.model.prompts[1].turns[1:]] == ["What is a quorum?"]
    assert [entry.text for entry in await scene.transcripts.recent(THREAD)][1] == "Second."


@pytest.mark.parametrize("error", [PromptTooLong(code="1261"), PromptRefused("history", code="1301")])
async def test_a_history_that_is_refused_is_left_away(scene: Scene, error: PromptTooLong | PromptRefused):
    await remember(scene, "Who are you?", "Glimmer.")
    scene.model.will_say(error)
    scene.model.will_say("A majority.", DONE)

    assert await scene.result(started(JOB)) == "answered"

    assert [turn.text for turn in scene.model.prompts[1].turns[1:]] == ["What is a quorum?"]
    assert scene.reply.markdown == "A majority."


@pytest.mark.parametrize("error", [PromptTooLong(code="1261"), PromptRefused("history", code="1301")])
async def test_without_a_history_the_refusal_is_told(scene: Scene, error: PromptTooLong | PromptRefused):
    scene.model.will_say(error)

    assert await scene.result(started(JOB)) == "failed"
    assert len(scene.model.prompts) == 1
    assert scene.reply.notice == sentence_for(error, "en")


async def test_a_question_that_is_refused_is_not_asked_again(scene: Scene):
    await remember(scene, "Who are you?", "Glimmer.")
    scene.model.will_say(PromptRefused("user", code="1301"))

    assert await scene.result(started(JOB)) == "failed"
    assert len(scene.model.prompts) == 1


async def test_a_picture_is_shown_to_the_model(scene: Scene):
    scene.shelf.files["F1"] = b"fox"
    scene.model.will_say("A fox.", DONE)

    await scene.result(started(with_files(PHOTO)))

    assert [picture.data for picture in scene.model.prompts[0].turns[-1].pictures] == [b"fox"]
    assert (await scene.transcripts.recent(THREAD))[0].attachments == (PHOTO,)


async def test_a_text_file_is_read_to_the_model(scene: Scene):
    scene.shelf.files["F2"] = b"The password is heron."
    scene.model.will_say("Heron.", DONE)

    await scene.result(started(with_files(NOTES)))

    asked = scene.model.prompts[0].turns[-1].text
    assert asked.startswith("What is a quorum?")
    assert "File notes.md:" in asked
    assert "The password is heron." in asked


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (AttachmentGone(name="fox.png"), AttachmentGone(name="fox.png")),
        (BROKEN, AttachmentUnreadable(name="fox.png")),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_and_no_model_is_asked(
    scene: Scene, content: bytes | AttachmentGone, error: AttachmentGone
):
    scene.shelf.files["F1"] = content

    assert await scene.result(started(with_files(PHOTO))) == "failed"
    assert scene.model.prompts == []
    assert scene.reply.notice == sentence_for(error, "en")


async def test_an_earlier_picture_of_the_thread_is_shown_again(scene: Scene):
    await remember(scene, "What is this?", "A fox.", PHOTO)
    scene.shelf.files["F1"] = b"fox"
    scene.model.will_say("Red.", DONE)

    await scene.result(started(JOB))

    assert [picture.data for picture in scene.model.prompts[0].turns[1].pictures] == [b"fox"]


async def test_an_earlier_picture_that_is_gone_is_done_without(scene: Scene):
    await remember(scene, "What is this?", "A fox.", PHOTO)
    scene.shelf.files["F1"] = AttachmentGone(name="fox.png")
    scene.model.will_say("Red.", DONE)

    assert await scene.result(started(JOB)) == "answered"
    assert scene.model.prompts[0].turns[1].pictures == ()


async def test_no_more_earlier_pictures_are_fetched_than_the_model_may_see(scene: Scene):
    scene.catalog.known = SPEC.model_copy(update={"max_images": 1})
    await remember(scene, "And this?", "A hen.", OLDER_PHOTO, name="m0")
    await remember(scene, "What is this?", "A fox.", PHOTO, name="m1")
    scene.shelf.files.update(F0=b"hen", F1=b"fox")
    scene.model.will_say("Red.", DONE)

    await scene.result(started(JOB))

    assert scene.shelf.fetched == ["F1"]


async def test_a_model_without_eyes_is_spared_the_pictures(scene: Scene):
    scene.catalog.known = SPEC.model_copy(update={"max_images": 0})
    await remember(scene, "What is this?", "A fox.", PHOTO)
    scene.model.will_say("Red.", DONE)

    await scene.result(started(JOB))

    assert scene.shelf.fetched == []


async def test_a_worker_that_lost_its_job_counts_and_remembers_nothing(scene: Scene):
    scene.model.will_say("A major", Pause(5), "ity.", DONE)
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(1.0)
    scene.lease.lose()
    await scene.clock.pass_time(9.0)

    with pytest.raises(LeaseLost):
        task.result()
    assert await scene.transcripts.recent(THREAD) == ()
    assert await scene.spent() == {}
