"""An early sign of life."""

import asyncio

import pytest

from bots import open_reply
from bots.drafts import Checkpoint, Placement
from bots.errors import LeaseLost, PlatformDenied, PlatformUnavailable
from bots.line import StoppedJob
from tests.fakes.jobs import make_job, make_message
from tests.fakes.stepped_clock import settle
from tests.unit.bots.gateway import Gateway

JOB = make_job()


@pytest.mark.parametrize("failure", [PlatformUnavailable(), PlatformDenied(), LeaseLost()])
async def test_a_place_that_cannot_be_shown_does_not_lose_the_question(gateway: Gateway, failure: Exception):
    gateway.writer.failures = [failure]

    await gateway.opener.open(JOB)

    assert [grant.job_id for grant in gateway.bell.rung] == [JOB.job_id]


async def test_a_platform_that_hangs_holds_up_neither_the_worker_nor_the_acknowledgement(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(open_reply, "EARLY_SECONDS", 0.01)
    answering = asyncio.Event()
    gateway.writer.gate = answering

    await gateway.opener.open(JOB)

    assert len(gateway.bell.rung) == 1
    assert gateway.writer.replies == {}
    answering.set()
    await settle()
    assert gateway.shown(JOB.reply_id).place is not None


async def test_the_place_is_shown_under_the_fence_of_the_line(gateway: Gateway):
    await gateway.opener.open(JOB)

    [grant] = gateway.bell.rung
    assert gateway.writer.replies[JOB.reply_id].fence <= grant.token


async def test_a_stopped_reply_keeps_what_was_said_already(gateway: Gateway):
    left = Checkpoint(
        placement=Placement(reply_id=JOB.reply_id, fence=1, handle={"ts": "1.2"}, revision=70),
        markdown="Half",
    )

    await gateway.opener.conclude_waiting(StoppedJob(JOB, was_waiting=True, token=5, checkpoint=left))

    shown = gateway.shown(JOB.reply_id)
    assert (shown.markdown, shown.notice, shown.outcome) == ("Half", "Stopped.", "stopped")
    assert shown.revision > 70


async def test_a_sentence_of_our_own_is_final(gateway: Gateway):
    await gateway.opener.say(make_message(), "Saved.", is_failure=False)

    shown = gateway.shown(JOB.reply_id)
    assert (shown.markdown, shown.outcome, shown.is_final) == ("Saved.", "answered", True)


async def test_a_refusal_of_our_own_stands_beside_the_answer(gateway: Gateway):
    await gateway.opener.say(make_message(), "I can't see a question.", is_failure=True)

    shown = gateway.shown(JOB.reply_id)
    assert (shown.markdown, shown.notice, shown.outcome) == ("", "I can't see a question.", "failed")


async def test_saying_the_same_twice_makes_one_message(gateway: Gateway):
    await gateway.opener.say(make_message(), "Saved.", is_failure=False)
    await gateway.opener.say(make_message(), "Saved.", is_failure=False)

    assert len(gateway.writer.replies) == 1
