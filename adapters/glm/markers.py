"""Takes the models' own markers out of an answer, also where a chunk ends in the middle of one.

The 4.1V models think inside the content (``<think>…</think><answer>…</answer>``), and several vision models
wrap their result in box tokens. Box tokens never mean anything to a reader; the other tags are ordinary words
as soon as visible text stands before them, for people do ask what ``<think>`` means.
"""

import re
from dataclasses import dataclass, field

from bots.deltas import Delta, ReasoningDelta, Restarted, TextDelta

_THINK, _THINK_END, _ANSWER, _ANSWER_END = "<think>", "</think>", "<answer>", "</answer>"
# The last one is malformed, and met in the open weights' answers.
_BOXES = ("<|begin_of_box|>", "<|end_of_box|>", "</|end_of_box|>")
_MARKERS = (_THINK, _THINK_END, _ANSWER, _ANSWER_END, *_BOXES)
_MARKER = re.compile("|".join(map(re.escape, _MARKERS)))
_PREFIXES = frozenset(marker[:length] for marker in _MARKERS for length in range(1, len(marker)))
_LONGEST_PREFIX = max(map(len, _PREFIXES))


@dataclass(slots=True)
class _Opening:
    """Drops the blank lines that a text begins with."""

    blanks: str = ""
    is_over: bool = False

    def trim(self, text: str) -> str:
        if self.is_over:
            return text
        self.blanks += text
        if not self.blanks.strip():
            return ""
        self.is_over = True
        first = len(self.blanks) - len(self.blanks.lstrip())
        return self.blanks[self.blanks.rfind("\n", 0, first) + 1 :]


@dataclass(slots=True)
class AnswerFilter:
    """Sorts one generation's content into text and reasoning.

    ``thinks_inline`` is for models that always think: there a lone ``</think>`` says that all the text so far
    was reasoning, so that the filter answers with Restarted and says it anew.
    """

    thinks_inline: bool = False
    _held: str = ""  # the end of the content, if a marker may begin there
    _is_thinking: bool = False
    _has_thought: bool = False
    _in_answer: bool = False
    _shown: list[str] = field(default_factory=list)  # kept only while a lone closing tag may take it back
    _text: _Opening = field(default_factory=_Opening)
    _reasoning: _Opening = field(default_factory=_Opening)

    def reason(self, text: str) -> list[Delta]:
        """Take reasoning that came in a field of its own."""
        self._has_thought = True
        trimmed = self._reasoning.trim(text)
        return [ReasoningDelta(trimmed)] if trimmed else []

    def feed(self, text: str) -> list[Delta]:
        """Take more content."""
        deltas: list[Delta] = []
        self._held += text
        while match := _MARKER.search(self._held):
            deltas += self._say(self._held[: match.start()])
            self._held = self._held[match.end() :]
            deltas += self._meet(match[0])
        keep = _possible_marker(self._held)
        ready = self._held[: len(self._held) - keep]
        self._held = self._held[len(ready) :]
        return deltas + self._say(ready)

    def finish(self) -> list[Delta]:
        """Give up what was held back: no marker came of it."""
        held, self._held = self._held, ""
        return self._say(held)

    def _say(self, text: str) -> list[Delta]:
        if self._is_thinking:
            return self.reason(text) if text else []
        trimmed = self._text.trim(text)
        if not trimmed:
            return []
        if self._may_be_reasoning:
            self._shown.append(trimmed)
        return [TextDelta(trimmed)]

    def _meet(self, marker: str) -> list[Delta]:
        if marker in _BOXES:
            return []
        if self._is_thinking:
            return self._meet_while_thinking(marker)
        is_first = not self._text.is_over
        if marker == _ANSWER_END and self._in_answer:
            return []
        if is_first:
            self._is_thinking = marker == _THINK
            self._in_answer = self._in_answer or marker == _ANSWER
            return []
        if marker == _THINK_END and self._may_be_reasoning:
            return self._take_back()
        return self._say(marker)

    def _meet_while_thinking(self, marker: str) -> list[Delta]:
        if marker != _THINK_END:
            return self.reason(marker)
        self._is_thinking = False
        return []

    @property
    def _may_be_reasoning(self) -> bool:
        return self.thinks_inline and not self._has_thought

    def _take_back(self) -> list[Delta]:
        reasoning = "".join(self._shown)
        self._shown.clear()
        self._text = _Opening()
        return [Restarted(), *self.reason(reasoning)]


def _possible_marker(text: str) -> int:
    """Count the characters at the end that may be the beginning of a marker."""
    for length in range(min(len(text), _LONGEST_PREFIX), 0, -1):
        if text[-length:] in _PREFIXES:
            return length
    return 0
