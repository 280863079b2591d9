"""From a file's bytes to an upright sRGB picture of allowed size; the only module that loads Pillow."""

import contextlib
import io
import struct
import threading
import warnings
import zlib
from importlib import import_module
from typing import Literal, cast

from PIL import Image, ImageCms, UnidentifiedImageError

from adapters.media.limits import PictureLimits
from adapters.media.sniff import FileKind
from bots.errors import AttachmentUnreadable, AttachmentUnsupported, PictureTooLarge
from bots.prompts import Picture

# Pillow raises all of these on damaged files, depending on the format.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError,
    struct.error, zlib.error,
)  # fmt: skip

_JPEG_QUALITIES = (90, 85, 80, 75, 70, 65, 60)
_LOSSLESS_FORMATS = frozenset({"PNG", "GIF", "BMP"})  # screenshots and drawings: letters suffer from JPEG
_MAX_PNG_PIXELS = 16_000_000  # a larger one takes seconds to pack and seldom becomes small enough
_BIG_PIXELS = 25_000_000
_ONE_BIG_PICTURE = threading.Lock()  # a decoded picture of 100 megapixels takes 400 MB

_ORIENTATION_TAG = 0x0112  # EXIF 2.32, section 4.6.4
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def render(data: bytes, kind: FileKind, name: str, limits: PictureLimits) -> Picture:
    """Decode the first frame, turn it upright and encode it within the limits.

    Raises PictureTooLarge, AttachmentUnreadable (damaged), AttachmentUnsupported.
    """
    if kind == "heic":
        _load_heif_plugin(name)
    try:
        with _opened(data, name, limits) as image:
            is_big = image.width * image.height > _BIG_PIXELS
            with _ONE_BIG_PICTURE if is_big else contextlib.nullcontext():
                return _render(image, limits)
    except UnidentifiedImageError as error:
        # The magic bytes were right: either the rest is damaged or this Pillow was built without the codec.
        reason = AttachmentUnsupported if kind in {"avif", "heic"} else AttachmentUnreadable
        raise reason(detail="Pillow cannot read it", name=name) from error
    except _DAMAGE as error:
        raise AttachmentUnreadable(f"damaged {kind}", name=name) from error


def _opened(data: bytes, name: str, limits: PictureLimits) -> Image.Image:
    # Opening reads the header only; Pillow judges the size there, and below twice its threshold merely warns.
    Image.MAX_IMAGE_PIXELS = limits.max_received_pixels
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # broken EXIF, odd TIFF tags
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.verify()
        return Image.open(io.BytesIO(data))  # verifying uses the file up
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(name=name, limit=limits.max_received_pixels) from error


def _render(image: Image.Image, limits: PictureLimits) -> Picture:
    is_lossless = image.format in _LOSSLESS_FORMATS
    if max(image.size) > limits.max_sent_side:
        # A JPEG is decoded at 1/2, 1/4 or 1/8 of its size for the asking; other formats take no notice.
        image.draft(None, _fitting(image.size, limits.max_sent_side))
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    upright = _to_srgb(image)
    if upright is not image:
        image.close()  # frees the pixels now
    upright.info = {}  # Pillow would write the profile and the comment into the new file
    if max(upright.size) > limits.max_sent_side:
        upright = _resized(upright, _fitting(upright.size, limits.max_sent_side))
    if turn is not None:
        upright = upright.transpose(turn)
    return _encoded(upright, limits, is_lossless=is_lossless)


def _encoded(image: Image.Image, limits: PictureLimits, *, is_lossless: bool) -> Picture:
    if is_lossless and image.width * image.height <= _MAX_PNG_PIXELS:
        packed = _packed(image, "PNG")
        if len(packed) <= limits.max_sent_bytes:
            return Picture(packed, "image/png", image.width, image.height)
    for quality in _JPEG_QUALITIES:
        packed = _packed(image, "JPEG", quality)
        if len(packed) <= limits.max_sent_bytes:
            return Picture(packed, "image/jpeg", image.width, image.height)
    while len(packed) > limits.max_sent_bytes:
        scale = min(0.95, 0.97 * (limits.max_sent_bytes / len(packed)) ** 0.5)
        image = _resized(image, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
        packed = _packed(image, "JPEG", _JPEG_QUALITIES[-1])
    return Picture(packed, "image/jpeg", image.width, image.height)


def _packed(image: Image.Image, kind: Literal["PNG", "JPEG"], quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DAMAGE:
        return 1  # broken EXIF spoils no picture


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    flat = _flattened(image)
    if isinstance(profile, bytes) and profile:
        converted = _through_profile(flat, profile)
        if converted is not None:
            return converted
    return flat if flat.mode == "RGB" else flat.convert("RGB")


def _flattened(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB, L or CMYK, with white behind what is transparent."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"I", "F"}:
        return _brightened(image.convert("F"))
    if image.has_transparency_data:
        opaque = Image.new("RGB", image.size, "white")
        translucent = image if image.mode == "RGBA" else image.convert("RGBA")  # converting copies
        opaque.paste(translucent, mask=translucent)
        return opaque
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _brightened(image: Image.Image) -> Image.Image:
    # Pillow would cut off at 255; scientific pictures use any range.
    low, high = cast("tuple[float, float]", image.getextrema())
    scale = 255 / (high - low or 1)
    return image.point(lambda value: value * scale - low * scale).convert("L")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert from the embedded profile; None when it is broken or does not fit the picture."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_DAMAGE):
        return None


def _load_heif_plugin(name: str) -> None:
    # Not a dependency: its codec is under the LGPL, and where it is missing the user is told.
    try:
        import_module("pillow_heif").register_heif_opener()
    except ImportError as error:
        raise AttachmentUnsupported(detail="HEIC needs the package pillow-heif", name=name) from error
