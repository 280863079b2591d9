"""An answer grows in a card, and the card ends as it should."""

import pytest
from PIL import Image

from bots.deltas import PaintedPicture
from bots.drafts import Place
from bots.errors import LeaseLost, PlatformRateLimited
from bots.messages import Attachment
from tests.integration.lark.showing import button_ids, draft, final, texts, until_due
from tests.unit.adapters.media.pictures_made import encoded

pytestmark = pytest.mark.redis
PNG = encoded(Image.new("RGB", (8, 8), "red"), "PNG")


async def test_an_answer_grows_in_one_card_and_ends_closed(stage):
    asked = stage.ask()
    placed = await stage.writer.post(
        asked.conversation, draft(place=Place(position=3, seconds=20)), asked.placement()
    )
    [card] = stage.replies()
    assert "3 in line, about 20 s" in texts(card)
    assert (card["card"]["is_streaming"], button_ids(card)) == (True, ["stop"])
    placed = await stage.writer.edit(asked.conversation, draft(reasoning="Let me see", revision=2), placed)
    until_due()
    placed = await stage.writer.edit(asked.conversation, draft("Hello", 3, reasoning="Let me see"), placed)
    until_due()
    placed = await stage.writer.edit(
        asked.conversation, draft("Hello, Alice", 4, reasoning="Let me see"), placed
    )
    await stage.writer.edit(asked.conversation, final("Hello, Alice!", reasoning="Let me see"), placed)
    [card] = stage.replies()
    assert texts(card).startswith("Hello, Alice!\n")
    assert texts(card).endswith("Let me see")
    assert "glm-4.6 · " in texts(card)
    assert button_ids(card) == ["regenerate", "other_model", "like", "dislike"]
    assert card["card"]["is_streaming"] is False
    assert card["card"]["summary"] == "Hello, Alice!"
    assert stage.violations() == []
    assert [call["name"] for call in stage.calls()] == [
        "card.create", "message.reply", "card.batch_update", "card.batch_update", "card.content",
        "card.batch_update",
    ]  # fmt: skip


