"""Buttons under an answer, and questions that are changed or taken back."""

import pytest

from bots.events import ButtonAction, ButtonPressed
from bots.jobs import AnswerJob, ImagineJob
from bots.line import StartedJob
from tests.fakes.jobs import LONG_AGO, make_job, make_message
from tests.unit.bots.gateway import Gateway

MESSAGE = make_message()
REPLY = MESSAGE.action_id
QUESTION = AnswerJob(
    job_id=REPLY,
    reply_id=REPLY,
    message=MESSAGE,
    route=("glm-4.7-flash", "glm-4.5-flash"),
    language="en",
    created_at=LONG_AGO,
)
PAINTING = ImagineJob(
    job_id=REPLY,
    reply_id=REPLY,
    message=make_message(text="/imagine a fox"),
    route=("cogview-3-flash",),
    language="en",
    created_at=LONG_AGO,
    prompt="a fox",
)


def press(
    action: ButtonAction, *, value: str = "", press_id: str = "p1", reply: str = REPLY
) -> ButtonPressed:
    return ButtonPressed(
        conversation=MESSAGE.conversation,
        sender=MESSAGE.sender,
        reply_id=reply,
        action=action,
        press_id=press_id,
        value=value,
    )


async def begin(gateway: Gateway, job: AnswerJob | ImagineJob = QUESTION) -> StartedJob:
    """Let a worker begin the job."""
    await gateway.opener.open(job)
    started = await gateway.line.start(gateway.bell.rung[-1])
    assert started is not None
    return started


async def end(gateway: Gateway, started: StartedJob) -> None:
    await gateway.bell.ring(await gateway.line.finish(started.grant, "answered"))


async def test_stop_flags_a_running_job_and_leaves_its_end_to_its_worker(gateway: Gateway):
    started = await begin(gateway)
    writes = len(gateway.writer.writes)

    await gateway.buttons.press(press("stop"))

    assert await gateway.line.renew([started.grant]) == {REPLY: "stop"}
    assert len(gateway.writer.writes) == writes


async def test_stop_ends_a_waiting_job_at_once(gateway: Gateway):
    await begin(gateway)
    waiting = make_job("m2", model=QUESTION.route[0])
    await gateway.opener.open(waiting)

    await gateway.buttons.press(press("stop", reply=waiting.reply_id))

    shown = gateway.shown(waiting.reply_id)
    assert (shown.outcome, shown.notice, shown.is_final) == ("stopped", "Stopped.", True)
    assert shown.buttons == ("regenerate", "like", "dislike")


async def test_stop_after_the_end_changes_nothing(gateway: Gateway):
    await end(gateway, await begin(gateway))
    seen = gateway.shown(REPLY)

    await gateway.buttons.press(press("stop"))

    assert gateway.shown(REPLY) == seen


async def test_regenerate_asks_again_in_the_same_reply(gateway: Gateway):
    await end(gateway, await begin(gateway))

    await gateway.buttons.press(press("regenerate"))

    again = await gateway.line.start(gateway.bell.rung[-1])
    assert again is not None
    assert again.job.reply_id == REPLY
    assert again.job.message == QUESTION.message
    assert list(gateway.writer.replies) == [REPLY]


async def test_regenerate_clears_the_old_text_at_once(gateway: Gateway):
    started = await begin(gateway)
    former = gateway.writer.replies[REPLY]
    former.draft = former.draft.model_copy(update={"markdown": "Old.", "is_final": True})
    await end(gateway, started)
    gateway.clock.advance(10)

    await gateway.buttons.press(press("regenerate"))

    assert gateway.shown(REPLY).markdown == ""
    assert not gateway.shown(REPLY).is_final


async def test_regenerate_of_a_running_job_stops_it_and_fences_it_off(gateway: Gateway):
    started = await begin(gateway)

    await gateway.buttons.press(press("regenerate"))

    assert await gateway.line.renew([started.grant]) == {REPLY: "stop"}
    assert gateway.writer.replies[REPLY].fence > started.token


async def test_a_press_delivered_twice_asks_once_and_does_not_stop_the_new_answer(gateway: Gateway):
    await end(gateway, await begin(gateway))
    await gateway.buttons.press(press("regenerate"))
    again = await gateway.line.start(gateway.bell.rung[-1])
    assert again is not None
    rung = len(gateway.bell.rung)

    await gateway.buttons.press(press("regenerate"))

    assert len(gateway.bell.rung) == rung
    assert await gateway.line.renew([again.grant]) == {again.job.job_id: "held"}


