"""What a channel sees when many ask at once, when answers are long, and when a worker is killed."""

import asyncio
import json
import math
import time
from typing import Any

import pytest

from tests.e2e.slack.conftest import SlackGlimmer, StartInSlack, is_complete

pytestmark = pytest.mark.e2e

MODEL = "glm-4.7-flash"
FINAL_METHODS = ("chat.stopStream", "chat.postMessage", "chat.update")
SLOW = "[[sim:seconds=3]] [[sim:chunks=40]] [[sim:chars=900]] Tell me about quorums"


def markdown(reply: dict[str, Any]) -> str:
    return "".join(block["text"] for block in reply["blocks"] if block["type"] == "markdown")


async def ask_at_once(here: SlackGlimmer, questions: list[str], channels: list[str]) -> list[str]:
    """Let Alice mention the bot in a thread for each question; gives the threads."""
    asked = (
        here.mention(question, channels[number % len(channels)]) for number, question in enumerate(questions)
    )
    return list(await asyncio.gather(*asked))


async def check_all_whole(here: SlackGlimmer, questions: list[str], threads: list[str]) -> None:
    """Each thread holds the model's text for its own question, in one message."""
    requests = await here.glimmer._ask("GET", "/_sim/requests?limit=500")
    assert len(requests) == len(questions)
    for question, thread in zip(questions, threads, strict=True):
        [reply] = await here.replies(thread)
        [request] = [one for one in requests if question.rpartition("]")[2] in one["user_text"]]
        assert markdown(reply) == request["answer"]


async def check_hardly_refused(here: SlackGlimmer) -> None:
    """No final write met a 429, and of all calls at most two in a hundred did."""
    calls = (await here.see("calls"))["calls"]
    refused = [call["method"] for call in calls if call["outcome"] == "ratelimited"]
    assert not set(refused) & set(FINAL_METHODS)
    assert len(refused) <= 0.02 * len(calls)
    assert (await here.see("counts"))["violations"] == {}


async def start_with_slots(start_in_slack: StartInSlack, slots: int) -> SlackGlimmer:
    here = await start_in_slack(pace="0", workers=2, GLM_CONCURRENCY=json.dumps({MODEL: slots}))
    await here.glimmer.set_limits({MODEL: slots})
    return here


async def test_thirty_mentions_at_once_are_all_answered_whole_in_their_threads(start_in_slack: StartInSlack):
    here = await start_with_slots(start_in_slack, 30)
    questions = [f"[[sim:seconds=4]] [[sim:chars=900]] Question {number}?" for number in range(30)]

    threads = await ask_at_once(here, questions, ["general"])
    await asyncio.gather(*(here.answers(thread, seconds=60) for thread in threads))

    await check_all_whole(here, questions, threads)
    await check_hardly_refused(here)


async def test_a_hundred_mentions_over_thirty_slots_take_hardly_longer_than_the_model(
    start_in_slack: StartInSlack,
):
    here = await start_with_slots(start_in_slack, 30)
    rooms = [
        (await here.post("channels", name=f"room-{number}", members=["U0GLIMMERB", "U0ALICE001"]))["id"]
        for number in range(10)
    ]
    seconds = 4.0
    questions = [f"[[sim:seconds={seconds}]] [[sim:chars=600]] Question {number}?" for number in range(100)]

    began = time.monotonic()
    threads = await ask_at_once(here, questions, rooms)
    await asyncio.gather(*(here.answers(thread, seconds=90) for thread in threads))
    took = time.monotonic() - began

    assert took <= 1.3 * seconds * math.ceil(100 / 30)
    await check_all_whole(here, questions, threads)
    await check_hardly_refused(here)


async def test_a_very_long_chinese_answer_goes_on_in_further_messages(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    thread = await here.mention("[[sim:chars=12000]] [[sim:seconds=3]] 请详细介绍一下长城的历史。")
    await here.answers(thread)

    [request] = await here.glimmer.requests()
    replies = await here.replies(thread)
    assert len(replies) > 2
    assert "".join(map(markdown, replies)).replace("\u2060", "") == request["answer"]
    assert [is_complete(reply) for reply in replies] == [False] * (len(replies) - 1) + [True]


async def test_a_broadcast_in_an_answer_rings_nobodys_bell(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    thread = await here.mention("[[sim:fault=broadcast]] Greet everybody")
    await here.answers(thread)

    assert (await here.see("counts"))["violations"] == {}


async def wait_for_call(here: SlackGlimmer, method: str) -> None:
    async def is_made() -> Any:
        return (await here.see("calls", method=method))["calls"]

    await here.until(is_made)


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
async def test_a_worker_killed_over_a_call_leaves_one_message_that_is_finished(
    start_in_slack: StartInSlack, method: str
):
    """Slack has done it, and the worker dies before it hears of it."""
    here = await start_in_slack(pace="0", workers=1)
    await here.post("faults", method=method, kind="hang_after", seconds=20)
    thread = await here.mention(SLOW)
    await wait_for_call(here, method)
    here.glimmer.workers[0].kill9()
    await here.glimmer.start_worker()

    async def finished() -> Any:
        [request] = [one for one in await here.glimmer.requests() if one["outcome"] == "completed"][-1:] or [
            {}
        ]
        found = await here.replies(thread)
        return request and [reply for reply in found if markdown(reply) == request["answer"]]

    await here.until(finished)
    [reply] = await here.until(lambda: here.answers(thread))
    assert len(await here.replies(thread)) == 1
    assert is_complete(reply)
