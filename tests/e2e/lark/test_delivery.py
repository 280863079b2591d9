"""Lark delivers late, often, and through connections that die; each question is answered once."""

import signal
import time

import pytest

from tests.e2e.lark.conftest import StartLark, picture

pytestmark = pytest.mark.e2e

HEALED_SECONDS = 90


async def test_every_event_four_times_over_two_connections_is_one_answer(start_lark: StartLark):
    bot = await start_lark()
    await bot.start_second_gateway()
    often = {"times": 2, "over": "every"}

    for index in range(3):
        await bot.say(f"Question {index}", chat="Design", mention_bot=True, manner=often)
    await bot.say(type="image", attachments=[picture()], manner=often)
    await bot.say("What colour is this picture?", manner=often)
    await bot.say("/imagine a fox", user="Bob", chat="Questions", mention_bot=True, manner=often)
    await bot.finals(6)

    async def all_settled():
        deliveries = await bot.see("deliveries")
        return all(len(one["receipts"]) == 4 and one["state"] == "acknowledged" for one in deliveries)

    await bot.until(all_settled)
    replies = await bot.finals(6)
    asked = [one["parent_id"] for one in replies if one["msg_type"] == "interactive"]
    assert len(asked) == len(set(asked)) == 5
    assert len([one for one in replies if one["msg_type"] == "image"]) == 1
    assert len(await bot.glimmer.requests()) == 5
    assert await bot.see("violations") == []


async def test_a_connection_that_died_in_silence_is_healed_and_nothing_is_lost(start_lark: StartLark):
    """One refusal while it reconnects ends Lark's client for ever; the process looks healthy."""
    bot = await start_lark(lark={"reconnect_nonce": 0, "retry_delays": [4.0, 8.0, 30.0, 30.0]})
    began_at = time.monotonic()
    await bot.act("faults", endpoint="ws.endpoint", kind="refuse", code=1000040350, count=2)
    await bot.act("connections", action="drop")
    await bot.say("Is anybody there?")

    async def is_deaf():
        return not await bot.is_ready()

    await bot.until(is_deaf)
    [reply] = await bot.finals(1, seconds=HEALED_SECONDS)

    assert time.monotonic() - began_at < HEALED_SECONDS
    assert reply["card"]["text"]
    await bot.until(bot.is_ready)


async def test_a_recalled_question_is_not_answered_any_further(start_lark: StartLark):
    bot = await start_lark(lark={"monthly_quota": None})
    asked = await bot.say("[[sim:seconds=30]] Tell me everything", chat="Design", mention_bot=True)

    async def has_text():
        return [one for one in await bot.replies() if len(one["card"]["text"]) > 60]

    await bot.until(has_text)
    await bot.act("recall", message_id=asked["message_id"])

    async def has_left():
        stats = await bot.glimmer.stats()
        return stats["disconnected"] == 1

    await bot.until(has_left, seconds=5)
    [reply] = await bot.finals(1, seconds=10)
    seen = reply["card"]["text"]
    await bot.say("And now?", chat="Design", mention_bot=True)
    await bot.finals(2)
    assert (await bot.replies())[0]["card"]["text"] == seen


async def test_only_the_asker_can_stop_and_the_answer_ends_where_it_is(start_lark: StartLark):
    bot = await start_lark(lark={"monthly_quota": None})
    await bot.say("[[sim:seconds=30]] Tell me everything", chat="Design", mention_bot=True)

    async def has_text():
        return [one for one in await bot.replies() if len(one["card"]["text"]) > 60]

    [reply] = await bot.until(has_text)
    stranger = await bot.act("press", message_id=reply["message_id"], button="Stop", user="Bob")
    asker = await bot.act("press", message_id=reply["message_id"], button="Stop", user="Alice")
    [reply] = await bot.finals(1, seconds=10)

    assert (stranger["code"], stranger["toast"]["type"]) == (0, "warning")
    assert (asker["code"], asker["toast"]["content"]) == (0, "Stopping.")
    assert (await bot.glimmer.stats())["disconnected"] == 1


async def test_a_picture_the_bot_painted_can_be_quoted_and_asked_about(start_lark: StartLark):
    bot = await start_lark()
    await bot.say("/imagine a red fox --size 1152x864", chat="Design", mention_bot=True)
    replies = await bot.finals(2)
    painted = next(one for one in replies if one["msg_type"] == "image")

    await bot.say(
        "What size is this picture?", chat="Design", mention_bot=True, reply_to=painted["message_id"]
    )
    replies = await bot.finals(3)
    assert "1152 × 864" in replies[-1]["card"]["text"]


async def test_the_gateway_leaves_at_once_when_told(start_lark: StartLark):
    bot = await start_lark()
    began_at = time.monotonic()
    bot.glimmer.gateway.send(signal.SIGTERM)
    assert await bot.glimmer.gateway.wait(timeout=8) in {0, -signal.SIGTERM}
    assert time.monotonic() - began_at < 5
    assert "Traceback" not in bot.glimmer.gateway.log
