"""Readers of files and markers of pictures that give what the test has written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bots.deltas import PaintedPicture
from bots.errors import AttachmentUnreadable
from bots.grounding import Box
from bots.media import Clip, Document, Frame, LinkForm, Section
from bots.messages import Attachment
from bots.prompts import Picture

PICTURE = Picture(b"pixels", "image/png", 100, 80)


@dataclass
class AnyPicture:
    """PictureReader; bytes that begin with ``bad`` are damaged."""

    async def read(self, data: bytes, name: str) -> Picture:
        if data.startswith(b"bad"):
            raise AttachmentUnreadable(name=name)
        return PICTURE


@dataclass
class OneDocument:
    """DocumentReader; every file is the document ``holds``."""

    holds: Document = field(default_factory=lambda: Document("page", 1, (Section("Page 1", "words"),)))
    asked_for: list[int] = field(default_factory=list)

    async def read(self, data: bytes, name: str, *, max_pictures: int) -> Document:
        if data.startswith(b"bad"):
            raise AttachmentUnreadable(name=name)
        self.asked_for.append(max_pictures)
        return self.holds


@dataclass
class Minutes:
    """VideoReader; every video lasts a minute and gives as many frames as are asked for."""

    asked_for: list[int] = field(default_factory=list)

    async def sample(self, _data: bytes, _name: str, *, max_frames: int) -> Clip:
        self.asked_for.append(max_frames)
        return Clip(60.0, tuple(Frame(60.0 * n / max_frames, PICTURE) for n in range(max_frames)))


@dataclass
class Links:
    """MediaLinks under an address, or under none."""

    public_url: str = ""

    def link(self, platform: str, attachment: Attachment, form: LinkForm) -> str:
        return f"{self.public_url}/{platform}/{attachment.name}/{form}" if self.public_url else ""


@dataclass
class Pen:
    """PictureMarker that remembers what it drew."""

    drawn: list[tuple[Picture, tuple[Box, ...]]] = field(default_factory=list)

    async def mark(self, picture: Picture, boxes: Sequence[Box]) -> PaintedPicture:
        self.drawn.append((picture, tuple(boxes)))
        return PaintedPicture(b"marked", picture.media_type, picture.width, picture.height)
