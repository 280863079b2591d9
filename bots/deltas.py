"""What comes back from a model, piece by piece."""

from dataclasses import dataclass
from typing import Literal

FinishReason = Literal["stop", "length", "sensitive", "tool_calls", "other"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request cost, in tokens (pictures are counted in ``pictures``)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the thinking before the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A complete call of a tool the model wants made; ``arguments`` is JSON text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The vendor began the generation anew: forget what came so far."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end; ``usage`` is missing when the vendor did not tell it."""

    reason: FinishReason
    usage: Usage | None = None


Delta = TextDelta | ReasoningDelta | ToolCallDelta | Restarted | Finished


@dataclass(frozen=True, slots=True)
class PaintedPicture:
    """A picture from the model, already downloaded."""

    data: bytes
    media_type: str
    width: int
    height: int
