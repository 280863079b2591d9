"""What a reader sees of a reply: place in line, thinking, growth over several messages, buttons."""

from datetime import timedelta

import pytest

from adapters.clock import SystemClock
from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.budget import CallBudget
from adapters.platforms.slack.statuses import AGAIN_SECONDS, ThreadStatuses
from adapters.platforms.slack.writing import create_writer
from bots.drafts import Draft, Place, ShownPicture
from tests.integration.slack.asked import Asked, final, growing, question
from tests.integration.slack.workspace import GENERAL, Workspace, buttons_of, markdown_of, small_print

pytestmark = pytest.mark.redis


class MovedClock(SystemClock):
    """The real clock, some seconds later."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def now(self):
        return super().now() + timedelta(seconds=self.seconds)


@pytest.fixture(params=["stream", "updates"])
def either(request, asked: Asked, unknown: Asked) -> Asked:
    return asked if request.param == "stream" else unknown


async def statuses(workspace: Workspace) -> list[str]:
    calls = await workspace.calls("assistant.threads.setStatus")
    return [str(call["arguments"]["status"]) for call in calls]


async def test_waiting_is_a_status_and_no_message(asked: Asked, workspace, make_writer):
    writer = make_writer()
    waiting = Draft(place=Place(position=3, seconds=38), buttons=("stop",), revision=1)
    await asked.write(writer.post, waiting)
    await writer.statuses.drain()
    await asked.write(writer.edit, waiting.model_copy(update={"place": Place(position=0), "revision": 2}))
    await writer.statuses.drain()
    assert await workspace.replies(asked.message.message_id) == []
    await asked.write(writer.edit, final("Here."))
    await writer.statuses.drain()

    assert await statuses(workspace) == ["is waiting: number 3 in line, about 40 s", "is thinking…"]
    [shown] = (await workspace.get("state"))["workspaces"][0]["statuses"] or [None]
    assert shown is None


async def test_a_chinese_question_waits_in_chinese(workspace, make_writer, redis):
    message = question(await workspace.ask("你好"), GENERAL).model_copy(update={"text": "什么是共识？"})
    await Askers(redis).remember(message)
    writer = make_writer()
    asked = Asked(workspace, message)
    await asked.write(writer.post, Draft(place=Place(position=2), revision=1))
    await writer.statuses.drain()
    await asked.write(writer.edit, final("共识是……"))

    assert await statuses(workspace) == ["正在排队：第 2 位"]
    [reply] = await workspace.replies(message.message_id)
    assert "内容由 AI 生成" in small_print(reply)


async def test_a_status_is_said_again_before_it_fades(asked: Asked, workspace, client, redis):
    budget = CallBudget(redis)
    first = ThreadStatuses(client, budget, redis, SystemClock())
    later = MovedClock(AGAIN_SECONDS + 1)
    await first.show(asked.place, "is thinking…")
    await first.drain()
    await first.say_due()
    assert await statuses(workspace) == ["is thinking…"]  # not yet
    other_process = ThreadStatuses(client, budget, redis, later)
    await other_process.say_due()
    await other_process.say_due()
    assert await statuses(workspace) == ["is thinking…"] * 2  # once, whoever looks
    await first.clear(asked.place)
    await first.drain()
    await ThreadStatuses(client, budget, redis, later).say_due()
    assert await statuses(workspace) == ["is thinking…", "is thinking…", ""]


async def test_thinking_is_a_task_beside_the_answer(asked: Asked, workspace, make_writer):
    writer = make_writer()
    thinking = Draft(reasoning="Let me see. <!channel> " * 30, buttons=("stop",), revision=3)
    await asked.write(writer.edit, thinking)
    [reply] = await workspace.replies(asked.message.message_id)
    assert [(block["type"], block["status"]) for block in reply["blocks"]] == [("task_card", "in_progress")]
    await asked.write(writer.edit, thinking.model_copy(update={"markdown": "So:\n", "revision": 4}))
    await asked.write(writer.edit, final("So:\nthis.", reasoning="Let me see."))

    [reply] = await workspace.replies(asked.message.message_id)
    [task] = [block for block in reply["blocks"] if block["type"] == "task_card"]
    assert (task["status"], len(task["details"]) <= 256) == ("complete", True)
    assert markdown_of(reply) == "So:\nthis."
    assert await workspace.violations() == {}


async def test_a_finished_answer_offers_what_comes_next(asked: Asked, workspace, make_writer):
    await asked.write(make_writer().post, final("Done."))

    [reply] = await workspace.replies(asked.message.message_id)
    assert buttons_of(reply) == ["glimmer:regenerate", "glimmer:other_model", "glimmer:feedback"]
    assert small_print(reply) == "AI can be wrong. Check what matters. · m"


async def test_a_message_that_grows_by_updates_offers_stop(unknown: Asked, workspace, make_writer):
    writer = make_writer()
    await unknown.write(writer.edit, growing("One\n", 3))
    [reply] = await workspace.replies(unknown.message.message_id)
    assert buttons_of(reply) == ["glimmer:stop"]
    await unknown.write(writer.edit, final("One\ntwo."))
    [reply] = await workspace.replies(unknown.message.message_id)
    assert "glimmer:stop" not in buttons_of(reply)


async def test_a_picture_offers_again_vary_and_sizes(asked: Asked, workspace, make_writer):
    picture = ShownPicture(handle="F1", alt="a red fox", width=64, height=64)
    await asked.write(make_writer().post, final("", pictures=(picture,)))

    [reply] = await workspace.replies(asked.message.message_id)
    assert buttons_of(reply)[:3] == ["glimmer:regenerate", "glimmer:vary", "glimmer:resize"]
    assert small_print(reply).startswith("a red fox")


LONG = "".join(f"Line {number} of a long answer with some words in it.\n" for number in range(500))
CODE = "Look:\n```py\n" + "value = 1  # one more line\n" * 700 + "```\nDone."


@pytest.mark.parametrize("text", [LONG, "中文句子。" * 2000], ids=["english", "chinese"])
async def test_a_long_answer_goes_on_in_further_messages(either: Asked, text, workspace, make_writer):
    asked = either
    writer = make_writer()
    for number, end in enumerate(range(1000, len(text), 1500)):
        await asked.write(writer.edit, growing(text[:end], number + 3))
    await asked.write(writer.edit, final(text))

    replies = await workspace.replies(asked.message.message_id)
    assert "".join(map(markdown_of, replies)) == text
    assert len(replies) >= 3
    assert [bool(buttons_of(reply)) for reply in replies] == [False] * (len(replies) - 1) + [True]
    assert await workspace.violations() == {}


async def test_code_is_closed_and_opened_again_where_a_message_ends(either: Asked, workspace, make_writer):
    asked = either
    writer = make_writer()
    for number, end in enumerate(range(1000, len(CODE), 2500)):
        await asked.write(writer.edit, growing(CODE[:end], number + 3))
    await asked.write(writer.edit, final(CODE))

    texts = await asked.shown()
    assert len(texts) >= 3
    assert all(text.count("```") % 2 == 0 for text in texts)
    assert all(text.startswith("```py\n") for text in texts[1:])
    assert "".join(texts).count("value = 1") == 700


async def test_an_answer_that_takes_longer_than_a_stream_lives_goes_on_in_another(
    asked: Asked, workspace, redis, client
):
    clock = MovedClock()
    writer = create_writer(client, redis, clock)
    await asked.write(writer.edit, growing("One\n", 3))
    clock.seconds = 250.0
    await asked.write(writer.edit, growing("One\ntwo\nthr", 4))
    await asked.write(writer.edit, growing("One\ntwo\nthree\n", 5))
    await asked.write(writer.edit, final("One\ntwo\nthree\nfour."))

    assert await asked.shown() == ["One\ntwo\n", "three\nfour."]
    assert await workspace.violations() == {}


async def test_after_slacks_own_stop_nothing_is_added(asked: Asked, workspace, make_writer):
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await workspace.send("act/stop", channel=GENERAL, thread_ts=asked.message.message_id)
    await asked.write(writer.edit, growing("One\ntwo\n", 4))
    assert await asked.shown() == ["One\n"]
    stopped = final("One\n").model_copy(update={"outcome": "stopped", "notice": "Stopped."})
    await asked.write(writer.edit, stopped)

    [reply] = await workspace.replies(asked.message.message_id)
    assert (markdown_of(reply), small_print(reply)) == ("One\n", "Stopped.")


async def test_a_shorter_new_answer_leaves_no_message_behind(unknown: Asked, workspace, make_writer):
    writer = make_writer()
    await unknown.write(writer.edit, final(LONG))
    assert len(await unknown.shown()) >= 3
    await unknown.write(writer.edit, Draft(place=Place(position=1), buttons=("stop",), revision=1), fence=2)
    assert await unknown.shown() == [""]
    await unknown.write(writer.edit, final("Short."), fence=3)

    assert await unknown.shown() == ["Short."]
