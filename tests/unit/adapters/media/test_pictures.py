"""PillowPictureReader: whatever people send, a model gets an upright picture within its limits."""

import asyncio
import io
import struct
import subprocess
import sys
import types

import pytest
from PIL import Image, ImageCms

from adapters.media.limits import PictureLimits
from adapters.media.pictures import PillowPictureReader
from bots.errors import AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported, MediaError
from tests.unit.adapters.media.pictures_made import (
    QUADRANTS,
    corners,
    decoded,
    encoded,
    noise,
    png_header_of,
    quadrants,
)

GREY = (128, 128, 128)


@pytest.fixture
def reader() -> PillowPictureReader:
    return PillowPictureReader()


def with_orientation(image: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """Store the picture turned, with the EXIF word that says how to turn it back."""
    as_stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = image.transpose(as_stored[orientation]) if orientation > 1 else image
    return encoded(turned, kind, exif=exif)


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_every_exif_orientation_comes_out_upright(reader, orientation):
    picture = await reader.read(with_orientation(quadrants(120, 80), orientation), "photo.jpg")
    assert (picture.width, picture.height) == (120, 80)
    assert corners(decoded(picture)) == list(QUADRANTS)


async def test_a_png_with_an_orientation_comes_out_upright(reader):
    picture = await reader.read(with_orientation(quadrants(60, 40), 6, "PNG"), "photo.png")
    assert corners(decoded(picture)) == list(QUADRANTS)


async def test_a_screenshot_stays_png(reader):
    picture = await reader.read(encoded(quadrants(800, 600), "PNG"), "screen.png")
    assert picture.media_type == "image/png"
    assert corners(decoded(picture)) == list(QUADRANTS)


async def test_a_photo_saved_as_png_becomes_a_jpeg_of_the_same_size(reader):
    data = encoded(noise(1600, 1200), "PNG")
    picture = await reader.read(data, "photo.png")
    assert len(data) > 5_000_000
    assert picture.media_type == "image/jpeg"
    assert (picture.width, picture.height) == (1600, 1200)
    assert len(picture.data) <= 5_000_000


async def test_quality_falls_before_the_picture_shrinks(reader):
    data = encoded(noise(2800, 2000), "JPEG", quality=95)
    picture = await reader.read(data, "photo.jpg")
    assert len(data) > 5_000_000
    assert (picture.width, picture.height) == (2800, 2000)
    assert len(picture.data) <= 5_000_000


async def test_a_picture_that_cannot_be_packed_well_enough_shrinks_a_little(reader):
    picture = await reader.read(encoded(noise(4000, 3000), "JPEG", quality=75), "photo.jpg")
    assert len(picture.data) <= 5_000_000
    assert 3000 < picture.width < 4000
    assert abs(picture.width / picture.height - 4 / 3) < 0.01
    assert decoded(picture).size == (picture.width, picture.height)


@pytest.mark.parametrize(("kind", "orientation"), [("JPEG", 1), ("JPEG", 6), ("PNG", 1), ("WEBP", 1)])
async def test_a_side_over_the_limit_is_scaled_to_it(kind, orientation):
    reader = PillowPictureReader(PictureLimits(max_sent_side=300))
    picture = await reader.read(with_orientation(quadrants(3001, 1500), orientation, kind), "wide.jpg")
    assert (picture.width, picture.height) == (300, 150)
    assert corners(decoded(picture)) == list(QUADRANTS)


async def test_a_thread_of_pixels_keeps_at_least_one(reader):
    picture = await reader.read(encoded(Image.new("RGB", (20_000, 1), "red"), "PNG"), "line.png")
    assert (picture.width, picture.height) == (6000, 1)


def transparent(mode: str) -> Image.Image:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 10, 20))
    return image.convert(mode) if mode != "RGBA" else image


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
async def test_white_shows_through_what_is_transparent(reader, mode):
    picture = await reader.read(encoded(transparent(mode), "PNG"), "logo.png")
    image = decoded(picture)
    assert image.getpixel((15, 10)) == (255, 255, 255)
    assert image.getpixel((5, 10)) != (255, 255, 255)


async def test_a_palette_with_a_transparent_colour_shows_white_there(reader):
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 0, 255, 0])
    image.paste(0, (0, 0, 5, 10))
    picture = await reader.read(encoded(image, "GIF", transparency=0), "icon.gif")
    assert decoded(picture).getpixel((2, 5)) == (255, 255, 255)
    assert decoded(picture).getpixel((7, 5)) == (0, 255, 0)


