"""Questions go to models that can serve them, and to the next when the first is busy."""

import asyncio
import io
import json

import pytest
from PIL import Image

from tests.e2e.conftest import StartGlimmer

pytestmark = pytest.mark.e2e

BEST, NEXT = "glm-4.6v-flash", "glm-4.1v-thinking-flash"


def pictures(count: int) -> list[tuple[str, bytes, str]]:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, "PNG")
    return [(f"{number}.png", out.getvalue(), "image/png") for number in range(count)]


async def test_a_second_picture_does_not_wait_for_the_first_and_its_reply_names_the_model(
    glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)
    async with person.watch(thread) as one, person.watch(f"{thread}-2") as two:
        await person.send(thread, "[[sim:seconds=1.5]] What is this?", files=pictures(1), user="ann")
        await one.until(lambda it: any(reply["markdown"] for reply in it.replies.values()))
        await person.send(f"{thread}-2", "And this?", files=pictures(1), user="bob")
        [quick] = await two.final()
        assert not any(reply["is_final"] for reply in one.replies.values())
        [slow] = await one.final()

    assert (slow["outcome"], quick["outcome"]) == ("answered", "answered")
    assert (slow["model"], quick["model"]) == (BEST, NEXT)


async def test_what_the_next_model_cannot_take_waits_for_the_first(glimmer, thread: str, open_playground):
    person = open_playground(glimmer)
    async with person.watch(thread) as one, person.watch(f"{thread}-2") as two:
        await person.send(thread, "[[sim:seconds=1]] What is this?", files=pictures(1), user="ann")
        await one.until(lambda it: any(reply["markdown"] for reply in it.replies.values()))
        await person.send(f"{thread}-2", "And these six?", files=pictures(6), user="bob")
        [[first], [second]] = await asyncio.gather(one.final(), two.final())

    assert (first["model"], second["model"]) == (BEST, BEST)
    assert second["outcome"] == "answered"
    assert (await glimmer.stats())["refusals"] == {}


async def test_more_pictures_than_any_model_takes_are_refused_in_words(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(GLM_VISION_MODELS=NEXT)
    person = open_playground(glimmer)
    async with person.watch("t1") as watcher:
        await person.send("t1", "And these six?", files=pictures(6))
        [reply] = await watcher.final()

    assert "at most 5" in json.dumps(reply)
    assert await glimmer.requests() == []


async def test_with_spill_over_off_everybody_waits_for_the_first_model(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"), LINE_SPILL_OVER="false")
    person = open_playground(glimmer)
    async with person.watch("t1") as one, person.watch("t2") as two:
        await person.send("t1", "[[sim:seconds=1]] What is this?", files=pictures(1), user="ann")
        await person.send("t2", "And this?", files=pictures(1), user="bob")
        [[first], [second]] = await asyncio.gather(one.final(), two.final())

    assert (first["model"], second["model"]) == (BEST, BEST)
