"""The writer's contract: the same suite on the fake, on the playground's writer, on Slack's and on Lark's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from adapters.clock import SystemClock
from adapters.platforms.slack.budget import ALLOWANCES, CallBudget
from adapters.platforms.slack.client import SlackClient, open_http
from adapters.platforms.slack.installations import OneWorkspace
from adapters.platforms.slack.writing import create_writer
from adapters.platforms.web import WebSettings, WebStore, create_platform
from bots.drafts import Draft, Outcome, Place, Placement
from bots.errors import LeaseLost, PlatformError
from bots.messages import Conversation
from bots.ports import MessageWriter
from simulators.lark.app import create_app as create_lark
from simulators.lark.config import Config as LarkConfig
from simulators.serving import serve
from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig
from tests.fakes.writer import FakeWriter
from tests.integration.lark.showing import Stage as LarkStage
from tests.integration.lark.showing import element_text, staged
from tests.integration.simulators.lark.conftest import Lark
from tests.integration.slack.workspace import GENERAL, TEAM, Workspace, markdown_of, small_print

REPLY = "reply-1"


@dataclass(frozen=True)
class Shown:
    """What a reader sees of one reply."""

    markdown: str
    small_print: str
    messages: int


@dataclass
class Stage:
    """One implementation, as two processes have it, and a reader's eyes."""

    writer: MessageWriter
    other: MessageWriter  # another process with the same store
    place: Conversation
    look: Callable[[], Awaitable[Shown]]

    async def post(self, draft: Draft, fence: int = 1) -> Placement:
        return await _insist(self.writer.post, self.place, draft, fence)

    async def edit(self, draft: Draft, fence: int = 1) -> Placement:
        return await _insist(self.writer.edit, self.place, draft, fence)


Write = Callable[[Conversation, Draft, Placement], Awaitable[Placement]]


async def _insist(write: Write, place: Conversation, draft: Draft, fence: int) -> Placement:
    """Write as the bot does: what is refused for now is tried again."""
    for _ in range(40):
        try:
            return await write(place, draft, Placement(reply_id=REPLY, fence=fence))
        except PlatformError as error:
            if not error.is_transient:
                raise
            await asyncio.sleep(min(error.retry_after or 0.05, 0.5))
    pytest.fail("the write did not get through")


@pytest.fixture(
    params=[
        "fake",
        pytest.param("web", marks=pytest.mark.redis),
        pytest.param("slack", marks=pytest.mark.redis),
        pytest.param("lark", marks=pytest.mark.redis),
    ]
)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "fake":
        fake = FakeWriter()
        place = Conversation(platform="fake", tenant_id="t", channel_id="c")
        yield Stage(fake, fake, place, lambda: _look_at_fake(fake))
        return
    if request.param == "lark":
        async with _lark(request.getfixturevalue("redis_url")) as lark:
            yield lark
        return
    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    async with redis:
        if request.param == "web":
            yield _web(redis)
            return
        config = SlackSimulatorConfig()
        with serve(create_app(config)) as url:
            async with open_http() as http, httpx.AsyncClient(base_url=url, timeout=10) as control:
                workspace = Workspace(url, control)
                thread = await workspace.ask()
                client = SlackClient(http, OneWorkspace(SecretStr(config.bot_token)), f"{url}/api/")
                allowances = {name: replace(one, gap=0.0) for name, one in ALLOWANCES.items()}
                budget = CallBudget(redis, allowances)
                writer, other = (create_writer(client, redis, SystemClock(), budget=budget) for _ in range(2))
                place = Conversation(platform="slack", tenant_id=TEAM, channel_id=GENERAL, thread_id=thread)
                yield Stage(writer, other, place, lambda: _look_at_slack(workspace, thread))


@asynccontextmanager
async def _lark(redis_url: str) -> AsyncIterator[Stage]:
    config = LarkConfig()
    with serve(create_lark(config)) as url:
        lark = Lark(url, config)
        async with staged(lark, redis_url) as one, staged(lark, redis_url) as two:
            place = Conversation(platform="lark", tenant_id="t", channel_id=lark.chat_id("Alice"))
            yield Stage(one.writer, two.writer, place, lambda: _look_at_lark(one))
        lark.http.close()


def _web(redis: Redis) -> Stage:
    settings = WebSettings()
    writer, other = (create_platform(redis, settings).writer for _ in range(2))
    place = Conversation(platform="web", tenant_id="local", channel_id="t1")
    store = WebStore(redis, settings)
    return Stage(writer, other, place, lambda: _look_at_web(store))


async def _look_at_fake(writer: FakeWriter) -> Shown:
    if REPLY not in writer.replies:
        return Shown("", "", 0)
    draft = writer.replies[REPLY].draft
    return Shown(draft.markdown, draft.notice, len(writer.replies))


async def _look_at_web(store: WebStore) -> Shown:
    message = await store.message("t1", REPLY)
    count = len(await store.snapshot("t1"))
    return Shown(message.markdown, message.notice, count) if message else Shown("", "", count)


