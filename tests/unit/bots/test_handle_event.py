"""What a platform tells us becomes a job, a reply of our own, or nothing."""

import pytest

from bots.deltas import Usage
from bots.errors import StoreUnavailable
from bots.events import ButtonPressed, MessageEdited, MessageRecalled, MessageSent
from bots.jobs import AnswerJob, ImagineJob
from bots.messages import Attachment, IncomingMessage, Sender
from bots.ports import TranscriptEntry
from bots.preferences import Preferences
from tests.fakes.jobs import make_message
from tests.unit.bots.gateway import DAILY_TOKENS, Gateway

ANN = "web:local:ann"


def sent(name: str = "m1", text: str = "What is a quorum?", *files: Attachment) -> MessageSent:
    return MessageSent(message=make_message(name, text=text, attachments=files))


def named(name: str) -> str:
    return make_message(name).action_id


async def test_a_question_is_put_in_line_rung_for_and_shown(gateway: Gateway):
    await gateway.handler.handle(sent())

    assert [grant.job_id for grant in gateway.bell.rung] == [named("m1")]
    shown = gateway.shown(named("m1"))
    assert shown.place is not None
    assert shown.place.position == 0
    assert shown.buttons == ("stop",)


async def test_a_question_behind_others_shows_its_place(gateway: Gateway):
    for name in ("m1", "m2", "m3"):
        await gateway.handler.handle(sent(name))

    place = gateway.shown(named("m3")).place
    assert place is not None
    assert place.position == 2


async def test_a_message_delivered_twice_is_answered_once(gateway: Gateway):
    await gateway.handler.handle(sent())
    await gateway.handler.handle(sent())

    assert len(gateway.bell.rung) == 1
    assert len(gateway.writer.writes) == 1
    assert await gateway.waiting() == []


async def test_a_message_delivered_again_while_it_is_answered_does_not_disturb_the_answer(gateway: Gateway):
    await gateway.handler.handle(sent())
    seen = gateway.shown(named("m1"))

    gateway.clock.advance(5)
    await gateway.handler.handle(sent())

    assert gateway.shown(named("m1")) == seen


@pytest.mark.parametrize("store", ["line", "transcripts", "preferences"])
async def test_while_the_store_is_away_nothing_is_shown_and_the_platform_is_to_ask_again(
    gateway: Gateway, store: str
):
    getattr(gateway, store).is_away = True

    with pytest.raises(StoreUnavailable):
        await gateway.handler.handle(sent())

    assert gateway.writer.writes == []
    assert gateway.bell.rung == []


async def test_after_an_outage_the_same_message_is_answered(gateway: Gateway):
    gateway.line.is_away = True
    with pytest.raises(StoreUnavailable):
        await gateway.handler.handle(sent())
    gateway.line.is_away = False

    await gateway.handler.handle(sent())

    assert len(gateway.bell.rung) == 1


async def test_a_broker_that_is_away_does_not_lose_the_question(gateway: Gateway):
    gateway.bell.is_away = True

    await gateway.handler.handle(sent())
    gateway.clock.advance(gateway.line.ring_again)

    assert [grant.job_id for grant in (await gateway.line.sweep()).grants] == [named("m1")]


@pytest.mark.parametrize(
    ("text", "language", "beginning"),
    [("  ", "en", "I can't see"), ("/imagine", "en", "Tell me"), ("/imagine 猫 --size 9", "zh", "画不了")],
)
async def test_what_cannot_be_done_is_told_at_once(
    gateway: Gateway, text: str, language: str, beginning: str
):
    await gateway.handler.handle(sent(text=text))

    shown = gateway.shown(named("m1"))
    assert shown.notice.startswith(beginning)
    assert (shown.outcome, shown.is_final) == ("failed", True)
    assert gateway.bell.rung == []


async def test_a_file_that_nobody_can_read_is_refused_by_its_name(gateway: Gateway):
    song = Attachment(handle="F1", name="song.mp3", media_type="audio/mpeg")

    await gateway.handler.handle(sent("m1", "What is this?", song))

    assert "song.mp3" in gateway.shown(named("m1")).notice
    assert gateway.bell.rung == []


async def test_a_wish_for_four_pictures_becomes_four_replies(gateway: Gateway):
    await gateway.handler.handle(sent(text="/imagine a fox --n 4"))

    assert len(gateway.writer.replies) == 4
    assert len(gateway.bell.rung) + len(await gateway.waiting()) == 4
    job = await gateway.line.find(named("m1"))
    assert isinstance(job, ImagineJob)
    assert job.prompt == "a fox"


