"""What Lark refuses, loses or forgets; and workers that die or meet on one reply."""

import asyncio
import contextlib
import json
import logging

import pytest

from bots.errors import (
    LeaseLost,
    MessageNotEditable,
    PlatformDenied,
    PlatformRateLimited,
    PlatformUnavailable,
)
from tests.integration.lark.showing import Stage, draft, final, staged, texts, until_due

pytestmark = pytest.mark.redis


async def opened(stage: Stage, fence: int = 1):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement(fence))
    return asked


async def insist(stage: Stage, asked, wanted, fence: int = 1) -> None:
    """Write as a worker does: until it stands."""
    for _ in range(10):
        try:
            await stage.writer.edit(asked.conversation, wanted, asked.placement(fence))
        except (PlatformRateLimited, PlatformUnavailable) as error:
            await asyncio.sleep(min(0.2, error.retry_after or 0))
        else:
            return
    pytest.fail("it never stood")


async def test_a_refused_token_is_fetched_once_more(stage):
    asked = await opened(stage)
    stage.lark.act("tokens/revoke")
    await stage.writer.edit(asked.conversation, final("done"), asked.placement())
    assert texts(stage.replies()[0]).startswith("done")


async def test_a_process_uses_the_token_another_has_fetched(stage, redis_url):
    await opened(stage)
    async with staged(stage.lark, redis_url) as other:
        await opened(other)
    fetched = [call for call in stage.lark.see("calls")["calls"] if "auth" in call["path"]]
    assert len(fetched) == 2  # one is the test's own


@pytest.mark.parametrize("kind", ["hang", "lost_answer", "internal"])
@pytest.mark.parametrize("endpoint", ["card.create", "message.reply", "card.content", "card.batch_update"])
async def test_an_answer_that_is_lost_leads_to_one_right_card(stage, monkeypatch, kind, endpoint):
    monkeypatch.setattr("adapters.platforms.lark.client.CALL_SECONDS", 0.3)
    stage.lark.act("faults", endpoint=endpoint, kind=kind)
    asked = stage.ask()
    for number, wanted in enumerate((draft(), draft("a", 2), draft("ab", 3), final("abc"))):
        until_due()
        if number:
            await insist(stage, asked, wanted)
        else:
            await post_insisting(stage, asked, wanted)
    [card] = stage.replies()
    assert texts(card).startswith("abc")
    assert card["card"]["is_streaming"] is False
    assert [found for found in stage.violations() if found["code"] in {300317, 200770}] == []


async def post_insisting(stage: Stage, asked, wanted, fence: int = 1) -> None:
    for _ in range(5):
        try:
            await stage.writer.post(asked.conversation, wanted, asked.placement(fence))
        except PlatformUnavailable:
            continue
        return
    pytest.fail("it never opened")


async def test_a_missing_scope_is_told_to_the_admin_and_cards_are_replaced_whole(lark, redis_url, caplog):
    lark.act("settings", scopes=sorted(lark.config.scopes - {"cardkit:card:write"}))
    async with staged(lark, redis_url) as stage:
        with caplog.at_level(logging.ERROR):
            asked = await opened(stage)
        [record] = [record for record in caplog.records if "refuses the app" in record.message]
        assert "cardkit:card:write" in record.hint
        assert "https://open.feishu.cn/app/" in record.hint
        await stage.writer.edit(asked.conversation, draft("a", 2), asked.placement())
        await stage.writer.edit(asked.conversation, final("abc"), asked.placement())
        [card] = stage.replies()
        assert texts(card).startswith("abc")
        assert [call["name"] for call in stage.calls()] == [
            "card.create", "message.reply", "message.patch", "message.patch",
        ]  # fmt: skip


