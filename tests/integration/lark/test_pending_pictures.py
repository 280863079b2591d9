"""Wordless messages held in Redis: whoever dies over them, each is asked about, and once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.platforms.lark.pending_pictures import DUE, PendingPictures
from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable
from bots.messages import Attachment, Conversation, IncomingMessage, Sender
from tests.processes import RedisServer

pytestmark = pytest.mark.redis

START = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = 15.0


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def message(name: str, seconds: float = 0, *, text: str = "", chat: str = "oc_1") -> IncomingMessage:
    picture = Attachment(handle=f"{name}/image/k", name="image.jpg", media_type="image/jpeg")
    return IncomingMessage(
        message_id=name,
        conversation=Conversation(platform="lark", tenant_id="t", channel_id=chat),
        sender=Sender(user_id="ou_1"),
        text=text,
        attachments=() if text else (picture,),
        sent_at=at(seconds),
    )


@pytest.fixture
async def pending(redis_url: str) -> AsyncIterator[PendingPictures]:
    async with open_redis(RedisSettings(url=redis_url)) as redis:
        yield PendingPictures(redis, WAIT)


async def due(pending: PendingPictures, seconds: float) -> dict[str, list[str]]:
    """Name the questions that are due, each with the messages it is about."""
    return {
        question.message_id: [one.handle.partition("/")[0] for one in question.attachments]
        for _, question in await pending.due(at(seconds))
    }


async def test_a_picture_is_due_when_nobody_has_written_for_a_while(pending):
    await pending.hold(message("p1", 0), at(0))
    await pending.hold(message("p2", 10), at(10))

    assert await due(pending, 20) == {}
    assert await due(pending, 26) == {"p1": ["p1", "p2"]}


async def test_a_question_nobody_took_down_is_due_again_and_then_no_more(pending):
    await pending.hold(message("p1"), at(0))

    assert await due(pending, 16) == {"p1": ["p1"]}
    assert await due(pending, 17) == {}  # another gateway looks, too early
    [(ticket, _)] = await pending.due(at(60))
    await pending.told(ticket)
    assert await due(pending, 600) == {}
    assert not await pending.hold(message("p1"), at(600))  # a late repetition
    assert await due(pending, 700) == {}


async def test_a_picture_that_comes_while_others_are_asked_about_is_not_forgotten(pending):
    await pending.hold(message("p1"), at(0))
    [(ticket, _)] = await pending.due(at(16))
    await pending.hold(message("p2", 16), at(16))
    await pending.told(ticket)

    assert await due(pending, 40) == {"p2": ["p2"]}


async def test_words_take_what_was_held_and_the_same_again(pending):
    await pending.hold(message("p1"), at(0))
    words = message("w1", 5, text="what?")

    for seconds in (5, 6, 3600):
        assert [one.message_id for one in await pending.take(words, at(seconds))] == ["p1"]
    assert await pending.take(message("w2", 7, text="and now?"), at(7)) == ()
    assert await due(pending, 3600) == {}


async def test_words_long_after_the_answer_are_about_something_else(pending):
    await pending.hold(message("p1"), at(0))
    [(ticket, _)] = await pending.due(at(16))
    await pending.told(ticket)

    assert [one.message_id for one in await pending.take(message("w1", 30, text="and?"), at(30))] == ["p1"]
    assert await pending.take(message("w2", 300, text="something else"), at(300)) == ()


async def test_chats_do_not_mix(pending):
    await pending.hold(message("p1"), at(0))
    assert await pending.take(message("w1", 1, text="hi", chat="oc_2"), at(1)) == ()


async def test_a_recall_that_overtakes_its_picture_counts(pending):
    await pending.forget(message("p1").conversation, "p1")
    await pending.hold(message("p1"), at(0))

    assert await due(pending, 20) == {}
    assert await pending.take(message("w1", 21, text="what?"), at(21)) == ()


async def test_nothing_is_kept_for_ever(pending, redis_url: str):
    await pending.hold(message("p1"), at(0))
    await due(pending, 16)
    async with open_redis(RedisSettings(url=redis_url)) as redis:
        keys = [key for key in await redis.keys("*") if key != DUE.encode()]
        assert keys
        assert all([0 < await redis.ttl(key) <= 12 * 3600 for key in keys])


async def test_without_redis_nothing_is_taken_for_kept(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    async with open_redis(RedisSettings(url=server.url)) as redis:
        pending = PendingPictures(redis, WAIT)
        server.kill9()
        with pytest.raises(StoreUnavailable):
            await pending.hold(message("p1"), at(0))
    server.discard()
