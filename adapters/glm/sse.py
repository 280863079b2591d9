"""Server-sent events, from bytes to JSON objects, however the bytes arrive (GLM docs, streaming).

Frames are cut at line ends, which no UTF-8 sequence contains, so a character split over chunks never shows.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bots.errors import ModelStreamBroken

FRAME_BYTES_MAX = 1024 * 1024
# 131072 tokens of output at one token and about 250 bytes to a frame, and as much again.
STREAM_BYTES_MAX = 64 * 1024 * 1024
GLUED_MAX = 100  # frames in one; each costs a look through the whole

_LINE_END = re.compile(rb"\r\n|\n|\r")
# A newline stands where a proxy took the empty line between two frames.
_GLUE = re.compile(r"(?:data: ?|\n)(?=\{|\[DONE\])")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Frame:
    """One event: its name, and its data lines joined with newlines."""

    event: str
    data: str

    @property
    def is_last(self) -> bool:
        """Tell whether this is the vendor's ``[DONE]``."""
        return self.data.startswith("[DONE]")


@dataclass(slots=True)
class FrameSplitter:
    """Cuts bytes into frames; raises ModelStreamBroken beyond ``frame_bytes_max`` or ``stream_bytes_max``."""

    frame_bytes_max: int = FRAME_BYTES_MAX
    stream_bytes_max: int = STREAM_BYTES_MAX
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0  # bytes of the buffer known to hold no line end
    _frame_bytes: int = 0
    _stream_bytes: int = 0
    _event: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take more bytes and return the frames they complete."""
        self._stream_bytes += len(chunk)
        if self._stream_bytes > self.stream_bytes_max:
            raise ModelStreamBroken(f"The stream is longer than {self.stream_bytes_max} bytes.")
        self._buffer += chunk
        frames = [frame for line in self._lines() if (frame := self._take(line))]
        if self._frame_bytes + len(self._buffer) > self.frame_bytes_max:
            raise ModelStreamBroken(f"A frame is longer than {self.frame_bytes_max} bytes.")
        return frames

    def finish(self) -> list[Frame]:
        """Return the frame that the end of the stream left without its empty line."""
        rest = self._take(bytes(self._buffer.removesuffix(b"\r")))
        self._buffer.clear()
        last = self._take(b"")
        return [frame for frame in (rest, last) if frame]

    def _lines(self) -> Iterator[bytes]:
        start = 0
        while match := _LINE_END.search(self._buffer, max(start, self._searched)):
            if match[0] == b"\r" and match.end() == len(self._buffer):
                break  # its \n may be the next byte
            yield bytes(self._buffer[start : match.start()])
            start = match.end()
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 1)

    def _take(self, line: bytes) -> Frame | None:
        self._frame_bytes += len(line)
        if not line:
            frame = Frame(self._event, "\n".join(self._data)) if self._data else None
            self._event, self._data, self._frame_bytes = "", [], 0
            return frame
        name, _, value = line.decode(errors="replace").removeprefix("\ufeff").partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        elif name == "event":
            self._event = value.strip()
        return None  # a comment, or a field that nobody here needs


def objects_in(frame: Frame) -> tuple[list[dict[str, object]], bool]:
    """Read the JSON objects of a frame, and whether ``[DONE]`` came with them.

    One object is the rule. When the gateway restarts a generation it cuts a frame in its middle and goes on
    with the next: ``data: {"id":"1","objdata: {"id":"2",...}``. What was cut is lost, what follows is read.
    """
    text = frame.data
    objects: list[dict[str, object]] = []
    position = 0
    for _ in range(GLUED_MAX):
        if text.startswith("[DONE]", position):
            return objects, True
        value, end = _decode(text, position)
        if isinstance(value, dict):
            objects.append(value)
        glue = _GLUE.search(text, end)
        if glue is None:
            break
        position = glue.end()
    return objects, False


def _decode(text: str, position: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        return None, position
