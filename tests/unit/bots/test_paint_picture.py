"""A described picture is painted and shown."""

import pytest

from bots.drafts import Checkpoint, ShownPicture
from bots.errors import (
    ConcurrencyExceeded,
    ModelError,
    ModelOverloaded,
    OutOfMoney,
    PlatformDenied,
    PromptRefused,
)
from bots.jobs import ImagineJob
from bots.retrying import Retry
from bots.wording import sentence_for
from tests.fakes.jobs import LONG_AGO, make_message
from tests.unit.bots.scene import Scene, started

MESSAGE = make_message(text="/imagine a red fox --size 1344x768")
JOB = ImagineJob(
    job_id=MESSAGE.action_id,
    reply_id=MESSAGE.action_id,
    message=MESSAGE,
    route=("cogview-3-flash",),
    language="en",
    created_at=LONG_AGO,
    prompt="a red fox",
    size="1344x768",
)
SHOWN = ShownPicture(handle=f"picture/{JOB.job_id}", alt="a red fox", width=1024, height=1024)


async def test_a_picture_is_painted_and_shown_with_what_was_asked_as_its_text(scene: Scene):
    scene.painter.will_paint(seconds=8.0)

    assert await scene.result(started(JOB)) == "answered"

    [prompt] = scene.painter.prompts
    assert (prompt.text, prompt.size, prompt.account) == ("a red fox", "1344x768", "main")
    assert scene.reply.pictures == (SHOWN,)
    assert scene.reply.is_final


async def test_the_reply_is_open_while_the_model_paints(scene: Scene):
    scene.painter.will_paint(seconds=8.0)
    scene.perform(started(JOB))

    await scene.clock.pass_time(1.0)

    assert scene.reply.place is not None
    assert scene.reply.buttons == ("stop",)


async def test_the_picture_is_counted_and_the_slot_freed(scene: Scene):
    scene.painter.will_paint()

    await scene.result(started(JOB))

    assert await scene.spent() == {"requests": 1, "pictures": 1}
    assert scene.lease.freed == 1


async def test_a_later_question_knows_that_a_picture_was_painted(scene: Scene):
    scene.painter.will_paint()

    await scene.result(started(JOB))

    question, answer = await scene.transcripts.recent(JOB.message.conversation)
    assert question.text == "/imagine a red fox --size 1344x768"
    assert "a red fox" in answer.text


async def test_a_painted_picture_is_not_paid_for_again(scene: Scene):
    done = Checkpoint(pictures=(SHOWN,), is_complete=True)

    assert await scene.result(started(JOB, token=2, checkpoint=done)) == "answered"
    assert scene.painter.prompts == []
    assert scene.reply.pictures == (SHOWN,)


async def test_a_worker_that_dies_before_the_last_edit_leaves_the_picture(scene: Scene):
    scene.painter.will_paint()

    await scene.result(started(JOB))

    assert scene.lease.saved[-1].is_complete
    assert scene.lease.saved[-1].pictures == (SHOWN,)


@pytest.mark.parametrize("error", [ConcurrencyExceeded(), ModelOverloaded()])
async def test_a_busy_painter_is_asked_again_later(
    scene: Scene, error: ConcurrencyExceeded | ModelOverloaded
):
    scene.painter.will_paint(error)

    assert isinstance(await scene.result(started(JOB)), Retry)
    assert not scene.reply.is_final


@pytest.mark.parametrize("error", [PromptRefused(), OutOfMoney()])
async def test_what_no_patience_mends_is_told(scene: Scene, error: ModelError):
    scene.painter.will_paint(error)

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.notice == sentence_for(error, "en")


async def test_a_picture_that_the_platform_does_not_take_is_told(scene: Scene):
    scene.painter.will_paint()
    scene.gallery.failure = PlatformDenied("missing_scope")

    assert await scene.result(started(JOB)) == "failed"
    assert scene.reply.notice.startswith("Something went wrong")


async def test_stop_ends_the_painting(scene: Scene):
    scene.painter.will_paint(seconds=60.0)
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(5.0)
    scene.lease.stop()

    await scene.clock.pass_time(0.1)

    assert task.result() == "stopped"
    assert scene.gallery.keys == []


async def test_a_worker_that_lost_its_job_uploads_nothing(scene: Scene):
    scene.painter.will_paint(seconds=5.0)
    task = scene.perform(started(JOB))
    await scene.clock.pass_time(1.0)
    scene.lease.lose()

    await scene.clock.pass_time(9.0)

    assert task.exception() is not None
    assert scene.gallery.keys == []
