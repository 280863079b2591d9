"""Looks at pictures: decodes them within the vendor's limits and names their size and main colours."""

import base64
import binascii
import io
from collections import Counter
from dataclasses import dataclass

import httpx
from PIL import Image, UnidentifiedImageError

from simulators.glm.colours import colour_name
from simulators.glm.errors import Refusal
from simulators.glm.shapes import Shape, find_shapes

# "Each picture at most 5 MB and 6000 x 6000 pixels" (GLM docs); whether MB is 10^6 or 2^20 is not said.
MAX_BYTES = 5_000_000
MAX_SIDE_PX = 6000
_FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "MPO": "JPEG"}  # telephones write JPEGs that Pillow calls MPO
_ORIENTATION_TAG = 0x0112
_GPS_TAG = 0x8825
_SAMPLE_PX = 96
_PALETTE = 12
_LEAST_SHARE = 0.08
_MOST_NAMES = 3


@dataclass(frozen=True)
class Picture:
    """What was seen: pixels as stored (no EXIF turn), bytes, colours in order of area."""

    format: str
    width: int
    height: int
    size_bytes: int
    colours: tuple[str, ...]
    exif_orientation: int  # 1 where there is nothing to turn
    has_gps: bool
    shapes: tuple[Shape, ...] = ()  # only where the question asks for coordinates

    @property
    def shape(self) -> str:
        """Say upright, landscape or square."""
        if self.width == self.height:
            return "square"
        return "upright" if self.height > self.width else "landscape"


def parse_error() -> Refusal:
    """Refuse a picture that cannot be fetched, decoded or is too large."""
    return Refusal(code="1210", message="图片输入格式/解析错误")


def decode_base64(url: str) -> bytes:
    """Take the bytes out of raw Base64 or a data URL; raises Refusal 1210."""
    payload = url
    if url.startswith("data:"):
        head, comma, payload = url.partition(",")
        if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
            raise parse_error()
    if len(payload) > MAX_BYTES * 4 // 3 + 4:
        raise parse_error()
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise parse_error() from error


async def fetch(url: str, timeout_s: float, max_bytes: int = MAX_BYTES) -> bytes:
    """Fetch a picture or a video as the service would; raises Refusal 1210 whatever goes wrong."""
    received = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=timeout_s, follow_redirects=True, trust_env=False) as client,
            client.stream("GET", url) as response,
        ):
            response.raise_for_status()
            async for piece in response.aiter_bytes():
                received += piece
                if len(received) > max_bytes:
                    raise parse_error()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise parse_error() from error
    return bytes(received)


def look(data: bytes, *, finds_shapes: bool = False) -> Picture:
    """Decode every pixel and describe the picture; raises Refusal 1210. Blocks while it decodes."""
    if not data or len(data) > MAX_BYTES:
        raise parse_error()
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            # The header is checked before the pixels are unpacked, so a bomb never goes off.
            if max(image.size) > MAX_SIDE_PX or image.format not in _FORMATS:
                raise parse_error()
            kind = _FORMATS[image.format]
            exif = image.getexif()
            image.load()
            return Picture(
                format=kind,
                width=image.width,
                height=image.height,
                size_bytes=len(data),
                colours=main_colours(image),
                exif_orientation=int(exif.get(_ORIENTATION_TAG, 1) or 1),
                has_gps=_GPS_TAG in exif,
                shapes=find_shapes(image) if finds_shapes else (),
            )
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise parse_error() from error


def main_colours(image: Image.Image) -> tuple[str, ...]:
    """Name up to three colours that cover the most; transparent parts count as white."""
    small = image.convert("RGBA")
    small.thumbnail((_SAMPLE_PX, _SAMPLE_PX))
    flat = Image.new("RGBA", small.size, "white")
    flat.alpha_composite(small)
    reduced = flat.convert("RGB").quantize(_PALETTE)
    palette = reduced.getpalette() or []
    areas: Counter[str] = Counter()
    for area, index in reduced.getcolors(_PALETTE) or []:
        start = 3 * int(index if isinstance(index, int) else 0)
        red, green, blue = palette[start : start + 3]
        areas[colour_name(red, green, blue)] += area
    total = areas.total()
    ranked = [name for name, area in areas.most_common(_MOST_NAMES) if area / total >= _LEAST_SHARE]
    return tuple(ranked)
