"""A person asks in the playground: words, pictures, commands, buttons."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image, ImageDraw

from tests.e2e.glimmer import Glimmer

pytestmark = pytest.mark.e2e


def photo(width: int, height: int, *, orientation: int = 1, kilobytes: int = 0) -> bytes:
    """Make a JPEG as a phone does: the pixels lie on their side, EXIF says how to turn them."""
    noise = Image.effect_noise((width // 4, height // 4), 90).resize((width, height)).convert("RGB")
    picture = Image.blend(noise, Image.new("RGB", (width, height), (200, 30, 40)), 0.5)
    ImageDraw.Draw(picture).rectangle((0, 0, width // 3, height // 3), fill=(20, 60, 200))
    exif = Image.Exif()
    exif[0x0112] = orientation
    for quality in range(80, 101):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality, exif=exif)
        if len(out.getvalue()) > kilobytes * 1024:
            return out.getvalue()
    raise AssertionError(f"only {len(out.getvalue())} bytes")


async def test_an_answer_grows_and_ends_as_the_model_said_it(glimmer: Glimmer, thread: str, open_playground):
    await glimmer.forget(pace=1)
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "What is a quorum? Show a table and code.")
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    lengths = [len(state["markdown"]) for state in watcher.of(reply["id"])]
    assert reply["markdown"] == request["answer"]
    assert reply["outcome"] == "answered"
    assert lengths == sorted(lengths)
    assert len(set(lengths)) >= 6
    assert [state["revision"] for state in watcher.of(reply["id"])] == sorted(
        {state["revision"] for state in watcher.of(reply["id"])}
    )


async def test_a_large_photo_on_its_side_is_seen_upright_in_its_own_size(
    glimmer: Glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)
    data = photo(4032, 3024, orientation=6, kilobytes=5 * 1024)
    assert len(data) > 5 * 1024 * 1024

    async with person.watch(thread) as watcher:
        await person.send(thread, "What size is this picture?", files=[("IMG_1.jpg", data, "image/jpeg")])
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    assert "3024 × 4032" in reply["markdown"]
    assert reply["markdown"] == request["answer"]


async def test_a_picture_without_words_is_described_and_a_later_question_is_about_it(
    glimmer: Glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, files=[("red.jpg", photo(640, 480), "image/jpeg")])
        await watcher.final(1)
        await person.send(thread, "And how wide is the picture?")
        replies = await watcher.final(2)

    assert all("640 × 480" in reply["markdown"] for reply in replies)


async def test_imagine_shows_a_picture_of_the_asked_size(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "/imagine a red fox in snow --size 1344x768")
        [reply] = await watcher.final()

    [picture] = reply["images"]
    with Image.open(BytesIO(await person.get(picture["url"]))) as image:
        assert image.size == (1344, 768)
    assert picture["alt"] == "a red fox in snow"


async def test_the_thread_is_remembered(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "Octopuses have how many hearts?")
        await watcher.final(1)
        await person.send(thread, "What did I say first?")
        replies = await watcher.final(2)

    assert "Octopuses have how many hearts?" in replies[1]["markdown"]


async def test_a_text_file_is_read(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(
            thread, "Sum this up", files=[("notes.md", b"The password of the day is heron.", "text/markdown")]
        )
        await watcher.final()

    [request] = await glimmer.requests()
    assert "The password of the day is heron." in request["user_text"]


async def test_stop_ends_the_answer_where_it_is_and_frees_the_slot(
    glimmer: Glimmer, thread: str, open_playground
):
    await glimmer.forget(pace=1)
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "[[sim:seconds=60]] Tell me everything")
        await watcher.until(lambda it: any(reply["markdown"] for reply in it.replies.values()))
        [reply_id] = watcher.replies
        await person.press(thread, reply_id, "stop")
        [reply] = await watcher.final(timeout=5)
        await person.send(thread, "And now?")
        await watcher.final(2, timeout=20)

    assert reply["outcome"] == "stopped"
    assert reply["markdown"]
    stats = await glimmer.stats()
    assert stats["disconnected"] == 1
    assert stats["refused"] == 0


async def test_stop_takes_a_waiting_question_out_of_the_line(glimmer: Glimmer, thread: str, open_playground):
    await glimmer.forget(pace=1)
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher, person.watch(f"{thread}-2") as waiting:
        await person.send(thread, "[[sim:seconds=3]] First")
        await watcher.until(lambda it: it.replies)
        await person.send(f"{thread}-2", "Second")
        await waiting.until(lambda it: any(reply["place"] == 1 for reply in it.replies.values()))
        [reply_id] = waiting.replies
        await person.press(f"{thread}-2", reply_id, "stop")
        [reply] = await waiting.final(timeout=2)
        await watcher.final()

    assert reply["outcome"] == "stopped"
    assert [request["user_text"] for request in await glimmer.requests()] == ["[[sim:seconds=3]] First"]


async def test_regenerate_writes_a_new_answer_in_the_same_message(
    glimmer: Glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "Why is the sky blue?")
        [first] = await watcher.final()
        await person.press(thread, first["id"], "regenerate")
        await watcher.until(lambda it: not it.replies[first["id"]]["is_final"])
        [second] = await watcher.final()

    requests = await glimmer.requests()
    assert len(requests) == 2
    assert second["id"] == first["id"]
    assert second["markdown"] == requests[1]["answer"]


async def test_a_message_sent_twice_is_answered_once(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)
    client_id = str(uuid4())

    async with person.watch(thread) as watcher:
        await person.send(thread, "Only once, please", client_id=client_id)
        await person.send(thread, "Only once, please", client_id=client_id)
        await watcher.final()
        await person.send(thread, "Another")
        await watcher.final(2)

    assert len(watcher.replies) == 2
    assert len(await glimmer.requests()) == 2
