"""Frames at chosen times; the only module that loads FFmpeg (PyAV)."""

import io
import itertools
import math
import time
from collections.abc import Iterator
from typing import Literal

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from adapters.media.settings import MediaSettings
from bots.errors import AttachmentTooLarge, AttachmentUnreadable
from bots.media import Clip, Frame
from bots.prompts import Picture

_FRAME_SIDE = 768  # pixels: a scene needs no more, and a request carries dozens
_JPEG_QUALITY = 80
_SHORT_SECONDS = 180.0  # a longer video is read by its key frames: decoding all of it takes minutes
_LEAST_INTERVAL = 0.25  # seconds; closer frames show the same


def frames_of(
    data: io.BytesIO, kind: Literal["mp4", "matroska"], name: str, settings: MediaSettings, max_frames: int
) -> Clip:
    """Decode and take frames; those that were found until the time is up are enough.

    Raises AttachmentTooLarge, AttachmentUnreadable.
    """
    try:
        # The format is given: FFmpeg's guess might be a playlist, which names other files.
        with av.open(data, mode="r", format="mov" if kind == "mp4" else "matroska") as container:
            stream = _stream_of(container, name, settings)
            seconds = _seconds_of(container, stream)
            wanted = _times(seconds, min(max_frames, settings.max_frames))
            frames = tuple(_taken(container, stream, wanted, settings)) if wanted else ()
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise AttachmentUnreadable(detail="damaged video", name=name) from error
    if wanted and not frames:
        raise AttachmentUnreadable(detail="no frame could be decoded", name=name)
    return Clip(seconds, frames)


def _stream_of(container: InputContainer, name: str, settings: MediaSettings) -> VideoStream:
    if not container.streams.video:
        raise AttachmentUnreadable(detail="holds no pictures", name=name)
    stream = container.streams.video[0]
    # The header is judged before a frame is decoded, so a bomb never goes off.
    if stream.codec_context.width * stream.codec_context.height > settings.max_frame_pixels:
        raise AttachmentTooLarge(detail="too many pixels", name=name)
    stream.thread_type = "AUTO"
    return stream


def _seconds_of(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _times(seconds: float, most: int) -> list[float]:
    count = min(most, math.ceil(seconds / _LEAST_INTERVAL) or 1)
    return [seconds * number / count for number in range(count)]


def _taken(
    container: InputContainer, stream: VideoStream, wanted: list[float], settings: MediaSettings
) -> Iterator[Frame]:
    deadline = time.monotonic() + settings.read_seconds
    is_short = len(wanted) < 2 or wanted[-1] + wanted[1] <= _SHORT_SECONDS
    found = _all_frames(container, stream) if is_short else _key_frames(container, stream, wanted)
    start = None
    left = list(wanted)
    for frame in found:
        if frame.time is None:
            continue
        start = frame.time if start is None else start
        now = frame.time - start
        if left and now >= left[0] - 1e-3:
            yield Frame(round(now, 2), _picture_of(frame))
            left = list(itertools.dropwhile(lambda one: one <= now + 1e-3, left))  # noqa: B023 - used at once
        if not left or time.monotonic() > deadline:
            return


def _all_frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    yield from container.decode(stream)


def _key_frames(container: InputContainer, stream: VideoStream, wanted: list[float]) -> Iterator[VideoFrame]:
    stream.codec_context.skip_frame = "NONKEY"
    last = -1.0
    for seconds in wanted:
        container.seek(int(seconds * av.time_base), backward=True)
        frame = next(container.decode(stream), None)
        if frame is not None and frame.time is not None and frame.time > last:
            last = frame.time
            yield frame


def _picture_of(frame: VideoFrame) -> Picture:
    scale = min(1.0, _FRAME_SIDE / max(frame.width, frame.height))
    size = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    image = frame.to_image(width=size[0], height=size[1])  # type: ignore[no-untyped-call] # PyAV
    turn = round(getattr(frame, "rotation", 0)) % 360  # telephones film on their side
    if turn:
        image = image.rotate(turn, expand=True)
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=_JPEG_QUALITY)
    return Picture(packed.getvalue(), "image/jpeg", image.width, image.height)
