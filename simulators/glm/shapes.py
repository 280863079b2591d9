"""Finds drawn shapes in a picture: areas of one colour on a plain ground, with their true boxes."""

from collections import Counter
from dataclasses import dataclass

from PIL import Image

from simulators.glm.colours import colour_name

_WORK_PX = 400  # a box is then right within 1/400 of the side
_LEAST_SHARE = 0.0008  # smaller areas are specks
_MOST_SHAPES = 20
_CONTRAST = 40  # of 255: how far a pixel is from the ground


@dataclass(frozen=True)
class Shape:
    """One area: its colour and form, and its box in thousandths of the picture's sides."""

    colour: str
    form: str
    box: tuple[int, int, int, int]  # left, top, right, bottom


def find_shapes(image: Image.Image) -> tuple[Shape, ...]:
    """Find areas that differ from the border's colour, from top to bottom; blocks for 0.2 s."""
    small = image.convert("RGB")
    scale = min(1.0, _WORK_PX / max(small.size))
    size = max(1, round(small.width * scale)), max(1, round(small.height * scale))
    small = small.resize(size, Image.Resampling.NEAREST)
    packed = small.tobytes()
    pixels = list(zip(packed[0::3], packed[1::3], packed[2::3], strict=True))
    width, height = size
    border = pixels[:width] + pixels[-width:] + pixels[::width] + pixels[width - 1 :: width]
    ground = Counter(border).most_common(1)[0][0]
    is_drawn = bytearray(
        max(abs(one - other) for one, other in zip(pixel, ground, strict=True)) > _CONTRAST
        for pixel in pixels
    )
    found = []
    for start in range(len(is_drawn)):
        if is_drawn[start]:
            area = _take_area(is_drawn, start, width)
            if len(area) >= _LEAST_SHARE * width * height:
                found.append(_shape(area, pixels, width, height))
    return tuple(found[:_MOST_SHAPES])


def _take_area(is_drawn: bytearray, start: int, width: int) -> list[int]:
    """Collect the connected pixels and clear them."""
    is_drawn[start] = 0
    area, waiting = [], [start]
    while waiting:
        place = waiting.pop()
        area.append(place)
        column = place % width
        for step, is_inside in ((-1, column > 0), (1, column < width - 1), (-width, True), (width, True)):
            other = place + step
            if is_inside and 0 <= other < len(is_drawn) and is_drawn[other]:
                is_drawn[other] = 0
                waiting.append(other)
    return area


def _shape(area: list[int], pixels: list[tuple[int, int, int]], width: int, height: int) -> Shape:
    columns, rows = [place % width for place in area], [place // width for place in area]
    left, top, right, bottom = min(columns), min(rows), max(columns) + 1, max(rows) + 1
    colour = Counter(pixels[place] for place in area).most_common(1)[0][0]
    fill = len(area) / ((right - left) * (bottom - top))
    box = (
        round(1000 * left / width),
        round(1000 * top / height),
        round(1000 * right / width),
        round(1000 * bottom / height),
    )
    return Shape(colour_name(*colour), _form(fill, right - left, bottom - top), box)


def _form(fill: float, width: int, height: int) -> str:
    if fill > 0.93:
        return "square" if 0.9 < width / height < 1.1 else "rectangle"
    if fill > 0.68:
        return "circle"
    return "triangle" if fill > 0.4 else "shape"
