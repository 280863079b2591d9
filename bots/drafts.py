"""What a reply looks like at one moment, and where it stands."""

from typing import Literal

from pydantic import Field

from bots.messages import Record

Outcome = Literal["answered", "stopped", "failed", "refused"]
Button = Literal["stop", "regenerate", "like", "dislike"]


class Place(Record):
    """A waiting reply's place in line: 1 is next, 0 is being answered."""

    position: int
    seconds: float | None = None  # estimate; None while nothing is known


class ShownPicture(Record):
    """A picture in a reply; ``handle`` is what the platform gave for it."""

    handle: str
    alt: str
    width: int = 0
    height: int = 0


class Draft(Record):
    """The whole visible state of a reply; ``revision`` only grows, so a late edit is recognisable."""

    markdown: str = ""
    reasoning: str = ""
    revision: int = 0
    is_final: bool = False
    place: Place | None = None
    outcome: Outcome | None = None
    notice: str = ""  # our own sentence beside the model's words: an error, a hint
    pictures: tuple[ShownPicture, ...] = ()
    is_illustrated: bool = False  # the pictures belong to the words; there is nothing to paint anew
    buttons: tuple[Button, ...] = ()
    model: str = ""


class EditLimits(Record):
    """A platform's walls, as data."""

    min_interval: float  # seconds between edits of one reply


class Placement(Record):
    """Where a reply stands on its platform, so that another worker can finish the same message."""

    reply_id: str
    fence: int  # the lease's number; the platform's store refuses a smaller one where it can
    handle: dict[str, str | int] = Field(default_factory=dict)  # message ids, rung, sequence
    revision: int = 0


class Checkpoint(Record):
    """What is saved about a job about once a second."""

    placement: Placement | None = None
    markdown: str = ""
    reasoning: str = ""
    pictures: tuple[ShownPicture, ...] = ()
    is_complete: bool = False  # the model's part is done and must not be paid for twice
    model: str = ""
