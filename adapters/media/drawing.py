"""Boxes and labels on a person's picture; implements ``bots.media.PictureMarker``."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bots.deltas import PaintedPicture
from bots.grounding import SCALE, Box
from bots.prompts import Picture

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Colours that stand out on photos and from each other.
COLOURS = (
    (230, 25, 75), (0, 130, 200), (60, 180, 75), (245, 130, 48), (145, 30, 180), (240, 50, 230),
    (70, 240, 240), (255, 225, 25),
)  # fmt: skip
_TAG = (20, 20, 24)  # behind a label: never a box's colour
# The first can write Chinese; Pillow's own letters are always there and cannot.
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)


class PillowMarker:
    """Draws with Pillow, in a thread."""

    async def mark(self, picture: Picture, boxes: Sequence[Box]) -> PaintedPicture:
        """Draw each box with a number or its label; the picture keeps its size in pixels."""
        return await asyncio.to_thread(_marked, picture, tuple(boxes))


def _marked(picture: Picture, boxes: tuple[Box, ...]) -> PaintedPicture:
    # Pillow costs memory: it is loaded with the first picture.
    from PIL import Image, ImageDraw, ImageFont

    with Image.open(io.BytesIO(picture.data)) as opened:
        image = opened.convert("RGB")
    draw = ImageDraw.Draw(image)
    line = max(2, round(min(image.size) / 200))
    letters = max(12, round(min(image.size) / 32))
    found = next((name for name in _FONTS if Path(name).is_file()), None)
    font = ImageFont.truetype(found, letters) if found else ImageFont.load_default(letters)
    rectangles = [pixels(box, image.width, image.height) for box in boxes]
    for number, (box, sides) in enumerate(zip(boxes, rectangles, strict=True), 1):
        _write_label(draw, font, box.label or str(number), sides)
    # After the labels, so that none of them covers another box's side.
    for number, sides in enumerate(rectangles):
        draw.rectangle(sides, outline=COLOURS[number % len(COLOURS)], width=line)
    packed = io.BytesIO()
    is_png = picture.media_type == "image/png"
    image.save(packed, "PNG" if is_png else "JPEG", quality=90)
    return PaintedPicture(packed.getvalue(), picture.media_type, image.width, image.height)


def pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Turn thousandths into the first and last pixels inside the box."""
    right, bottom = box.right * width / SCALE, box.bottom * height / SCALE
    left, top = round(box.left * width / SCALE), round(box.top * height / SCALE)
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left, round(right) - 1), max(top, round(bottom) - 1)


def _write_label(
    draw: "ImageDraw.ImageDraw", font: "Font", label: str, sides: tuple[int, int, int, int]
) -> None:
    """Write above the box, or inside it at the picture's upper edge, within the picture's width."""
    left, top, _, _ = sides
    _, _, text_right, text_bottom = font.getbbox(label)
    width, height = int(text_right) + 8, int(text_bottom) + 6
    x = max(0, min(left, draw.im.size[0] - width))
    y = top - height if top >= height else top + 4
    draw.rectangle((x, y, x + width - 1, y + height - 1), fill=_TAG)
    draw.text((x + 4, y + 2), label, font=font, fill="white")
