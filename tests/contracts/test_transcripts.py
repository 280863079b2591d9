"""The contract of a thread's memory: the same suite on the fake and on Redis."""

from collections.abc import AsyncIterator

import pytest

from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from adapters.redis.transcripts import RedisTranscripts
from bots.errors import StoreUnavailable
from bots.messages import Attachment, Conversation
from bots.ports import TranscriptEntry, Transcripts
from tests.contracts.absence import NOWHERE
from tests.fakes.memory import FakeTranscripts

THREAD = Conversation(platform="slack", tenant_id="T1", channel_id="C1", thread_id="1.2")
PHOTO = Attachment(handle="F1", name="fox.png", media_type="image/png", size_bytes=10)


def exchange(question: str, answer: str, *attachments: Attachment) -> tuple[TranscriptEntry, ...]:
    return (
        TranscriptEntry(role="user", text=question, attachments=attachments),
        TranscriptEntry(role="assistant", text=answer),
    )


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
async def transcripts(request: pytest.FixtureRequest) -> AsyncIterator[Transcripts]:
    if request.param == "fake":
        yield FakeTranscripts()
        return
    async with open_redis(RedisSettings(url=request.getfixturevalue("redis_url"))) as redis:
        yield RedisTranscripts(redis)


@pytest.fixture(params=["fake", "redis"])
async def transcripts_away(request: pytest.FixtureRequest) -> AsyncIterator[Transcripts]:
    if request.param == "fake":
        fake = FakeTranscripts()
        fake.is_away = True
        yield fake
        return
    async with open_redis(NOWHERE) as redis:
        yield RedisTranscripts(redis)


async def test_a_new_thread_remembers_nothing(transcripts: Transcripts):
    assert await transcripts.recent(THREAD) == ()


async def test_what_was_said_is_remembered_in_its_order(transcripts: Transcripts):
    first, second = exchange("Wer da?", "我。", PHOTO), exchange("Why?", "Because.")

    await transcripts.remember(THREAD, "m1", first)
    await transcripts.remember(THREAD, "m2", second)

    assert await transcripts.recent(THREAD) == (*first, *second)


async def test_an_answer_written_anew_replaces_the_former_in_its_place(transcripts: Transcripts):
    newer, second = exchange("One?", "One, anew."), exchange("Two?", "Two.")
    await transcripts.remember(THREAD, "m1", exchange("One?", "One."))
    await transcripts.remember(THREAD, "m2", second)

    await transcripts.remember(THREAD, "m1", newer)

    assert await transcripts.recent(THREAD) == (*newer, *second)


async def test_an_answer_written_anew_does_not_see_what_came_after_its_question(transcripts: Transcripts):
    first = exchange("One?", "One.")
    await transcripts.remember(THREAD, "m1", first)
    await transcripts.remember(THREAD, "m2", exchange("Two?", "Two."))
    await transcripts.remember(THREAD, "m3", exchange("Three?", "Three."))

    assert await transcripts.recent(THREAD, before="m2") == first
    assert await transcripts.recent(THREAD, before="m1") == ()


async def test_a_new_question_sees_all_that_was_said(transcripts: Transcripts):
    first = exchange("One?", "One.")
    await transcripts.remember(THREAD, "m1", first)

    assert await transcripts.recent(THREAD, before="m9") == first


async def test_another_thread_knows_nothing_of_it(transcripts: Transcripts):
    await transcripts.remember(THREAD, "m1", exchange("One?", "One."))

    assert await transcripts.recent(THREAD.model_copy(update={"thread_id": "9.9"})) == ()


async def test_a_memory_that_is_away_says_so(transcripts_away: Transcripts):
    with pytest.raises(StoreUnavailable):
        await transcripts_away.recent(THREAD)
    with pytest.raises(StoreUnavailable):
        await transcripts_away.remember(THREAD, "m1", exchange("One?", "One."))


async def test_a_forgotten_thread_remembers_nothing(transcripts: Transcripts):
    await transcripts.remember(THREAD, "m1", exchange("One?", "One."))
    await transcripts.remember(THREAD.model_copy(update={"thread_id": "9.9"}), "m1", exchange("Two?", "Two."))

    await transcripts.forget(THREAD)

    assert await transcripts.recent(THREAD) == ()
    assert await transcripts.recent(THREAD.model_copy(update={"thread_id": "9.9"})) == exchange(
        "Two?", "Two."
    )


async def test_single_exchanges_can_be_forgotten(transcripts: Transcripts):
    await transcripts.remember(THREAD, "m1", exchange("One?", "One."))
    await transcripts.remember(THREAD, "m2", exchange("Two?", "Two."))

    await transcripts.forget(THREAD, ["m2", "never heard of"])
    await transcripts.forget(THREAD, [])

    assert await transcripts.recent(THREAD) == exchange("One?", "One.")
