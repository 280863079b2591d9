"""More questions than slots: everybody is answered, nobody is refused, and places move."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.e2e.conftest import StartGlimmer
from tests.e2e.playground import State

pytestmark = pytest.mark.e2e


def places(states: list[State]) -> list[int]:
    """List the places a reply has shown, without repetitions."""
    shown = [state["place"] for state in states if state["place"] is not None]
    return [place for index, place in enumerate(shown) if index == 0 or place != shown[index - 1]]


async def test_forty_questions_of_eight_people_on_one_slot_are_all_answered(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"), workers=2, GLM_TIER="V0")
    person = open_playground(glimmer)
    text = "[[sim:seconds=0.3]] [[sim:chars=400]] Question {} of {}"

    async with AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(person.watch(f"u{user}")) for user in range(8)]
        questions = [(f"u{user}", text.format(number, user)) for number in range(5) for user in range(8)]
        await asyncio.gather(*(person.send(name, words, user=name) for name, words in questions))
        finals = [await watcher.final(5, timeout=90) for watcher in watchers]

    requests = await glimmer.requests()
    stats = await glimmer.stats()
    replies = [reply for row in finals for reply in row]
    assert len(replies) == 40
    assert {reply["outcome"] for reply in replies} == {"answered"}
    assert sorted(reply["markdown"] for reply in replies) == sorted(request["answer"] for request in requests)
    assert set(stats["peak"].values()) == {1}
    assert stats["refusals"] == {}
    for watcher in watchers:
        for reply_id in watcher.replies:
            shown = places(watcher.of(reply_id))
            assert shown[-1] == 0, shown
    waited = [
        shown for watcher in watchers for one in watcher.replies if len(shown := places(watcher.of(one))) > 1
    ]
    assert len(waited) >= 39


async def test_a_light_user_does_not_wait_for_a_heavy_one(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer)

    for number in range(12):
        await person.send("heavy", f"[[sim:seconds=0.3]] Heavy {number}", user="heavy")
    async with person.watch("light") as watcher:
        await person.send("light", "[[sim:seconds=0.3]] Light", user="light")
        await watcher.final()

    asked = [request["user_text"].rpartition("]] ")[2] for request in await glimmer.requests()]
    assert "Light" in asked[:4]


async def test_a_lower_limit_than_we_knew_is_found_and_kept(start_glimmer: StartGlimmer, open_playground):
    """The vendor lowers limits at peak hours: nobody is told of a 1302, and only a few are met."""
    model = "glm-4.7-flash"
    glimmer = await start_glimmer(
        simulator=("--pace", "0", "--limit", f"{model}=3"), GLM_CONCURRENCY=f'{{"{model}": 8}}'
    )
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        for number in range(24):
            await person.send("t1", f"[[sim:seconds=0.4]] Question {number}", user=f"u{number}")
        replies = await watcher.final(24, timeout=60)

    stats = await glimmer.stats()
    assert {reply["outcome"] for reply in replies} == {"answered"}
    assert stats["peak"] == {f"demo/{model}": 3}
    assert stats["refusals"]["1302"] <= 12