async def test_cards_that_are_refused_become_a_post_and_a_post_becomes_a_text(stage):
    refused = {"code": 230099, "message": "ErrCode: 200621; ErrMsg: parse card json err; "}
    stage.lark.act("faults", endpoint="card.create", code=200220)
    stage.lark.act("faults", endpoint="message.reply", **refused)
    asked = stage.ask()
    await stage.writer.post(asked.conversation, final("# Title\n<at id=all></at> a < b"), asked.placement())
    [post] = stage.replies()
    assert post["msg_type"] == "post"
    assert "**Title**" in json.dumps(post["sent"])
    assert post["notified"] == []
    stage.lark.act("faults", endpoint="message.reply", count=2, **refused)
    asked = stage.ask()
    answer = final('plain <at user_id="all"></at> a < b')
    await stage.writer.post(asked.conversation, answer, asked.placement())
    text = stage.replies()[-1]
    assert (text["msg_type"], text["notified"]) == ("text", [])
    assert text["content"]["text"].startswith("plain <\u200bat")
    assert "a < b" in text["content"]["text"]


@pytest.mark.parametrize("code", [230022, 230028])
async def test_words_that_lark_refuses_are_replaced_by_a_neutral_sentence(stage, code):
    stage.lark.act("faults", endpoint="message.reply", code=code)
    asked = stage.ask()
    await stage.writer.post(asked.conversation, final("call +86 138 0013 8000"), asked.placement())
    [card] = stage.replies()
    assert "138" not in texts(card)
    assert "did not let this answer through" in texts(card)


async def test_a_card_that_is_lost_in_the_middle_goes_on_as_a_replaced_one(stage):
    asked = await opened(stage)
    stage.lark.act("faults", endpoint="card.batch_update", code=200750)
    await stage.writer.edit(asked.conversation, final("still here"), asked.placement())
    [card] = stage.replies()
    assert texts(card).startswith("still here")
    assert card["card"]["is_streaming"] is False


async def test_a_card_that_is_not_known_everywhere_yet_is_sent_a_little_later(stage):
    message = "ErrCode: 11310; ErrMsg: cardid is invalid; "
    stage.lark.act("faults", endpoint="message.reply", code=230099, message=message, count=2)
    asked = await opened(stage)
    await stage.writer.edit(asked.conversation, final("there"), asked.placement())
    [card] = stage.replies()
    assert texts(card).startswith("there")
    assert [call["name"] for call in stage.calls() if not call["code"]] == [
        "card.create", "message.reply", "card.batch_update",
    ]  # fmt: skip


async def test_a_post_is_edited_seldom_and_at_most_twenty_times(stage):
    asked = stage.ask()
    refused = {"code": 230099, "message": "ErrCode: 200621; ErrMsg: parse card json err; "}
    stage.lark.act("faults", endpoint="card.create", code=200220)
    stage.lark.act("faults", endpoint="message.reply", **refused)
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    shown = 0
    for number in range(60):
        stage.clock.shift += 8  # Redis has its own clock, so its windows are emptied instead
        for window in await stage.redis.keys("*:message:*"):
            await stage.redis.delete(window)
        with contextlib.suppress(PlatformRateLimited):
            await stage.writer.edit(
                asked.conversation, draft(f"text {number}", number + 2), asked.placement()
            )
            shown += 1
    await stage.writer.edit(asked.conversation, final("the end"), asked.placement())
    [post] = stage.replies()
    assert "the end" in json.dumps(post["sent"])
    assert shown == 17
    assert post["edits"] == 18


@pytest.mark.parametrize("first", [draft("old"), final("old")])
async def test_an_answer_written_anew_after_two_weeks_stands_in_a_new_message(stage, first):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, first, asked.placement())
    stage.lark.act("clock", advance_seconds=15 * 86_400)
    await stage.writer.edit(asked.conversation, final("new"), asked.placement(2))
    old, new = stage.replies()
    assert "old" in texts(old)
    assert texts(new).startswith("new")


async def test_sequences_somebody_else_has_used_are_jumped_over(stage):
    asked = await opened(stage)
    stage.lark.act("faults", endpoint="card.batch_update", code=300317)
    await stage.writer.edit(asked.conversation, final("above"), asked.placement())
    assert texts(stage.replies()[0]).startswith("above")


