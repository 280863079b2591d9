"""Videos as frames: the right pictures at the right times."""

import io

import pytest
from PIL import Image

from adapters.media.settings import MediaSettings
from adapters.media.videos import FrameSampler
from bots.errors import AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported
from bots.media import Clip
from tests.media_made import SCENES, video_of

SHORT = (("red", 0.0, 2.0), ("blue", 2.0, 4.0))


async def sample(data: bytes, name: str = "a.mp4", *, max_frames: int = 8, **settings: int) -> Clip:
    return await FrameSampler(MediaSettings.model_validate(settings)).sample(
        data, name, max_frames=max_frames
    )


def colour_at(clip: Clip, number: int) -> str:
    image = Image.open(io.BytesIO(clip.frames[number].picture.data)).convert("RGB")
    red, _, blue = image.resize((1, 1)).tobytes()
    return "red" if red > blue else "blue"


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska"])
async def test_frames_are_spread_over_the_whole_length(kind):
    clip = await sample(video_of(SHORT, kind=kind), f"a.{kind}")
    assert clip.seconds == pytest.approx(4.0, abs=0.2)
    assert [frame.seconds for frame in clip.frames] == pytest.approx([n / 2 for n in range(8)], abs=0.11)
    assert [colour_at(clip, number) for number in range(8)] == ["red"] * 4 + ["blue"] * 4


async def test_a_long_video_is_read_by_its_key_frames_and_says_their_true_times():
    scenes = tuple((colour, 60 * begin, 60 * end) for colour, begin, end in SCENES[:2])
    clip = await sample(video_of(scenes, rate=2), max_frames=12)
    begins = [frame.seconds for frame in clip.frames]
    assert begins == sorted(set(begins))
    assert begins[-1] > 1300
    assert len(begins) >= 8


async def test_no_frames_are_taken_where_only_the_length_is_asked_for():
    clip = await sample(video_of(SHORT), max_frames=0)
    assert clip.frames == ()
    assert clip.seconds == pytest.approx(4.0, abs=0.2)


async def test_large_frames_are_made_small():
    clip = await sample(video_of(SHORT, size=(1920, 1080), rate=2), max_frames=1)
    assert (clip.frames[0].picture.width, clip.frames[0].picture.height) == (768, 432)


async def test_frames_of_too_many_pixels_are_not_decoded():
    with pytest.raises(AttachmentTooLarge):
        await sample(video_of(SHORT), max_frame_pixels=1000)


@pytest.mark.parametrize(
    "data",
    [b"", b"words", video_of(SHORT)[:300], b"\0\0\0\x18ftypmp42" + bytes(100), b"#EXTM3U\nfile:///x\n"],
)
async def test_damaged_videos_and_lies_are_unreadable(data):
    with pytest.raises(AttachmentUnreadable):
        await sample(data)


async def test_a_picture_that_a_browser_calls_a_video_is_unsupported():
    with pytest.raises(AttachmentUnsupported):
        await sample(b"\x89PNG\r\n\x1a\n" + bytes(50), "clip.png")