async def test_a_second_press_asks_a_second_time(gateway: Gateway):
    await end(gateway, await begin(gateway))
    await gateway.buttons.press(press("regenerate", press_id="p1"))
    again = await gateway.line.start(gateway.bell.rung[-1])
    assert again is not None

    await gateway.buttons.press(press("regenerate", press_id="p2"))

    assert await gateway.line.renew([again.grant]) == {again.job.job_id: "stop"}
    newest = await gateway.line.find(REPLY)
    assert newest is not None
    assert newest.job_id != again.job.job_id


async def test_another_model_takes_the_next_of_the_route(gateway: Gateway):
    await end(gateway, await begin(gateway))

    await gateway.buttons.press(press("other_model"))

    newest = await gateway.line.find(REPLY)
    assert newest is not None
    assert newest.route == ("glm-4.5-flash", "glm-4.7-flash")


async def test_another_model_can_be_named(gateway: Gateway):
    await end(gateway, await begin(gateway))

    await gateway.buttons.press(press("other_model", value="glm-4.6v-flash"))

    newest = await gateway.line.find(REPLY)
    assert newest is not None
    assert newest.route == ("glm-4.6v-flash", "glm-4.7-flash", "glm-4.5-flash")


@pytest.mark.parametrize(
    ("action", "value", "size"), [("vary", "", "1024x1024"), ("resize", "864x1152", "864x1152")]
)
async def test_a_picture_is_painted_anew(gateway: Gateway, action: ButtonAction, value: str, size: str):
    await end(gateway, await begin(gateway, PAINTING))

    await gateway.buttons.press(press(action, value=value))

    newest = await gateway.line.find(REPLY)
    assert isinstance(newest, ImagineJob)
    assert (newest.prompt, newest.size) == ("a fox", size)


@pytest.mark.parametrize("action", ["like", "dislike"])
async def test_an_opinion_changes_nothing(gateway: Gateway, action: ButtonAction):
    await end(gateway, await begin(gateway))
    writes = len(gateway.writer.writes)

    await gateway.buttons.press(press(action))

    assert len(gateway.writer.writes) == writes
    assert len(gateway.bell.rung) == 1


@pytest.mark.parametrize("action", ["stop", "regenerate"])
async def test_a_button_under_a_reply_long_forgotten_does_nothing(gateway: Gateway, action: ButtonAction):
    await gateway.buttons.press(press(action))

    assert gateway.writer.writes == []
    assert gateway.bell.rung == []


class TestEditing:
    """A person changes a question."""

    async def test_a_changed_question_is_asked_anew(self, gateway: Gateway):
        started = await begin(gateway)

        assert await gateway.buttons.ask_anew(make_message(text="Why?"), "e1")

        newest = await gateway.line.find(REPLY)
        assert newest is not None
        assert newest.message.text == "Why?"
        assert await gateway.line.renew([started.grant]) == {REPLY: "stop"}

    async def test_an_edit_delivered_twice_asks_once(self, gateway: Gateway):
        await begin(gateway)
        await gateway.buttons.ask_anew(make_message(text="Why?"), "e1")
        first = await gateway.line.find(REPLY)
        seen = gateway.shown(REPLY)

        await gateway.buttons.ask_anew(make_message(text="Why?"), "e1")

        assert await gateway.line.find(REPLY) == first
        assert gateway.shown(REPLY) == seen

    @pytest.mark.parametrize("text", ["What is a quorum?", "/ask What is a quorum?"])
    async def test_an_edit_that_leaves_the_words_as_they_are_disturbs_nothing(
        self, gateway: Gateway, text: str
    ):
        started = await begin(gateway)

        assert await gateway.buttons.ask_anew(make_message(text=text), "e1")

        assert await gateway.line.renew([started.grant]) == {REPLY: "held"}

    async def test_a_message_that_was_no_question_stays_none(self, gateway: Gateway):
        assert not await gateway.buttons.ask_anew(make_message(), "e1")
        assert gateway.writer.writes == []

    async def test_a_changed_wish_is_painted_as_it_says_now(self, gateway: Gateway):
        await begin(gateway, PAINTING)

        await gateway.buttons.ask_anew(make_message(text="/imagine a hen --size 1344x768"), "e1")

        newest = await gateway.line.find(REPLY)
        assert isinstance(newest, ImagineJob)
        assert (newest.prompt, newest.size) == ("a hen", "1344x768")

    @pytest.mark.parametrize("text", ["/imagine a hen --size 9", "never mind"])
    async def test_a_wish_changed_into_none_leaves_the_picture(self, gateway: Gateway, text: str):
        started = await begin(gateway, PAINTING)

        await gateway.buttons.ask_anew(make_message(text=text), "e1")

        assert await gateway.line.renew([started.grant]) == {REPLY: "held"}