async def test_a_recalled_question_ends_the_reply(stage):
    asked = stage.ask()
    stage.lark.act("recall", message_id=asked.reply_id.rpartition(":")[2])
    with pytest.raises(MessageNotEditable):
        await stage.writer.post(asked.conversation, draft(), asked.placement())
    assert stage.replies() == []


async def test_a_limit_is_waited_for_as_long_as_lark_says(stage):
    asked = await opened(stage)
    await stage.writer.edit(asked.conversation, draft("a", 2), asked.placement())
    until_due()
    stage.lark.act("faults", endpoint="card.content", code=99991400, http_status=429, reset_seconds=3)
    with pytest.raises(PlatformRateLimited) as caught:
        await stage.writer.edit(asked.conversation, draft("ab", 3), asked.placement())
    assert (caught.value.retry_after or 0) >= 3
    calls = len(stage.calls("card.content"))
    until_due()
    with pytest.raises(PlatformRateLimited) as caught:
        await stage.writer.edit(asked.conversation, draft("ab", 4), asked.placement())
    assert (caught.value.retry_after or 0) > 2
    assert len(stage.calls("card.content")) == calls


async def test_a_used_up_quota_stops_frames_and_is_not_hammered(stage):
    asked = await opened(stage)
    await stage.writer.edit(asked.conversation, draft("a", 2), asked.placement())
    stage.lark.act("quota", used=10_000)
    until_due()
    with pytest.raises(PlatformDenied) as caught:
        await stage.writer.edit(asked.conversation, draft("ab", 3), asked.placement())
    assert (caught.value.retry_after or 0) >= 30


async def test_the_last_calls_of_the_month_are_for_final_states(lark, redis_url):
    async with staged(lark, redis_url, monthly_calls=40) as stage:
        asked = await opened(stage)
        shown = 0
        for number in range(60):
            stage.clock.shift += 60  # Redis has its own clock, so its windows are emptied instead
            lark.act("clock", advance_seconds=60)
            for window in await stage.redis.keys("*:card:*"):
                await stage.redis.delete(window)
            with contextlib.suppress(PlatformRateLimited):
                text = draft("a" * (number + 1), number + 2)
                await stage.writer.edit(asked.conversation, text, asked.placement())
                shown += 1
        assert 20 < shown < 37
        await stage.writer.edit(asked.conversation, final("the end"), asked.placement())
        assert texts(stage.replies()[0]).startswith("the end")


async def test_two_workers_on_one_reply_never_overlap_and_the_newer_one_ends_it(stage, redis_url):
    asked = await opened(stage)

    async def work(other: Stage, fence: int) -> str:
        try:
            for number in range(2, 12):
                try:
                    await other.writer.edit(
                        asked.conversation, draft(f"{fence}" * number, number), asked.placement(fence)
                    )
                except (PlatformRateLimited, PlatformUnavailable):
                    await asyncio.sleep(0.02)
            await other.writer.edit(asked.conversation, final(f"end of {fence}"), asked.placement(fence))
        except LeaseLost:
            return "lost"
        return "ended"

    async with staged(stage.lark, redis_url) as second, staged(stage.lark, redis_url) as third:
        ends = await asyncio.gather(work(stage, 1), work(second, 2), work(third, 3))
    assert ends[2] == "ended"
    [card] = stage.replies()
    assert texts(card).startswith("end of 3")
    assert card["card"]["is_streaming"] is False
    assert stage.violations() == []


async def test_ten_replies_in_one_chat_keep_within_its_limit(stage):
    asked = [stage.ask(f"@Glimmer {number}", chat="Design", in_topic=True) for number in range(10)]
    await asyncio.gather(
        *(
            stage.writer.post(one.conversation, final(f"answer to {one.reply_id}"), one.placement())
            for one in asked
        )
    )
    replies = {card["root_id"]: texts(card) for card in stage.replies()}
    assert set(replies) == {one.reply_id.rpartition(":")[2] for one in asked}
    assert stage.violations() == []
