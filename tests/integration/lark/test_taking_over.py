"""A process dies in the middle of a call; another one goes on with the same message."""

import asyncio
import contextlib

import pytest

from bots.drafts import Place
from tests.integration.lark.showing import Stage, draft, final, staged, texts

pytestmark = pytest.mark.redis

CLAIM_MS = 900  # instead of 12 s


@pytest.fixture(autouse=True)
def short_claims(monkeypatch):
    monkeypatch.setattr("adapters.platforms.lark.replies.CLAIM_MS", CLAIM_MS)


async def cut_off(writing, seconds: float = 0.25) -> None:
    """Begin to write and be gone in the middle of it, as after kill -9: nothing is tidied up."""
    task = asyncio.create_task(writing)
    await asyncio.sleep(seconds)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def slow(stage: Stage, endpoint: str) -> None:
    stage.lark.act("faults", endpoint=endpoint, kind="slow", delay_seconds=0.5)


@pytest.mark.parametrize("endpoint", ["card.create", "message.reply"])
async def test_a_reply_that_was_being_opened_is_opened_once(stage, redis_url, endpoint):
    asked = stage.ask()
    await slow(stage, endpoint)
    await cut_off(stage.writer.post(asked.conversation, draft(place=Place(position=1)), asked.placement()))
    async with staged(stage.lark, redis_url) as other:
        await other.writer.post(asked.conversation, draft(place=Place(position=0)), asked.placement(2))
        await other.writer.edit(asked.conversation, final("done"), asked.placement(2))
    [card] = stage.replies()
    assert texts(card).startswith("done")
    assert card["card"]["is_streaming"] is False
    assert stage.violations() == []


@pytest.mark.parametrize("endpoint", ["card.content", "card.batch_update"])
async def test_a_card_that_was_being_written_is_gone_on_with_after_that_call(stage, redis_url, endpoint):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft("a", reasoning="hm"), asked.placement())
    await slow(stage, endpoint)
    await asyncio.sleep(0.15)
    wanted = draft("ab", 2, reasoning="hm") if endpoint == "card.content" else final("ab")
    await cut_off(stage.writer.edit(asked.conversation, wanted, asked.placement()))
    async with staged(stage.lark, redis_url) as other:
        await other.writer.post(asked.conversation, draft("a", place=Place(position=0)), asked.placement(2))
        await other.writer.edit(asked.conversation, final("abc"), asked.placement(2))
    [card] = stage.replies()
    assert texts(card).startswith("abc")
    assert card["card"]["is_streaming"] is False
    assert stage.violations() == []


async def test_a_picture_that_was_being_sent_is_sent_once(stage, redis_url):
    from bots.deltas import PaintedPicture
    from tests.integration.lark.test_streaming import PNG

    asked = stage.ask("/imagine a cat")
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    painted = PaintedPicture(PNG, "image/png", 8, 8)
    shown = await stage.platform.uploader.upload(asked.conversation, painted, alt="a cat", key="j")
    await slow(stage, "message.reply")
    answer = final("", pictures=(shown,))
    await cut_off(stage.writer.edit(asked.conversation, answer, asked.placement()))
    async with staged(stage.lark, redis_url) as other:
        await other.writer.edit(asked.conversation, answer, asked.placement(2))
    assert [one["msg_type"] for one in stage.replies()] == ["interactive", "image"]


async def test_a_static_card_that_was_being_sent_shows_the_newer_words(stage, redis_url):
    asked = stage.ask()
    await slow(stage, "message.reply")
    await cut_off(stage.writer.post(asked.conversation, final("the first"), asked.placement()))
    async with staged(stage.lark, redis_url) as other:
        await other.writer.post(asked.conversation, final("the second", 100), asked.placement(2))
    [card] = stage.replies()
    assert texts(card).startswith("the second")
