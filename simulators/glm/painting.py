"""Paints the picture for a prompt: a landscape in colours from its hash, and its words in large letters."""

import colorsys
import hashlib
import io
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]

# (file, face) in order of preference; the first three kinds can write Chinese.
_FONT_FILES = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/System/Library/Fonts/STHeiti Medium.ttc", 0),
    ("C:/Windows/Fonts/msyh.ttc", 0),
    ("C:/Windows/Fonts/simhei.ttf", 0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
    ("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", 0),
)
_MOST_LINES = 8
_RIDGES = 4
_RIDGE_STEP_PX = 8
_MOST_CHARACTERS = 600
_WATERMARK = "AI · simulated"


def paint(prompt: str, width: int, height: int, *, watermark: bool) -> bytes:
    """Give a PNG of exactly the size asked for; the same prompt gives the same picture."""
    written = prompt.encode("utf-8", "replace")  # a lone surrogate cannot be drawn
    dice = random.Random(hashlib.sha256(written).digest())
    hue = dice.random()
    picture = _paint_sky(width, height, hue)
    _add_landscape(picture, hue, dice)
    _write_prompt(picture, " ".join(written.decode().split())[:_MOST_CHARACTERS])
    if watermark:
        size = max(14, width // 50)
        ImageDraw.Draw(picture).text(
            (width - size, height - size),
            _WATERMARK,
            font=find_font(size),
            fill=(255, 255, 255, 170),
            anchor="rs",
        )
    out = io.BytesIO()
    picture.convert("RGB").save(out, "PNG", compress_level=3)
    return out.getvalue()


def find_font(size_px: int) -> Font:
    """Find a font that can write Chinese, or any; Pillow's own is always there."""
    for name, face in _FONT_FILES:
        if Path(name).is_file():
            try:
                return ImageFont.truetype(name, size_px, index=face)
            except OSError:
                continue
    return ImageFont.load_default(size_px)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


def _paint_sky(width: int, height: int, hue: float) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((width, height))
    top, middle, horizon = (
        _colour(hue, 0.75, 0.32),
        _colour(hue + 0.05, 0.55, 0.72),
        _colour(hue + 0.14, 0.4, 1.0),
    )
    return ImageOps.colorize(ramp, top, horizon, middle).convert("RGBA")


def _add_landscape(picture: Image.Image, hue: float, dice: random.Random) -> None:
    """Draw a sun or moon and hills that get darker towards the front."""
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    width, height = picture.size
    x, y, radius = dice.uniform(0.15, 0.85) * width, dice.uniform(0.15, 0.4) * height, min(width, height) / 11
    for step in range(6, 0, -1):
        reach = radius * (1 + 0.28 * (step - 1))
        glow = (*_colour(hue + 0.12, 0.2, 1.0), 255 if step == 1 else 26)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=glow)
        picture.alpha_composite(layer)
        layer.paste((0, 0, 0, 0), (0, 0, width, height))
    for ridge in range(_RIDGES):
        nearness = ridge / (_RIDGES - 1)
        colour = _colour(hue + 0.05 - 0.1 * nearness, 0.45 + 0.25 * nearness, 0.62 - 0.46 * nearness)
        waves = [
            (dice.uniform(0.6, 3.0) * (1 + ridge), dice.uniform(0, 6.3), dice.uniform(0.02, 0.06))
            for _ in "abc"
        ]
        line = height * (0.46 + 0.13 * ridge)
        points = [
            (
                px,
                line
                + height * sum(rise * math.sin(pitch * px / width * 3 + turn) for pitch, turn, rise in waves),
            )
            for px in range(0, width + _RIDGE_STEP_PX, _RIDGE_STEP_PX)
        ]
        draw.polygon([(0, height), *points, (width, height)], fill=colour)
    picture.alpha_composite(layer)


def _write_prompt(picture: Image.Image, prompt: str) -> None:
    """Write the words into a dark band, in the largest size at which they fit in a few lines."""
    width, height = picture.size
    margin = width // 16
    for size in range(max(22, width // 20), 13, -4):
        font = find_font(size)
        lines = _wrap(prompt, font, width - 2 * margin)
        if len(lines) <= _MOST_LINES and len(lines) * size * 1.4 < height * 0.5:
            break
    lines = lines[: max(1, min(2 * _MOST_LINES, int(height * 0.6 / (size * 1.4))))]
    line_px = int(size * 1.4)
    top = height - margin - line_px * len(lines)
    band = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(band)
    box = (margin // 2, top - size // 2, width - margin // 2, top + line_px * len(lines) + size // 2)
    draw.rounded_rectangle(box, radius=size // 2, fill=(10, 12, 24, 165))
    for number, line in enumerate(lines):
        draw.text((width // 2, top + line_px * number), line, font=font, fill="white", anchor="ma")
    picture.alpha_composite(band)


def _wrap(text: str, font: Font, width_px: int) -> list[str]:
    """Break between words, or anywhere in text that has no blanks."""
    lines, line = [], ""
    for word in _words(text):
        if line and font.getlength(line + word) > width_px:
            lines.append(line.strip())
            line = ""
        rest = word
        while font.getlength(line + rest) > width_px and len(rest) > 1:
            cut = next((end for end in range(len(rest), 1, -1) if font.getlength(rest[:end]) <= width_px), 1)
            lines.append(rest[:cut])
            rest = rest[cut:]
        line += rest
    return [*lines, line.strip()] if line.strip() or not lines else lines


def _words(text: str) -> list[str]:
    words: list[str] = []
    for character in text:
        breaks = not words or words[-1].endswith(" ") or character >= "\u2e80" or words[-1][-1] >= "\u2e80"
        if breaks:
            words.append(character)
        else:
            words[-1] += character
    return words
