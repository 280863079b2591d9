"""A message that grows, over more than one worker."""

from bots.drafts import Checkpoint, EditLimits, Placement
from tests.fakes.jobs import make_job
from tests.fakes.models import DONE, Pause, Silence
from tests.unit.bots.scene import Scene, started

JOB = make_job()
HALF = "The old answer was long already"
LEFT = Checkpoint(
    placement=Placement(reply_id=JOB.reply_id, fence=1, handle={"ts": "1.2"}, revision=7), markdown=HALF
)


class TestTakingOver:
    """The second worker of a reply whose first one died."""

    async def test_the_old_text_stays_until_the_new_one_is_longer(self, scene: Scene):
        message = scene.message(started(JOB, token=2, checkpoint=LEFT))
        await message.open()
        scene.follow(message, "The new ", Pause(2), "answer is longer than the old one was", DONE)
        await scene.clock.pass_time(1.0)
        assert scene.reply.markdown == HALF

        await scene.clock.pass_time(5.0)
        await message.conclude("answered")

        assert scene.writer.texts == [HALF, "The new answer is longer than the old one was"]

    async def test_the_final_text_is_the_new_one_even_if_it_is_shorter(self, scene: Scene):
        message = scene.message(started(JOB, token=2, checkpoint=LEFT))
        scene.follow(message, "Short.", DONE)
        await scene.clock.pass_time(3.0)
        await message.complete()
        await message.conclude("answered")

        assert scene.reply.markdown == "Short."
        assert scene.lease.saved[-1].markdown == "Short."

    async def test_an_end_halfway_shows_what_this_worker_heard(self, scene: Scene):
        message = scene.message(started(JOB, token=2, checkpoint=LEFT))
        scene.follow(message, "Short", Silence())
        await scene.clock.pass_time(3.0)
        await message.conclude("stopped")

        assert scene.reply.markdown == "Short"

    async def test_it_writes_to_the_same_message_with_greater_revisions(self, scene: Scene):
        await scene.message(started(JOB, token=2, checkpoint=LEFT)).open()

        assert scene.reply.revision > 7
        assert list(scene.writer.replies) == [JOB.reply_id]

    async def test_the_old_text_is_saved_again_for_the_third(self, scene: Scene):
        message = scene.message(started(JOB, token=2, checkpoint=LEFT))
        scene.follow(message, "New ", Silence())
        await scene.clock.pass_time(2.0)
        await message.rest()

        assert scene.lease.saved[-1].markdown == HALF


class TestCheckpoints:
    """What the next worker would find."""

    async def test_what_is_shown_is_saved_about_once_a_second(self, scene: Scene):
        scene.writer.limits = EditLimits(min_interval=0.1)
        message = scene.message(started(JOB))
        pieces = [part for number in range(50) for part in (f"{number} ", Pause(0.1))]
        scene.follow(message, *pieces, DONE)

        await scene.clock.pass_time(5.0)
        await message.rest()

        assert 4 <= len(scene.lease.saved) <= 6
        assert scene.reply.markdown.startswith(scene.lease.saved[-1].markdown)
        assert not any(checkpoint.is_complete for checkpoint in scene.lease.saved)

    async def test_a_checkpoint_knows_where_the_reply_stands(self, scene: Scene):
        message = scene.message(started(JOB))
        scene.follow(message, "One", Silence())
        await scene.clock.pass_time(0.0)
        await message.rest()

        [checkpoint] = scene.lease.saved
        assert checkpoint.placement is not None
        assert checkpoint.placement.handle == {"id": JOB.reply_id}
        assert checkpoint.placement.revision == scene.reply.revision

    async def test_a_store_that_is_away_does_not_stop_the_answer(self, scene: Scene):
        scene.lease.is_away = True
        message = scene.message(started(JOB))
        scene.follow(message, "One ", Pause(2), "two", DONE)
        await scene.clock.pass_time(5.0)
        await message.complete()
        await message.conclude("answered")

        assert scene.reply.markdown == "One two"


async def test_going_back_into_the_line_says_why_and_keeps_the_text(scene: Scene):
    message = scene.message(started(JOB, token=2, checkpoint=LEFT))
    await message.open()

    await message.wait_in_line("The model is busy.")

    assert (scene.reply.markdown, scene.reply.notice) == (HALF, "The model is busy.")
    assert not scene.reply.is_final
    assert scene.lease.saved[-1].markdown == HALF
