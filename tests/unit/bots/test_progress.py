"""A message that grows."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from bots.deltas import Delta, ReasoningDelta, Restarted, TextDelta
from bots.errors import (
    LeaseLost,
    MessageNotEditable,
    ModelStreamBroken,
    PlatformDenied,
    PlatformRateLimited,
    PlatformUnavailable,
    StoreUnavailable,
)
from tests.fakes.jobs import make_job
from tests.fakes.models import DONE, Pause, Silence
from tests.unit.bots.scene import INTERVAL, Scene, started

JOB = make_job()


async def test_the_first_piece_is_shown_at_once(scene: Scene):
    message = scene.message(started(JOB))
    scene.follow(message, "A quorum", Silence())

    await scene.clock.pass_time(0.0)

    assert scene.reply.markdown == "A quorum"
    assert scene.meter.first_texts == [0.0]
    await message.rest()


async def test_edits_keep_the_platforms_distance_however_fast_the_model_is(scene: Scene):
    message = scene.message(started(JOB))
    pieces = [part for number in range(40) for part in (f"{number} ", Pause(0.1))]
    scene.follow(message, *pieces, DONE)

    await scene.clock.pass_time(10.0)
    await message.rest()

    times = [seconds for seconds, _ in scene.writer.shown]
    distances = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == 5
    assert min(distances) >= INTERVAL
    assert scene.meter.merged == 40 - len(times)
    assert len(scene.meter.first_texts) == 1


async def test_a_slow_platform_is_not_written_to_twice_at_once(scene: Scene):
    scene.writer.seconds = 3.0
    message = scene.message(started(JOB))
    pieces = [part for number in range(40) for part in (f"{number} ", Pause(0.1))]
    scene.follow(message, *pieces, DONE)

    await scene.clock.pass_time(20.0)

    starts = scene.writer.tried
    assert all(later - earlier >= 3.0 for earlier, later in itertools.pairwise(starts))
    await message.rest()


async def test_a_pause_of_the_model_shows_what_came_before_it(scene: Scene):
    message = scene.message(started(JOB))
    scene.follow(message, "One ", Pause(0.1), "two ", Pause(60), "three", DONE)

    await scene.clock.pass_time(5.0)

    assert scene.reply.markdown == "One two "
    assert len(scene.writer.shown) == 2  # and nothing is written while nothing changes
    await message.rest()


async def test_every_growing_draft_has_a_greater_revision(scene: Scene):
    message = scene.message(started(JOB))
    await message.open()
    scene.follow(message, "a", Pause(2), "b", Pause(2), "c", DONE)
    await scene.clock.pass_time(10.0)
    await message.conclude("answered")

    revisions = [draft.revision for _, draft in scene.writer.shown]
    assert revisions == sorted(set(revisions))


async def test_thinking_is_shown_before_the_answer(scene: Scene):
    message = scene.message(started(JOB))
    scene.follow(message, ReasoningDelta("Let me see."), Pause(2), "Two.", DONE)

    await scene.clock.pass_time(1.0)
    assert (scene.reply.reasoning, scene.reply.markdown) == ("Let me see.", "")
    await scene.clock.pass_time(5.0)
    await message.rest()

    assert (scene.reply.reasoning, scene.reply.markdown) == ("Let me see.", "Two.")


@pytest.mark.parametrize(
    "failure",
    [PlatformUnavailable(), PlatformRateLimited(retry_after=2.0), StoreUnavailable(), PlatformDenied()],
)
async def test_a_failed_edit_on_the_way_does_no_harm(scene: Scene, failure: Exception):
    message = scene.message(started(JOB))
    await message.open()
    scene.writer.failures = [failure]
    scene.follow(message, "One ", Pause(0.5), "two", Pause(9), DONE)

    await scene.clock.pass_time(5.0)

    assert scene.reply.markdown == "One two"
    await message.rest()


async def test_a_failed_edit_is_made_up_for_while_the_model_is_silent(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [PlatformUnavailable()]
    scene.follow(message, "One ", Silence())

    await scene.clock.pass_time(5.0)

    assert scene.writer.texts == ["One "]
    await message.rest()


async def test_an_edit_under_way_is_not_cut_off(scene: Scene):
    scene.writer.seconds = 3.0
    message = scene.message(started(JOB))
    scene.follow(message, "One ", Silence())
    await scene.clock.pass_time(1.0)
    resting = asyncio.ensure_future(message.rest())

    await scene.clock.pass_time(5.0)

    await resting
    assert scene.writer.texts == ["One "]


async def test_an_edit_on_the_way_waits_as_long_as_the_platform_says(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [PlatformRateLimited(retry_after=7.0)]
    scene.follow(message, "One ", Pause(1), "two", Silence())

    await scene.clock.pass_time(10.0)

    assert scene.writer.tried == [0.0, 7.0]
    await message.rest()


async def test_the_opening_shows_that_the_work_has_begun(scene: Scene):
    await scene.message(started(JOB)).open()

    assert scene.reply.place is not None
    assert scene.reply.place.position == 0
    assert scene.reply.buttons == ("stop",)
    assert not scene.reply.is_final


async def test_an_opening_that_comes_late_does_not_take_back_what_is_shown(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [PlatformRateLimited(retry_after=2.0)]
    opening = asyncio.ensure_future(message.open())
    await scene.clock.pass_time(0.0)
    scene.follow(message, "One ", Silence())

    await scene.clock.pass_time(5.0)

    assert opening.done()
    assert [draft.markdown for _, draft in scene.writer.shown] == ["One "]
    await message.rest()


async def test_the_final_edit_is_tried_until_it_stands(scene: Scene):
    message = scene.message(started(JOB))
    scene.follow(message, "All of it.", DONE)
    await scene.clock.pass_time(1.0)
    scene.writer.failures = [PlatformUnavailable(), StoreUnavailable(), PlatformUnavailable()] * 4
    end = asyncio.ensure_future(message.conclude("answered"))

    await scene.clock.pass_time(60.0)

    await end
    assert (scene.reply.markdown, scene.reply.is_final) == ("All of it.", True)
    assert scene.reply.buttons == ("regenerate", "like", "dislike")


async def test_the_tries_of_the_final_edit_come_ever_slower(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [PlatformUnavailable() for _ in range(8)]
    end = asyncio.ensure_future(message.conclude("answered"))

    await scene.clock.pass_time(60.0)

    await end
    starts = scene.writer.tried
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]


async def test_the_final_edit_waits_as_long_as_the_platform_says(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [PlatformRateLimited(retry_after=11.0)]
    end = asyncio.ensure_future(message.conclude("answered"))

    await scene.clock.pass_time(12.0)

    await end
    assert scene.writer.tried == [0.0, 11.0]


async def test_a_reply_that_was_deleted_ends_the_writing_in_peace(scene: Scene):
    message = scene.message(started(JOB))
    scene.writer.failures = [MessageNotEditable()]

    await message.conclude("answered")

    assert scene.writer.shown == []


async def test_the_final_edit_does_not_wait_for_the_interval(scene: Scene):
    message = scene.message(started(JOB))
    scene.follow(message, "All", Pause(0.1), " of it.", DONE)
    await scene.clock.pass_time(0.2)

    await message.conclude("answered")

    assert scene.clock.monotonic() == pytest.approx(0.2)
    assert scene.reply.markdown == "All of it."


async def test_nothing_is_written_after_the_lease_is_lost(scene: Scene):
    message = scene.message(started(JOB))
    follow = scene.follow(message, "One ", Pause(2), "two ", Pause(2), "three ", DONE)
    await scene.clock.pass_time(1.0)
    scene.lease.lose()

    await scene.clock.pass_time(30.0)

    with pytest.raises(LeaseLost):
        follow.result()
    with pytest.raises(LeaseLost):
        await message.conclude("answered")
    assert scene.writer.texts == ["One "]


async def test_a_newer_writer_of_the_same_reply_ends_this_one(scene: Scene):
    message = scene.message(started(JOB, token=1))
    follow = scene.follow(message, "Old ", Pause(2), "and older ", Pause(2), "still", DONE)
    await scene.clock.pass_time(1.0)
    await scene.message(started(JOB, token=2)).open()

    await scene.clock.pass_time(30.0)

    with pytest.raises(LeaseLost):
        follow.result()
    assert scene.writer.replies[JOB.reply_id].fence == 2
    assert scene.model.open_streams == 0


async def test_a_generation_that_begins_anew_discards_what_came_before(scene: Scene):
    message = scene.message(started(JOB))
    follow = scene.follow(message, "Wrong ", Restarted(), "Right", DONE)
    await scene.clock.pass_time(3.0)
    await follow
    await message.conclude("answered")

    assert scene.reply.markdown == "Right"


async def test_an_answer_that_ends_without_an_end_is_broken(scene: Scene):
    message = scene.message(started(JOB))

    async def two_words() -> AsyncIterator[Delta]:
        yield TextDelta("One ")
        yield TextDelta("two")

    with pytest.raises(ModelStreamBroken):
        await message.follow(two_words())
    await message.rest()
