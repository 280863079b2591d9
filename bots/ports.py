"""What the bot needs from the world, as small protocols; adapters and fakes implement them."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bots.deltas import Delta, PaintedPicture, Usage
from bots.drafts import Checkpoint, Draft, EditLimits, Placement, ShownPicture
from bots.messages import Attachment, Conversation, Record
from bots.models import ModelSpec
from bots.prompts import Picture, PicturePrompt, Prompt


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> datetime:
        """Tell the wall time, with its zone."""
        ...

    def monotonic(self) -> float:
        """Tell seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class ChatModel(Protocol):
    """A model that answers in words."""

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Open a streamed answer; leaving closes the connection, which frees the upstream's slot.

        Raises ModelError on entry or while iterating. The last delta of a whole answer is Finished;
        a stream that ends without one raises ModelStreamBroken.
        """
        ...


class PictureModel(Protocol):
    """A model that paints."""

    async def paint(self, prompt: PicturePrompt) -> PaintedPicture:
        """Paint and download one picture; raises ModelError."""
        ...


class MessageWriter(Protocol):
    """The writing side of one platform."""

    @property
    def limits(self) -> EditLimits:
        """Tell how often and how much may be edited."""
        ...

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Open the reply named by ``placement.reply_id``, or take it up if it is already there.

        Raises PlatformError, and LeaseLost when a newer fence has written.
        """
        ...

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Show the whole draft in place of the former one; raises like ``post``."""
        ...


class PictureUploader(Protocol):
    """Gives a picture to a platform, so that a reply can show it."""

    async def upload(
        self, conversation: Conversation, picture: PaintedPicture, *, alt: str, key: str
    ) -> ShownPicture:
        """Store the picture once per ``key``; raises PlatformError."""
        ...


class AttachmentFetcher(Protocol):
    """Gets the bytes behind a platform's handle."""

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Read at most ``max_bytes``; raises MediaError or PlatformError."""
        ...


class PictureReader(Protocol):
    """Makes a model's picture of a file's bytes."""

    async def read(self, data: bytes, name: str) -> Picture:
        """Turn upright, scale and encode within the model's limits; raises MediaError."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """What a worker needs to write to one platform."""

    name: str
    writer: MessageWriter
    uploader: PictureUploader
    attachments: AttachmentFetcher


class TranscriptEntry(Record):
    """One remembered turn; pictures are remembered as handles."""

    role: Literal["user", "assistant"]
    text: str
    attachments: tuple[Attachment, ...] = ()
    exchange_id: str = ""  # of the question and answer it belongs to, so that it can be forgotten


class Transcripts(Protocol):
    """The memory of each thread."""

    async def recent(
        self, conversation: Conversation, *, before: str | None = None
    ) -> tuple[TranscriptEntry, ...]:
        """Read what is remembered, oldest first, up to the exchange ``before``."""
        ...

    async def remember(
        self, conversation: Conversation, exchange_id: str, entries: Sequence[TranscriptEntry]
    ) -> None:
        """Store one exchange; a second call with the same id replaces the first."""
        ...

    async def forget(
        self, conversation: Conversation, exchange_ids: Collection[str] | None = None
    ) -> None:
        """Drop some exchanges, or everything that is remembered of the thread."""
        ...


class UsageLedger(Protocol):
    """What has been spent."""

    async def add(self, job_id: str, model: str, user_key: str, usage: Usage) -> None:
        """Count one request once, however often it is told."""
        ...

    async def of_user(self, user_key: str, days: Sequence[str]) -> Mapping[str, Usage]:
        """Read what a person used on these days (``YYYY-MM-DD``), by model."""
        ...


class Meter(Protocol):
    """What an operator wants to see counted and timed, beyond what the adapters see themselves."""

    def first_text_visible(self, seconds: float) -> None:
        """Note the time from the start of the work to the first visible text."""
        ...

    def edits_merged(self, count: int) -> None:
        """Note deltas that were shown together with later ones."""
        ...


class Lease(Protocol):
    """A worker's hold on one running job."""

    def check(self) -> None:
        """Raise LeaseLost unless the lease is surely alive; called before each visible write."""
        ...

    async def ended(self) -> None:
        """Return when the user pressed Stop; raises LeaseLost when the job is somebody else's."""
        ...

    async def save(self, checkpoint: Checkpoint) -> None:
        """Store where the reply stands; raises LeaseLost, StoreUnavailable."""
        ...

    async def free_slot(self) -> None:
        """Give the slot to the next in line: the upstream connection is closed; raises LeaseLost."""
        ...

    async def bar_account(self, seconds: float, *, everywhere: bool) -> bool:
        """Leave the job's account out for a while; True if somebody else can do the job."""
        ...


class Catalog(Protocol):
    """The models there are."""

    def spec(self, model: str) -> ModelSpec:
        """Look a model up; raises ModelNotFound."""
        ...

