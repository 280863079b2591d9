"""Real pictures, made on the spot."""

import io
import random
import struct
import zlib

from PIL import Image

from bots.prompts import Picture

QUADRANTS = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 0),
)  # top left, top right, bottom left, bottom right


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Pack a picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(picture: Picture) -> Image.Image:
    """Unpack what a model would get, checking that it is what it says."""
    image = Image.open(io.BytesIO(picture.data))
    assert image.size == (picture.width, picture.height)
    assert image.get_format_mimetype() == picture.media_type
    assert image.mode == "RGB"
    image.load()
    return image


def noise(width: int, height: int) -> Image.Image:
    """A picture that no codec can make small."""
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))


def quadrants(width: int, height: int) -> Image.Image:
    """Four colours that tell which side is up."""
    image = Image.new("RGB", (2, 2))
    image.putdata(QUADRANTS)
    return image.resize((width, height), Image.Resampling.NEAREST)


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quadrants, each channel as 0 or 255."""
    places = [(image.width * x // 4, image.height * y // 4) for y in (1, 3) for x in (1, 3)]
    pixels = [image.crop((x, y, x + 1, y + 1)).tobytes() for x, y in places]
    return [tuple(255 if channel > 127 else 0 for channel in pixel) for pixel in pixels]


def png_header_of(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
