"""Boxes in a model's words: where in the picture it saw what.

Coordinates are thousandths of the picture's sides. The models write them in every kind of bracket, as
``[[x1,y1,x2,y2]]``, ``[…]``, ``(…)`` or ``<…>`` (GLM docs, grounding).
"""

import re
from dataclasses import dataclass

SCALE = 1000
MOST_BOXES = 100
LEAST_SIDE = 3  # thousandths; four small numbers in brackets are more likely a tuple than a box
_LABEL_CHARACTERS = 40

_NUMBER = r"\s*(-?\d{1,5}(?:\.\d+)?)\s*"
_QUAD = ",".join([_NUMBER] * 4)
_BOX = re.compile(rf"\[{_QUAD}\]|\({_QUAD}\)|<{_QUAD}>")
_MARKS = re.compile(r"<\|(?:begin|end)_of_box\|>")
_JSON_LABEL = re.compile(r'"(?:label|name|object|class)"\s*:\s*"([^"\n]{1,80})"')
_CLOSERS = " \t[](){}<>,;、，；。.|"
_BINDERS = " :：=-–—"
# "The cat is located at [[…]]" names the cat.
_LINKING_WORDS = re.compile(r"(?:\s+(?:is|are|at|in|located|found))+$", re.IGNORECASE)
_DECORATION = re.compile(r"^[\s\-*+•>#|]*(?:\d{1,3}[.)、]\s+)?|[*_`\"\'“”「」]")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in thousandths of the picture's sides, and what is said to be in it."""

    label: str
    left: float
    top: float
    right: float
    bottom: float


def boxes_in(markdown: str) -> tuple[Box, ...]:
    """Find the boxes of an answer in order, each once, clamped to the picture."""
    found: dict[tuple[float, ...], Box] = {}
    for line in _MARKS.sub("", markdown).splitlines():
        end, label = 0, ""
        for match in _BOX.finditer(line):
            label = _label(line, end, match) or label  # several boxes may share one name
            end = match.end()
            sides = _sides([float(one) for one in match.groups() if one is not None])
            if sides is not None and len(found) < MOST_BOXES:
                found.setdefault(sides, Box(label, *sides))
    return tuple(found.values())


def _sides(numbers: list[float]) -> tuple[float, float, float, float] | None:
    x1, y1, x2, y2 = (min(max(number, 0.0), float(SCALE)) for number in numbers)
    left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        return None
    return left, top, right, bottom


def _label(line: str, begin: int, match: re.Match[str]) -> str:
    """Take the words before the box, or the JSON object's name for it."""
    named = _JSON_LABEL.search(line)
    if named:
        return named[1].strip()[:_LABEL_CHARACTERS]
    words = _DECORATION.sub("", line[begin : match.start()].strip(_CLOSERS)).strip(_CLOSERS + _BINDERS)
    return _LINKING_WORDS.sub("", words).strip(_CLOSERS + _BINDERS)[-_LABEL_CHARACTERS:].strip()
