"""What is said to a model."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready for a model: upright, within its limits, JPEG or PNG."""

    data: bytes
    media_type: str
    width: int  # pixels
    height: int  # pixels
    url: str = ""  # where the vendor may fetch it, for a model that takes no bytes


@dataclass(frozen=True, slots=True)
class Video:
    """A video that the vendor fetches by itself."""

    url: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the talk."""

    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()
    videos: tuple[Video, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request for words; ``account`` says whose slot it fills."""

    account: str
    model: str
    turns: tuple[Turn, ...]
    request_id: str
    user_id: str  # a pseudonym for the vendor's abuse control, 6–128 characters (facts: glm §2)
    thinking: bool = False
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class PicturePrompt:
    """One request for a painted picture."""

    account: str
    model: str
    text: str
    size: str  # width x height in pixels
    request_id: str
    user_id: str
