"""Boxes on pictures."""

import io

import pytest
from PIL import Image

from adapters.media.drawing import COLOURS, PillowMarker, pixels
from bots.grounding import Box
from bots.prompts import Picture
from tests.unit.adapters.media.pictures_made import encoded


async def marked(*boxes: Box, size: tuple[int, int] = (400, 200)) -> Image.Image:
    picture = Picture(encoded(Image.new("RGB", size, "white"), "PNG"), "image/png", *size)
    drawn = await PillowMarker().mark(picture, boxes)
    assert (drawn.width, drawn.height, drawn.media_type) == (*size, "image/png")
    return Image.open(io.BytesIO(drawn.data)).convert("RGB")


async def test_a_box_stands_where_the_thousandths_say():
    image = await marked(Box("", 250, 100, 750, 900))
    assert image.getpixel((100, 100)) == COLOURS[0]
    assert image.getpixel((299, 100)) == COLOURS[0]
    assert image.getpixel((200, 179)) == COLOURS[0]
    assert image.getpixel((200, 100)) == (255, 255, 255)
    assert image.getpixel((99, 100)) == (255, 255, 255)
    assert image.getpixel((300, 100)) == (255, 255, 255)


async def test_boxes_have_different_colours():
    image = await marked(Box("a", 0, 500, 200, 1000), Box("b", 500, 500, 700, 1000))
    assert image.getpixel((0, 150)) == COLOURS[0]
    assert image.getpixel((200, 150)) == COLOURS[1]


@pytest.mark.parametrize(
    "box", [Box("a very long label " * 9, 900, 0, 1000, 100), Box("猫", 0, 0, 1000, 1000)]
)
async def test_a_label_at_the_edge_spoils_nothing(box):
    image = await marked(box)
    assert image.size == (400, 200)


@pytest.mark.parametrize("box", [Box("", 999, 999, 1000, 1000), Box("", 0, 0, 3, 3)])
def test_the_smallest_box_is_inside_the_picture(box):
    left, top, right, bottom = pixels(box, 20, 20)
    assert 0 <= left <= right < 20
    assert 0 <= top <= bottom < 20