async def _look_at_slack(workspace: Workspace, thread: str) -> Shown:
    messages = await workspace.replies(thread)
    return Shown("".join(map(markdown_of, messages)), "\n".join(map(small_print, messages)), len(messages))


async def _look_at_lark(lark: LarkStage) -> Shown:
    cards = lark.replies()
    words = "".join(element_text(card, "md") for card in cards)
    return Shown(words, "\n".join(element_text(card, "notice") for card in cards), len(cards))


def growing(text: str, revision: int) -> Draft:
    return Draft(markdown=text, revision=revision, buttons=("stop",))


def final(text: str, revision: int, *, notice: str = "", outcome: Outcome = "answered") -> Draft:
    return Draft(
        markdown=text, revision=revision, notice=notice, outcome=outcome, is_final=True,
        buttons=("regenerate", "like", "dislike"), model="glm-4.6",
    )  # fmt: skip


WAITING = Draft(place=Place(position=2, seconds=20), buttons=("stop",), revision=1)
BEGUN = Draft(place=Place(position=0), buttons=("stop",), revision=2)


async def test_an_answer_grows_in_one_message(stage: Stage):
    await stage.post(WAITING)
    await stage.edit(growing("One line\n", 3))
    assert (await stage.look()).markdown == "One line\n"
    await stage.edit(growing("One line\nand more ", 4))
    assert (await stage.look()).markdown.startswith("One line\nand more")
    await stage.edit(final("One line\nand more of it.", 5))

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("One line\nand more of it.", 1)


async def test_an_answer_may_come_in_one_piece(stage: Stage):
    await stage.post(final("All of it.", 1))

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("All of it.", 1)


async def test_posting_again_makes_no_second_message(stage: Stage):
    await stage.post(final("All of it.", 1))
    await stage.post(final("All of it.", 1))
    await stage.post(final("All of it.", 7), fence=2)

    assert (await stage.look()).messages == 1


async def test_a_late_edit_is_not_shown(stage: Stage):
    await stage.post(BEGUN)
    await stage.edit(growing("One line\nand more ", 9))
    await stage.edit(growing("One line\n", 8))

    assert (await stage.look()).markdown.startswith("One line\nand more")


async def test_a_final_text_is_not_overwritten_by_one_that_grows(stage: Stage):
    await stage.edit(final("The whole.", 3))
    answer = await stage.edit(growing("The wh", 9))

    assert (await stage.look()).markdown == "The whole."
    assert answer.revision == 3


@pytest.mark.parametrize("verb", ["post", "edit"])
async def test_a_writer_that_lost_its_lease_writes_nothing(stage: Stage, verb: str):
    await stage.edit(growing("Mine\n", 3), fence=5)
    write = stage.other.post if verb == "post" else stage.other.edit
    with pytest.raises(LeaseLost):
        await write(stage.place, growing("Late\n", 99), Placement(reply_id=REPLY, fence=4))

    assert (await stage.look()).markdown == "Mine\n"


async def test_another_worker_finishes_the_same_message(stage: Stage):
    await stage.edit(growing("Half an\n", 3))
    await _insist(stage.other.post, stage.place, BEGUN, 2)
    assert (await stage.look()).markdown == "Half an\n"  # what is there stays until there is more
    await _insist(stage.other.edit, stage.place, growing("Half an\nanswer is ", 8), 2)
    await _insist(stage.other.edit, stage.place, final("Half an\nanswer is none.", 9), 2)

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("Half an\nanswer is none.", 1)


async def test_another_worker_may_say_it_differently(stage: Stage):
    await stage.edit(growing("The first try was\n", 3))
    await _insist(stage.other.edit, stage.place, growing("Another beginning\n", 4), 2)
    await _insist(stage.other.edit, stage.place, final("Another beginning\nand end.", 9), 2)

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("Another beginning\nand end.", 1)


async def test_an_answer_is_written_anew_in_its_old_place(stage: Stage):
    await stage.edit(growing("The old\n", 3))
    await stage.edit(final("The old\nanswer.", 4))
    await stage.edit(Draft(place=Place(position=1), buttons=("stop",), revision=5), fence=2)
    cleared = await stage.look()
    assert "old" not in cleared.markdown
    await stage.post(BEGUN.model_copy(update={"revision": 6}), fence=3)
    await stage.edit(growing("A newer\n", 7), fence=3)
    await stage.edit(final("A newer\none.", 8), fence=3)

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("A newer\none.", 1)


async def test_a_withdrawn_answer_is_taken_away(stage: Stage):
    await stage.edit(growing("What nobody should read\n", 3))
    await stage.edit(final("", 4, notice="The filter declined this.", outcome="refused"))

    shown = await stage.look()
    assert "nobody" not in shown.markdown
    assert (shown.small_print, shown.messages) == ("The filter declined this.", 1)


async def test_a_failure_is_told_beside_what_was_said(stage: Stage):
    await stage.edit(growing("Half an\n", 3))
    await stage.edit(final("Half an\n", 4, notice="The answer broke off.", outcome="failed"))

    shown = await stage.look()
    assert (shown.markdown, shown.messages) == ("Half an\n", 1)
    assert "The answer broke off." in shown.small_print
