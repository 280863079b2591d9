"""What the page is told: the whole state of one message, as it is stored and as it is sent."""

from datetime import datetime
from typing import Literal

from bots.drafts import Button, Draft, Outcome
from bots.messages import Record

FILES_PATH = "/api/files/"


class WebImage(Record):
    """A picture in an answer; ``width`` and ``height`` in pixels, 0 where unknown."""

    url: str
    alt: str
    width: int = 0
    height: int = 0


class WebFile(Record):
    """A file a person sent; ``url`` is missing where its bytes were too many to keep."""

    name: str
    media_type: str
    size: int  # bytes
    url: str | None = None

    @property
    def handle(self) -> str:
        """Name the stored bytes; empty where there are none."""
        return (self.url or "").removeprefix(FILES_PATH)


class WebMessage(Record):
    """One message as the page shows it; of two states the one with the larger (fence, revision) is newer.

    A person's message is final once it is accepted; before, or with outcome "failed", it may be sent again.
    """

    id: str
    author: Literal["user", "bot"]
    markdown: str = ""
    reasoning: str = ""
    revision: int = 0
    fence: int = 0
    is_final: bool = False
    place: int | None = None
    place_seconds: float | None = None
    outcome: Outcome | None = None
    notice: str = ""
    images: tuple[WebImage, ...] = ()
    buttons: tuple[Button, ...] = ()
    model: str = ""
    created_at: datetime
    files: tuple[WebFile, ...] = ()

    @property
    def has_content(self) -> bool:
        """Tell whether a reader would miss something if this were overwritten."""
        return bool(self.markdown or self.reasoning or self.images)


def state_of(draft: Draft, *, message_id: str, fence: int, created_at: datetime) -> WebMessage:
    """Turn a draft of the bot's into what the page is told."""
    place = draft.place
    return WebMessage(
        id=message_id,
        author="bot",
        markdown=draft.markdown,
        reasoning=draft.reasoning,
        revision=draft.revision,
        fence=fence,
        is_final=draft.is_final,
        place=place.position if place else None,
        place_seconds=place.seconds if place else None,
        outcome=draft.outcome,
        notice=draft.notice,
        images=tuple(
            WebImage(url=shown.handle, alt=shown.alt, width=shown.width, height=shown.height)
            for shown in draft.pictures
        ),
        buttons=draft.buttons,
        model=draft.model,
        created_at=created_at,
    )
