"""What a thread is remembered by, and what a person may use."""

import json
from typing import Any

import pytest

from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from adapters.redis.transcripts import RedisTranscripts
from bots.messages import Conversation
from bots.ports import TranscriptEntry
from tests.e2e.conftest import StartGlimmer
from tests.e2e.playground import Playground, Watcher

pytestmark = pytest.mark.e2e


async def ask(person: Playground, thread: str, *texts: str) -> list[dict[str, Any]]:
    """Ask one question after the other in a thread and give the final replies to these."""
    replies: list[dict[str, Any]] = []
    async with person.watch(thread) as watcher:
        for text in texts:
            known = {state["id"] for state in await person.messages(thread)}
            await person.send(thread, text)
            await watcher.until(lambda it, known=known: is_answered(it, known))
            [reply] = [reply for key, reply in watcher.replies.items() if key not in known]
            replies.append(reply)
    return replies


async def until_counted(person: Playground) -> None:
    """Ask for the use until it is told: it is counted just after the answer has been shown."""
    for number in range(50):
        [use] = await ask(person, f"use{number}", "/glm usage")
        if "Today: 0 tokens" not in use["markdown"]:
            return
    pytest.fail("the answer was never counted")


def is_answered(watcher: Watcher, known: set[str]) -> bool:
    return any(reply["is_final"] for key, reply in watcher.replies.items() if key not in known)


async def test_a_forgotten_thread_is_not_sent_again(glimmer, thread: str, open_playground):
    person = open_playground(glimmer)

    replies = await ask(person, thread, "My cat is called Miez.", "/glm forget", "What did I say first?")

    assert "Forgotten" in replies[1]["markdown"]
    last = (await glimmer.requests())[-1]
    assert not any("Miez" in turn["text"] for turn in last["turns"])


async def test_a_turn_the_filter_refuses_as_history_is_dropped_for_good(
    glimmer, thread: str, open_playground
):
    """What passed yesterday may be refused today; the questions after it must not suffer for ever."""
    person = open_playground(glimmer)
    await ask(person, thread, "The good beginning.")
    place = Conversation(platform="web", tenant_id="local", channel_id=thread)
    poison = (
        TranscriptEntry(role="user", text="The bad turn. [[sim:refuse]]", exchange_id="bad"),
        TranscriptEntry(role="assistant", text="Hm.", exchange_id="bad"),
    )
    async with open_redis(RedisSettings(url=glimmer.redis.url)) as redis:
        await RedisTranscripts(redis).remember(place, "bad", poison)

    replies = await ask(person, thread, "And now?", "And then?")

    assert [reply["outcome"] for reply in replies] == ["answered", "answered"]
    assert (await glimmer.stats())["refusals"] == {"1301": 1}
    for request in (await glimmer.requests())[-2:]:
        texts = " ".join(turn["text"] for turn in request["turns"])
        assert "The good beginning." in texts
        assert "The bad turn." not in texts


async def test_who_has_used_up_their_day_is_told_and_others_are_not_concerned(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(
        simulator=("--pace", "0"), USAGE_DAILY_TOKENS="50", USAGE_DAILY_PICTURES="1"
    )
    ann, bob = open_playground(glimmer), open_playground(glimmer, user="bob")

    [first] = await ask(ann, "t1", "A question. [[sim:tokens=60]]")
    await until_counted(ann)
    second, use = await ask(ann, "t1", "Another one.", "/glm usage")
    [other] = await ask(bob, "t2", "A question.")
    [painted] = await ask(bob, "t3", "/imagine a red fox --n 2")

    assert (first["outcome"], second["outcome"], other["outcome"]) == ("answered", "failed", "answered")
    assert "your 50 tokens for today" in json.dumps(second)
    assert "**Your use**" in use["markdown"]
    assert "Today: 0 tokens" not in use["markdown"]
    assert "¥0.00" in use["markdown"]
    assert "1 pictures for a day" in json.dumps(painted)


async def test_regenerating_is_limited_too_and_the_old_answer_stays(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"), USAGE_DAILY_TOKENS="50")
    ann = open_playground(glimmer)
    async with ann.watch("t1") as watcher:
        await ann.send("t1", "A question. [[sim:tokens=60]]")
        [answer] = await watcher.final()
        await until_counted(ann)
        await ann.press("t1", answer["id"], "regenerate")
        replies = await watcher.final(2)

    assert [reply["outcome"] for reply in replies] == ["answered", "failed"]
    assert replies[0]["markdown"] == answer["markdown"]