async def test_a_command_is_followed_at_once_and_kept(gateway: Gateway):
    await gateway.handler.handle(sent(text="/glm thinking off"))

    assert (await gateway.preferences.read(ANN)).thinking == "off"
    shown = gateway.shown(named("m1"))
    assert shown.markdown.startswith("Saved.")
    assert shown.is_final
    assert gateway.bell.rung == []


async def test_a_question_is_asked_as_the_person_has_set_it(gateway: Gateway):
    await gateway.preferences.write(ANN, Preferences(model="glm-4.5-flash", thinking="on", language="zh"))

    await gateway.handler.handle(sent())

    job = await gateway.line.find(named("m1"))
    assert isinstance(job, AnswerJob)
    assert job.route == ("glm-4.5-flash", "glm-4.7-flash")
    assert (job.thinking, job.language) == ("on", "zh")


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [("什么是法定人数？", None, "zh"), ("Why?", "zh-CN", "en"), ("???", "zh-CN", "zh"), ("???", "de", "en")],
)
async def test_the_bot_speaks_the_language_of_the_question(
    gateway: Gateway, text: str, locale: str | None, language: str
):
    message = make_message(text=text).model_copy(update={"sender": Sender(user_id="ann", locale=locale)})

    await gateway.handler.handle(MessageSent(message=message))

    job = await gateway.line.find(named("m1"))
    assert job is not None
    assert job.language == language


async def test_a_question_after_a_picture_is_about_it(gateway: Gateway):
    photo = Attachment(handle="F1", name="fox.png", media_type="image/png")
    entries = [TranscriptEntry(role="user", text="What is this?", attachments=(photo,))]
    await gateway.transcripts.remember(make_message().conversation, named("m0"), entries)

    await gateway.handler.handle(sent(text="And what colour is it?"))

    job = await gateway.line.find(named("m1"))
    assert job is not None
    assert job.route == ("glm-4.6v-flash",)


async def test_an_edited_question_is_asked_anew_in_the_same_reply(gateway: Gateway):
    await gateway.handler.handle(sent())
    edited = make_message(text="What is a majority?")

    await gateway.handler.handle(MessageEdited(message=edited, edit_id="e1"))

    job = await gateway.line.find(named("m1"))
    assert job is not None
    assert job.message.text == "What is a majority?"
    assert list(gateway.writer.replies) == [named("m1")]


async def test_a_question_taken_back_in_line_leaves_it(gateway: Gateway):
    await gateway.handler.handle(sent("m1"))
    await gateway.handler.handle(sent("m2"))
    message = make_message("m2")

    await gateway.handler.handle(
        MessageRecalled(conversation=message.conversation, message_id=message.message_id)
    )

    assert await gateway.waiting() == []
    assert gateway.shown(named("m2")).outcome == "stopped"


async def test_a_button_is_heard(gateway: Gateway):
    await gateway.handler.handle(sent("m1"))
    await gateway.handler.handle(sent("m2"))
    message: IncomingMessage = make_message("m2")

    await gateway.handler.handle(
        ButtonPressed(
            conversation=message.conversation,
            sender=message.sender,
            reply_id=named("m2"),
            action="stop",
            press_id="p1",
        )
    )

    assert await gateway.waiting() == []


async def test_the_thread_can_be_forgotten(gateway: Gateway):
    await gateway.handler.handle(sent("m0", "/glm help"))
    await gateway.transcripts.remember(
        make_message().conversation, "m1", [TranscriptEntry(role="user", text="My cat is called Miez.")]
    )

    await gateway.handler.handle(sent("m2", "/glm forget"))

    assert await gateway.transcripts.recent(make_message().conversation) == ()
    assert "Forgotten" in gateway.shown(named("m2")).markdown


async def test_who_has_used_up_the_day_is_told_and_takes_no_place(gateway: Gateway):
    await gateway.ledger.add("earlier", "glm-4.7-flash", ANN, Usage(DAILY_TOKENS, 1))

    await gateway.handler.handle(sent("m1"))
    await gateway.handler.handle(sent("m2", "/glm usage"))

    assert "1,000 tokens for today" in gateway.shown(named("m1")).notice
    assert await gateway.line.find(named("m1")) is None
    assert "Today: 1,001 tokens" in gateway.shown(named("m2")).markdown
