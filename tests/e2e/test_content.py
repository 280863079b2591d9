"""Files, videos and boxes: what people attach is read, and what was found in it comes back."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from adapters.media.drawing import COLOURS
from tests.e2e.conftest import StartGlimmer
from tests.e2e.glimmer import Glimmer
from tests.media_made import (
    SCENES,
    SHAPES,
    docx_of,
    five_shapes,
    iou,
    office_bomb,
    pdf_of,
    pptx_of,
    scanned_pdf,
    video_of,
    xlsx_of,
)

pytestmark = pytest.mark.e2e

MP4, PDF = "video/mp4", "application/pdf"


@pytest.fixture(scope="module")
def clip() -> bytes:
    """A minute of film whose scenes change at known times."""
    return video_of(SCENES)


def scenes_in(markdown: str) -> dict[str, tuple[float, float]]:
    found = re.findall(r"\*\*(\w+)\*\* from ([\d.]+) s to ([\d.]+) s", markdown)
    return {colour: (float(begin), float(end)) for colour, begin, end in found}


async def be_public(glimmer: Glimmer) -> None:
    """Start again under an address that the vendor can reach."""
    glimmer.settings["PUBLIC_URL"] = glimmer.url
    glimmer.gateway.kill9()
    await glimmer.start_gateway()
    await glimmer.start_worker()


async def test_a_pdf_of_200_pages_is_read_by_its_text(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)
    pages = [f"Page {n} of the annual report. The code word is amber{n}." for n in range(1, 201)]

    async with person.watch(thread) as watcher:
        await person.send(thread, "Summarise", files=[("report.pdf", pdf_of(pages), PDF)])
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    assert reply["outcome"] == "answered"
    assert reply["notice"] == ""
    assert "amber1." in request["user_text"]
    assert "amber200." in request["user_text"]
    assert request["pictures"] == []


async def test_scanned_pages_reach_the_model_as_pictures(glimmer: Glimmer, thread: str, open_playground):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "What does it say?", files=[("scan.pdf", scanned_pdf(3), PDF)])
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    assert reply["outcome"] == "answered"
    assert len(request["pictures"]) == 3
    assert all(max(one["width"], one["height"]) == 1600 for one in request["pictures"])


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        (
            "plan.docx",
            docx_of(("Heading1", "The plan"), ("", "Buy 3 lamps.")),
            ["# The plan", "Buy 3 lamps."],
        ),
        (
            "talk.pptx",
            pptx_of(["First slide", "Second slide"]),
            ["## Slide 1", "First slide", "Second slide"],
        ),
        (
            "cost.xlsx",
            xlsx_of({"Cost": [["item", "yuan"], ["lamp", 12.5]]}),
            ["## Sheet Cost", "| lamp | 12.5 |"],
        ),
        ("cost.csv", b"item,yuan\nlamp,12.5\n", ["lamp,12.5"]),
        ("lamp.py", b"def shine(): return 42\n", ["def shine(): return 42"]),
    ],
    ids=["docx", "pptx", "xlsx", "csv", "code"],
)
async def test_office_files_and_code_are_read_as_text(
    glimmer: Glimmer, thread: str, open_playground, name: str, data: bytes, expected: list[str]
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "What is this?", files=[(name, data, "application/octet-stream")])
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    assert reply["outcome"] == "answered"
    assert f"File {name}" in request["user_text"]
    assert all(one in request["user_text"] for one in expected)


async def test_one_bad_file_among_good_ones_is_told_and_the_rest_is_answered(
    glimmer: Glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)
    files = [
        ("good.txt", b"The sky is green.", "text/plain"),
        ("bomb.docx", office_bomb(), "application/zip"),
    ]

    async with person.watch(thread) as watcher:
        await person.send(thread, "Compare them", files=files)
        [reply] = await watcher.final()

    [request] = await glimmer.requests()
    assert reply["outcome"] == "answered"
    assert "bomb.docx is too large" in reply["notice"]
    assert "The sky is green." in request["user_text"]
    assert "[The file bomb.docx could not be read.]" in request["user_text"]


async def test_the_frames_of_a_minute_of_film_tell_its_scenes_in_time(
    glimmer: Glimmer, thread: str, open_playground, clip: bytes
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "When does what appear?", files=[("film.mp4", clip, MP4)])
        [reply] = await watcher.final()

    told = scenes_in(reply["markdown"])
    [request] = await glimmer.requests()
    assert len(request["pictures"]) == 40
    assert set(told) == {colour for colour, _, _ in SCENES}
    for colour, begin, end in SCENES:
        assert told[colour] == pytest.approx((begin, end), abs=1.6)


async def test_with_a_public_address_the_vendor_fetches_the_film_itself(
    start_glimmer: StartGlimmer, open_playground, clip: bytes
):
    glimmer = await start_glimmer(simulator=("--pace", "0"), workers=0)
    await be_public(glimmer)
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", "When does what appear?", files=[("film.mp4", clip, MP4)])
        [reply] = await watcher.final()

    told = scenes_in(reply["markdown"])
    [request] = await glimmer.requests()
    assert request["pictures"] == []
    for colour, begin, end in SCENES:
        assert told[colour] == pytest.approx((begin, end), abs=0.3)


async def test_the_model_of_last_resort_fetches_a_picture_by_its_address(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"), workers=0, GLM_VISION_MODELS="glm-4v-flash")
    await be_public(glimmer)
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", "What is in it?", files=[("shapes.png", five_shapes(), "image/png")])
        [reply] = await watcher.final()

    assert reply["outcome"] == "answered"
    assert reply["model"] == "glm-4v-flash"
    assert "800 × 600" in reply["markdown"]


@pytest.mark.parametrize("style", ["", " in [[xmin,ymin,xmax,ymax]] format"])
async def test_five_shapes_come_back_in_five_boxes(
    glimmer: Glimmer, thread: str, open_playground, style: str
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(
            thread, f"Provide coordinates of all shapes{style}", files=[("s.png", five_shapes(), "image/png")]
        )
        [reply] = await watcher.final()

    [image] = reply["images"]
    drawn = Image.open(io.BytesIO(await person.get(image["url"]))).convert("RGB")
    found = list(boxes_drawn(drawn))
    assert drawn.size == (800, 600)
    assert len(found) == len(SHAPES)
    for shape in SHAPES:
        assert max(iou(shape.box, one) for one in found) >= 0.9, shape
        assert shape.colour in image["alt"]


async def test_a_later_question_about_the_picture_gets_its_boxes_too(
    glimmer: Glimmer, thread: str, open_playground
):
    person = open_playground(glimmer)

    async with person.watch(thread) as watcher:
        await person.send(thread, "What is this?", files=[("s.png", five_shapes(), "image/png")])
        [first] = await watcher.final(1)
        await person.send(thread, "Give me the coordinates of each shape in the picture")
        replies = await watcher.final(2)

    assert first["images"] == []
    assert len(replies[1]["images"]) == 1


def boxes_drawn(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Find the outlines by their colours, which the shapes do not have."""
    for colour in COLOURS:
        red, green, blue = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()
        distance = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        box = distance.point(lambda value: 0 if value else 255).getbbox()
        if box:
            yield box
