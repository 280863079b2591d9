"""Paints the picture for a prompt: a gradient and shapes from its hash, and its words in large letters."""

import hashlib
import io
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
_MOST_LINES = 9
_MOST_CHARACTERS = 600
_WATERMARK = "AI · simulated"


def paint(prompt: str, width: int, height: int, *, watermark: bool) -> bytes:
    """Give a PNG of exactly the size asked for; the same prompt gives the same picture."""
    dice = random.Random(hashlib.sha256(prompt.encode("utf-8", "replace")).digest())
    picture = _gradient(width, height, dice)
    _add_shapes(picture, dice)
    _write_prompt(picture, " ".join(prompt.split())[:_MOST_CHARACTERS])
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


def _colour(dice: random.Random, least: int, most: int) -> Colour:
    return (dice.randint(least, most), dice.randint(least, most), dice.randint(least, most))


def _gradient(width: int, height: int, dice: random.Random) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(dice.choice((0, 90, 180, 270))).resize((width, height))
    colours = [_colour(dice, 20, 110), _colour(dice, 60, 200), _colour(dice, 140, 250)]
    return ImageOps.colorize(ramp, colours[0], colours[2], colours[1]).convert("RGBA")


def _add_shapes(picture: Image.Image, dice: random.Random) -> None:
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    width, height = picture.size
    for _ in range(dice.randint(5, 9)):
        x, y = dice.randint(0, width), dice.randint(0, height)
        radius = dice.randint(min(width, height) // 12, min(width, height) // 3)
        fill = (*_colour(dice, 90, 255), dice.randint(50, 120))
        match dice.choice(("circle", "circle", "ring", "hills")):
            case "circle":
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
            case "ring":
                draw.ellipse(
                    (x - radius, y - radius, x + radius, y + radius), outline=fill, width=radius // 6 + 1
                )
            case _:
                draw.polygon(
                    ((x - 2 * radius, height), (x, height - radius), (x + 2 * radius, height)), fill=fill
                )
    picture.alpha_composite(layer)


def _write_prompt(picture: Image.Image, prompt: str) -> None:
    """Write the words into a dark band, in the largest size at which they fit in a few lines."""
    width, height = picture.size
    margin = width // 16
    for size in range(max(18, width // 14), 13, -4):
        font = find_font(size)
        lines = _wrap(prompt, font, width - 2 * margin)
        if len(lines) <= _MOST_LINES and len(lines) * size * 1.4 < height * 0.7:
            break
    lines = lines[: max(1, min(2 * _MOST_LINES, int(height * 0.8 / (size * 1.4))))]
    line_px = int(size * 1.4)
    top = (height - line_px * len(lines)) // 2
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
