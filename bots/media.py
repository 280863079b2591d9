"""What files turn out to hold, and the ports through which they are opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bots.deltas import PaintedPicture
from bots.grounding import Box
from bots.messages import Attachment
from bots.ports import PictureReader
from bots.prompts import Picture

Unit = Literal["page", "slide", "sheet", "part"]
LinkForm = Literal["original", "picture"]


@dataclass(frozen=True, slots=True)
class Section:
    """One page, slide or sheet as Markdown, or as a picture where it holds no text."""

    title: str
    text: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The sections that could be read, in order; ``total`` counts those there are."""

    unit: Unit
    total: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a video."""

    seconds: float  # from the video's start
    picture: Picture


@dataclass(frozen=True, slots=True)
class Clip:
    """A video as a few of its frames, in order."""

    seconds: float  # how long it lasts
    frames: tuple[Frame, ...]


class DocumentReader(Protocol):
    """Makes Markdown of PDF and Office files."""

    async def read(self, data: bytes, name: str, *, max_pictures: int) -> Document:
        """Read within the limits, at most so many pages as pictures; raises MediaError."""
        ...


class VideoReader(Protocol):
    """Looks into videos."""

    async def sample(self, data: bytes, name: str, *, max_frames: int) -> Clip:
        """Take frames spread over the whole length, none for ``max_frames=0``; raises MediaError."""
        ...


class MediaLinks(Protocol):
    """Addresses under which the vendor can fetch a file."""

    def link(self, platform: str, attachment: Attachment, form: LinkForm) -> str:
        """Sign an address that expires; empty where the service has no public address."""
        ...


class PictureMarker(Protocol):
    """Draws on pictures."""

    async def mark(self, picture: Picture, boxes: Sequence[Box]) -> PaintedPicture:
        """Draw each box with its label; raises MediaError."""
        ...


@dataclass(frozen=True, slots=True)
class MediaKit:
    """Everything that opens and links what people send."""

    pictures: PictureReader
    texts: Callable[[bytes, str], str]  # decodes a plain text file; raises MediaError
    documents: DocumentReader
    videos: VideoReader
    links: MediaLinks
