"""Many answers in one workspace at once, with Slack's real tiers: nothing lost, hardly anything refused."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest

from adapters.clock import SystemClock
from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.writer import SlackWriter
from adapters.platforms.slack.writing import create_writer
from bots.deltas import Delta, Finished, TextDelta
from bots.drafts import Checkpoint
from bots.jobs import AnswerJob
from bots.line import StartedJob
from bots.messages import IncomingMessage
from bots.progress import ProgressiveMessage
from tests.integration.slack.asked import question
from tests.integration.slack.workspace import GENERAL, Workspace

pytestmark = pytest.mark.redis

FINAL_METHODS = ("chat.stopStream", "chat.postMessage", "chat.update")
CHUNKS = 40


class Held:
    """A lease that is never lost."""

    def check(self) -> None:
        return

    async def ended(self) -> None:
        await asyncio.Event().wait()

    async def save(self, checkpoint: Checkpoint) -> None:  # noqa: ARG002
        return

    async def free_slot(self) -> None:
        return

    async def bar_account(self, seconds: float, *, everywhere: bool) -> bool:  # noqa: ARG002
        return False


class Unmeasured:
    """A meter nobody reads."""

    def first_text_visible(self, seconds: float) -> None:  # noqa: ARG002
        return

    def edits_merged(self, count: int) -> None:  # noqa: ARG002
        return


def answer_to(number: int) -> str:
    lines = (
        f"{number}: line {line} of an answer, long enough to be worth a look.\n" for line in range(CHUNKS)
    )
    return "".join(lines)


async def spoken(text: str, seconds: float) -> AsyncIterator[Delta]:
    size = math.ceil(len(text) / CHUNKS)
    for start in range(0, len(text), size):
        await asyncio.sleep(seconds / CHUNKS)
        yield TextDelta(text[start : start + size])
    yield Finished("stop")


async def answer(writer: SlackWriter, message: IncomingMessage, text: str, seconds: float) -> None:
    job = AnswerJob(
        job_id=message.action_id, reply_id=message.action_id, message=message, route=("glm-4.6",),
        language="en", created_at=message.sent_at,
    )  # fmt: skip
    started = StartedJob(
        job=job, token=1, model="glm-4.6", account="main", checkpoint=Checkpoint(), attempts=0, refusals=0,
        wait=0.0, waited=0.0, stop_requested=False,
    )  # fmt: skip
    progress = ProgressiveMessage(started, writer, Held(), SystemClock(), Unmeasured())
    await progress.open()
    await progress.follow(spoken(text, seconds))
    await progress.complete()
    await progress.conclude("answered")


async def check(workspace: Workspace, threads: list[str]) -> None:
    for number, thread in enumerate(threads):
        [text] = await workspace.texts(thread)
        assert text == answer_to(number)
    calls = await workspace.calls()
    refused = [call for call in calls if call["outcome"] == "ratelimited"]
    assert not [call for call in refused if call["method"] in FINAL_METHODS]
    assert len(refused) <= 0.02 * len(calls)
    assert await workspace.violations() == {}


async def test_thirty_answers_in_thirty_threads_of_one_channel(workspace: Workspace, client, redis):
    writers = [create_writer(client, redis, SystemClock()) for _ in range(3)]
    threads = [await workspace.ask(f"question {number}") for number in range(30)]
    messages = [question(thread, GENERAL) for thread in threads]
    for message in messages:
        await Askers(redis).remember(message)

    await asyncio.gather(
        *(answer(writers[n % 3], message, answer_to(n), 6.0) for n, message in enumerate(messages))
    )

    await check(workspace, threads)
