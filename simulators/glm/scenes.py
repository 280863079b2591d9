"""Looks at videos: which colour fills the picture from when to when."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import av

from simulators.glm.pictures import Picture, main_colours, parse_error

MAX_VIDEO_BYTES = 200 * 1024 * 1024  # "at most 200 MB" (GLM docs); what else is a limit is not said
_EVERY_S = 0.2
_MOST_LOOKS = 600
_TIME = re.compile(r"(\d+(?:\.\d+)?) ?s\b")


@dataclass(frozen=True)
class Scene:
    """A stretch of a video in one main colour, in seconds from its start."""

    colour: str
    begin_s: float
    end_s: float


def scenes_of_frames(text: str, pictures: Sequence[Picture]) -> tuple[Scene, ...]:
    """Take pictures for frames where the text names a time for each of them."""
    times = [float(one) for one in _TIME.findall(text)]
    if len(pictures) < 2 or len(times) <= len(pictures):
        return ()
    seconds, stamps = times[0], times[1 : len(pictures) + 1]
    seen = [(at, picture.colours[0]) for at, picture in zip(stamps, pictures, strict=True) if picture.colours]
    return _merged(seen, seconds)


def watch(data: bytes) -> tuple[Scene, ...]:
    """Decode a video and tell its scenes; raises Refusal 1210. Blocks while it decodes."""
    seen: list[tuple[float, str]] = []
    last = 0.0
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            for frame in container.decode(video=0):
                last = frame.time or last
                if len(seen) < _MOST_LOOKS and (not seen or last - seen[-1][0] >= _EVERY_S):
                    image = frame.to_image(width=64, height=64)  # type: ignore[no-untyped-call] # PyAV
                    seen += [(last, colour) for colour in main_colours(image)[:1]]
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise parse_error() from error
    if not seen:
        raise parse_error()
    return _merged(seen, last)


def _merged(seen: Sequence[tuple[float, str]], seconds: float) -> tuple[Scene, ...]:
    scenes: list[Scene] = []
    for at, colour in seen:
        if scenes and scenes[-1].colour == colour:
            continue
        if scenes:
            scenes[-1] = Scene(scenes[-1].colour, scenes[-1].begin_s, at)
        scenes.append(Scene(colour, at, seconds))
    return tuple(scenes)
