"""Control words in what the user said last, such as ``[[sim:seconds=6]]``: they script the answer."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from simulators.glm.errors import CODES, HTML_PAGES, Refusal

_WORD = re.compile(r"\[\[sim:([a-z_]+)(?:=(.*?))?\]\](?!\])", re.DOTALL)
_MOST_CHARACTERS = 500_000
_MOST_CHUNKS = 50_000
_MOST_SECONDS = 3600.0

Fault = Literal[
    "restart_midframe", "drop_done", "inband_error", "network_error", "sensitive", "cut", "stall",
    "usage_separate", "usage_every", "usage_none", "glued", "comment_keepalive", "empty", "split_utf8",
    "broadcast",
]  # fmt: skip
FAULTS: dict[str, Fault] = {name: name for name in get_args(Fault)}

# Everything that may be asked for as an error: the vendor's codes, the edge's pages, and silence.
ERROR_CODES = frozenset(CODES) | frozenset(HTML_PAGES) | {"hang"}


@dataclass(frozen=True)
class Controls:
    """What the control words ask for; None or empty means the usual."""

    text: str | None = None
    characters: int | None = None
    tokens: int | None = None
    chunks: int | None = None
    seconds: float | None = None
    pause: float | None = None  # seconds, for faults that pause
    error: str | None = None
    faults: tuple[Fault, ...] = ()
    refuse: bool = False
    stamps: bool = False
    tool: bool = False


def strip_controls(text: str) -> str:
    """Remove the control words, leaving what a person would have written."""
    return _WORD.sub("", text).strip()


def asks_for_refusal(text: str) -> bool:
    """Tell whether a text carries ``[[sim:refuse]]``, the stand-in for forbidden words."""
    return any(match[1] == "refuse" for match in _WORD.finditer(text))


def read_controls(text: str) -> Controls:
    """Read a text's control words; raises Refusal 1210 for one without sense, so that slips are seen."""
    words: dict[str, str] = {}
    faults: list[Fault] = []
    for match in _WORD.finditer(text):
        name, value = match[1], match[2] or ""
        if name == "fault":
            if value not in FAULTS:
                raise Refusal(code="1210", message=f"simulator: no such fault: {value}")
            faults.append(FAULTS[value])
        elif name in _NAMES:
            words[name] = value
        else:
            raise Refusal(code="1210", message=f"simulator: no such control word: {name}")
    if "error" in words and words["error"] not in ERROR_CODES:
        raise Refusal(code="1210", message=f"simulator: no such error: {words['error']}")
    return Controls(
        text=words.get("text"),
        characters=_whole(words, "chars", _MOST_CHARACTERS),
        tokens=_whole(words, "tokens", _MOST_CHARACTERS),
        chunks=_whole(words, "chunks", _MOST_CHUNKS),
        seconds=_seconds(words, "seconds"),
        pause=_seconds(words, "pause"),
        error=words.get("error"),
        faults=tuple(faults),
        refuse="refuse" in words,
        stamps="stamps" in words,
        tool="tool" in words,
    )


_NAMES = frozenset(
    {"text", "chars", "tokens", "chunks", "seconds", "pause", "error", "refuse", "stamps", "tool"},
)


def _whole(words: dict[str, str], name: str, most: int) -> int | None:
    if name not in words:
        return None
    if not words[name].isdecimal() or not 1 <= int(words[name]) <= most:
        raise Refusal(code="1210", message=f"simulator: {name} is a whole number from 1 to {most}")
    return int(words[name])


def _seconds(words: dict[str, str], name: str) -> float | None:
    if name not in words:
        return None
    try:
        seconds = float(words[name])
    except ValueError as error:
        raise Refusal(code="1210", message=f"simulator: {name} is a number of seconds") from error
    if not 0 <= seconds <= _MOST_SECONDS:
        raise Refusal(
            code="1210", message=f"simulator: {name} is a number of seconds up to {_MOST_SECONDS:.0f}"
        )
    return seconds