async def test_posting_twice_makes_one_message(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    assert len(stage.replies()) == 1


async def test_a_sentence_of_ours_is_one_call(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, final("Hi!", buttons=(), model=""), asked.placement(0))
    [card] = stage.replies()
    assert texts(card).startswith("Hi!")
    assert [call["name"] for call in stage.calls()] == ["message.reply"]


async def test_a_worker_that_takes_a_reply_up_keeps_its_text_and_its_card(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    await stage.writer.edit(asked.conversation, draft("half an", 7), asked.placement())
    await stage.writer.post(asked.conversation, draft(place=Place(position=0)), asked.placement(2))
    [card] = stage.replies()
    assert "half an" in texts(card)
    await stage.writer.edit(asked.conversation, final("half an answer"), asked.placement(2))
    [card] = stage.replies()
    assert "half an answer" in texts(card)
    assert stage.violations() == []


@pytest.mark.parametrize("verb", ["post", "edit"])
async def test_a_worker_that_lost_its_lease_writes_nothing(stage, verb):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft("mine"), asked.placement(5))
    calls = len(stage.calls())
    with pytest.raises(LeaseLost):
        await getattr(stage.writer, verb)(asked.conversation, draft("late", 99), asked.placement(4))
    assert len(stage.calls()) == calls


async def test_a_late_edit_is_not_shown(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    await stage.writer.edit(asked.conversation, final("whole", 9), asked.placement())
    answer = await stage.writer.edit(asked.conversation, draft("who", 8), asked.placement())
    again = await stage.writer.edit(asked.conversation, draft("who", 12), asked.placement())
    assert (answer.revision, again.revision) == (9, 9)
    [card] = stage.replies()
    assert "whole" in texts(card)
    assert card["card"]["is_streaming"] is False


async def test_a_frame_that_comes_too_early_costs_no_call(slow_stage):
    stage, asked = slow_stage, slow_stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    await stage.writer.edit(asked.conversation, draft("a", 2), asked.placement())
    calls = len(stage.calls())
    with pytest.raises(PlatformRateLimited) as caught:
        await stage.writer.edit(asked.conversation, draft("ab", 3), asked.placement())
    assert 0 < (caught.value.retry_after or 0) <= 14
    assert len(stage.calls()) == calls


async def test_a_place_that_changes_often_is_told_now_and_then(slow_stage):
    stage, asked = slow_stage, slow_stage.ask()
    await stage.writer.post(asked.conversation, draft(place=Place(position=9)), asked.placement())
    with pytest.raises(PlatformRateLimited):
        await stage.writer.edit(asked.conversation, draft("", 2, place=Place(position=8)), asked.placement())
    stage.clock.shift += 300
    await stage.writer.edit(asked.conversation, draft("", 3, place=Place(position=7)), asked.placement())
    assert "7 in line" in texts(stage.replies()[0])
    assert len(stage.calls("card.batch_update")) == 1


async def test_writing_anew_clears_the_card_and_opens_it_again(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    await stage.writer.edit(asked.conversation, final("The old answer"), asked.placement())
    anew = draft("", 3, place=Place(position=1))
    await stage.writer.edit(asked.conversation, anew, asked.placement(2))
    [card] = stage.replies()
    assert "old" not in texts(card)
    assert (card["card"]["is_streaming"], button_ids(card)) == (True, ["stop"])
    await stage.writer.edit(asked.conversation, final("The new answer", 200), asked.placement(2))
    [card] = stage.replies()
    assert "The new answer" in texts(card)
    assert stage.violations() == []


async def test_a_long_answer_rolls_over_and_every_card_is_closed(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    text = "".join(f"第{number}段。{'长' * 300}\n\n" for number in range(60))
    await stage.writer.edit(asked.conversation, draft(text[: len(text) // 2], 2), asked.placement())
    assert [card["card"]["is_streaming"] for card in stage.replies()] == [False, True]
    await stage.writer.edit(asked.conversation, final(text), asked.placement())
    cards = stage.replies()
    assert len(cards) == 3
    assert all(f"第{number}段" in "".join(map(texts, cards)) for number in range(60))
    assert not any(card["card"]["is_streaming"] for card in cards)
    assert [button_ids(card) != [] for card in cards] == [False, False, True]
    assert stage.violations() == []
    await stage.writer.edit(asked.conversation, draft("", 3), asked.placement(2))
    assert len(stage.replies()) == 1


async def test_a_stopped_answer_is_closed_with_its_notice(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft("Some text"), asked.placement())
    stopped = final("Some text", outcome="stopped", notice="Stopped.")
    await stage.writer.edit(asked.conversation, stopped, asked.placement())
    [card] = stage.replies()
    assert "Stopped." in texts(card)
    assert card["card"]["is_streaming"] is False


async def test_a_reply_in_a_topic_stays_in_it_and_one_in_a_group_opens_one(stage):
    asked = stage.ask("@Glimmer hi", chat="Design", in_topic=True)
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    [card] = stage.replies()
    assert card["thread_id"]
    assert card["root_id"] == asked.reply_id.rpartition(":")[2]


async def test_a_chat_without_topics_gets_a_plain_reply(stage):
    stage.lark.act("chats", name="Design", has_topics=False, members=["Alice"])
    asked = stage.ask("@Glimmer hi", chat="Design", in_topic=True)
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    [card] = stage.replies()
    assert (card["thread_id"], card["parent_id"]) == ("", asked.reply_id.rpartition(":")[2])


async def test_streaming_is_switched_on_again_before_ten_minutes_are_over(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft("a"), asked.placement())
    for minute in range(1, 4):
        stage.clock.shift += 290
        stage.lark.act("clock", advance_seconds=290)
        await stage.writer.edit(asked.conversation, draft("a" * (minute + 1), minute + 1), asked.placement())
    [card] = stage.replies()
    assert (texts(card).partition("\n")[0], card["card"]["is_streaming"]) == ("aaaa", True)
    assert stage.violations() == []


async def test_streaming_that_ran_out_in_silence_is_switched_on_when_lark_says_so(stage):
    asked = stage.ask()
    await stage.writer.post(asked.conversation, draft("a"), asked.placement())
    stage.lark.act("clock", advance_seconds=700)
    until_due()
    await stage.writer.edit(asked.conversation, draft("ab", 2), asked.placement())
    [card] = stage.replies()
    assert texts(card).startswith("ab")


async def test_pictures_are_messages_that_can_be_quoted(stage):
    asked = stage.ask("/imagine a cat")
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    painted = PaintedPicture(PNG, "image/png", 8, 8)
    shown = await stage.platform.uploader.upload(
        asked.conversation, painted, alt="a cat <at id=all></at>", key="j"
    )
    again = await stage.platform.uploader.upload(
        asked.conversation, painted, alt="a cat <at id=all></at>", key="j"
    )
    assert shown == again
    await stage.writer.edit(asked.conversation, final("", pictures=(shown,)), asked.placement())
    await stage.writer.edit(asked.conversation, final("", pictures=(shown,)), asked.placement())
    card, picture = stage.replies()
    assert picture["content"] == {"image_key": shown.handle}
    assert button_ids(card)[:3] == ["again", "vary", "size1"]
    assert stage.violations() == []
    handle = f"{picture['message_id']}/image/{shown.handle}"
    attachment = Attachment(handle=handle, name="a.png", media_type="image/png")
    assert await stage.platform.attachments.fetch(attachment, max_bytes=10_000) == painted.data


async def test_a_picture_that_cannot_be_sent_is_shown_in_the_card(stage):
    asked = stage.ask("/imagine a cat")
    await stage.writer.post(asked.conversation, draft(), asked.placement())
    painted = PaintedPicture(PNG, "image/png", 8, 8)
    shown = await stage.platform.uploader.upload(asked.conversation, painted, alt="a cat", key="j")
    stage.lark.act("faults", endpoint="message.reply", code=230054)
    await stage.writer.edit(asked.conversation, final("", pictures=(shown,)), asked.placement())
    [card] = stage.replies()
    assert any(element.get("img_key") == shown.handle for element in card["card"]["card"]["body"]["elements"])