@pytest.mark.parametrize("value", [0, 200, 30_000, 65_535])
async def test_sixteen_bits_of_grey_become_the_same_grey(reader, value):
    picture = await reader.read(encoded(Image.new("I;16", (8, 8), value), "PNG"), "x-ray.png")
    assert decoded(picture).getpixel((4, 4)) == (value // 256,) * 3


async def test_numbers_of_any_range_become_black_to_white(reader):
    ramp = Image.new("F", (3, 1))
    ramp.putdata([-1000.0, 0.0, 1000.0])
    picture = await reader.read(encoded(ramp.resize((90, 30), Image.Resampling.NEAREST), "TIFF"), "map.tiff")
    dark, middle, bright = decoded(picture).convert("L").crop((0, 15, 90, 16)).tobytes()[15::30]
    assert dark < 8
    assert 120 < middle < 136
    assert bright > 247


async def test_print_colours_become_screen_colours(reader):
    picture = await reader.read(encoded(quadrants(64, 64).convert("CMYK"), "JPEG"), "print.jpg")
    assert corners(decoded(picture)) == list(QUADRANTS)


async def test_an_embedded_profile_is_applied_and_not_passed_on(reader):
    """In this profile red means green and green means red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"swap").replace(b"gXYZ", b"rXYZ").replace(b"swap", b"gXYZ")
    picture = await reader.read(encoded(quadrants(32, 32), "PNG", icc_profile=swapped), "odd.png")
    image = decoded(picture)
    assert corners(image)[:2] == [QUADRANTS[1], QUADRANTS[0]]
    assert "icc_profile" not in image.info


async def test_a_broken_profile_spoils_nothing(reader):
    data = encoded(Image.new("RGB", (8, 8), GREY), "PNG", icc_profile=b"not a profile")
    assert decoded(await reader.read(data, "odd.png")).getpixel((4, 4)) == GREY


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_where_and_when_a_photo_was_taken_stays_with_the_user(reader, kind):
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}
    picture = await reader.read(encoded(quadrants(32, 32), kind, exif=exif), "photo")
    assert b"Secret Camera" not in picture.data
    assert not decoded(picture).getexif()


async def test_a_comment_in_a_jpeg_is_not_passed_on(reader):
    picture = await reader.read(encoded(quadrants(32, 32), "JPEG", comment=b"for my eyes only"), "a.jpg")
    assert b"for my eyes only" not in picture.data


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_of_moving_pictures_the_first_frame_is_read(reader, kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert corners(decoded(await reader.read(data, "moving")))[0] == (255, 0, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
async def test_half_a_file_is_refused_by_name(reader, kind):
    data = encoded(noise(200, 150), kind)
    with pytest.raises(AttachmentUnreadable) as caught:
        await reader.read(data[: len(data) // 2], "holiday.jpg")
    assert caught.value.name == "holiday.jpg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
async def test_scrambled_files_end_in_our_errors_or_a_picture(reader, kind):
    """The vendor's library raises a dozen types for damage; none of them may reach the bot."""
    data = encoded(quadrants(24, 24), kind)
    for position in range(12, min(len(data), 212), 2):
        scrambled = data[:position] + bytes([data[position] ^ 0xA5]) + data[position + 1 :]
        try:
            decoded(await reader.read(scrambled, "odd"))
        except MediaError as error:
            assert error.name == "odd"  # noqa: PT017 - some of the files stay readable


async def test_broken_exif_spoils_nothing(reader):
    data = encoded(quadrants(32, 32), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    assert corners(decoded(await reader.read(data, "photo.jpg"))) == list(QUADRANTS)


@pytest.mark.parametrize(("width", "height"), [(12_000, 12_000), (60_000, 60_000)])
async def test_a_decompression_bomb_is_refused_before_decoding(reader, width, height):
    with pytest.raises(AttachmentTooLarge, match="pixels"):
        await reader.read(png_header_of(width, height), "bomb.png")


async def test_a_file_over_the_byte_limit_is_refused_with_the_limit(reader):
    with pytest.raises(AttachmentTooLarge) as caught:
        await reader.read(b"\xff\xd8\xff" + bytes(20_000_000), "huge.jpg")
    assert (caught.value.name, caught.value.limit) == ("huge.jpg", 20_000_000)


@pytest.mark.parametrize("data", [b"", b"just words", bytes(range(256))])
async def test_a_file_that_only_says_it_is_a_picture_is_found_out(reader, data):
    with pytest.raises(AttachmentUnreadable) as caught:
        await reader.read(data, "Screenshot.PNG")
    assert caught.value.name == "Screenshot.PNG"


@pytest.mark.parametrize(("data", "name"), [(b"%PDF-1.7\n", "paper.pdf"), (b"just words", "notes.txt")])
async def test_another_kind_of_file_is_called_unsupported(reader, data, name):
    with pytest.raises(AttachmentUnsupported):
        await reader.read(data, name)


HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(40)


async def test_heic_without_its_plugin_is_called_unsupported(reader, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # importing it fails, installed or not
    with pytest.raises(AttachmentUnsupported) as caught:
        await reader.read(HEIC, "iphone.heic")
    assert caught.value.name == "iphone.heic"


async def test_heic_with_its_plugin_is_read(reader, monkeypatch):
    """The stand-in plugin registers itself as the real one does, and opens a picture of its own."""

    def register() -> None:
        monkeypatch.setitem(Image.OPEN, "HEIF", (opened, lambda prefix: prefix[4:12] == b"ftypheic"))
        monkeypatch.setattr(Image, "ID", [*Image.ID, "HEIF"])

    def opened(_file: object, _name: object) -> Image.Image:
        return Image.open(io.BytesIO(encoded(quadrants(40, 30), "JPEG")))

    monkeypatch.setitem(sys.modules, "pillow_heif", types.SimpleNamespace(register_heif_opener=register))
    assert corners(decoded(await reader.read(HEIC, "iphone.heic"))) == list(QUADRANTS)


async def test_the_loop_goes_on_while_pictures_are_made(reader):
    """The reads begin before, and end after, a hundred turns of the loop."""
    data = encoded(noise(2000, 1500), "JPEG", quality=95)
    reads = asyncio.gather(*(reader.read(data, f"{number}.jpg") for number in range(3)))
    turns = 0
    while not reads.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 100
    assert len(await reads) == 3


def test_a_worker_without_pictures_does_not_load_pillow():
    code = "import sys, adapters.media.pictures, adapters.media.texts; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
