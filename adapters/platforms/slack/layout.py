"""Cuts a long text into messages: pure, and stable while the text grows."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.platforms.slack.formatting import closed, open_fence, table_head

MAX_BYTES = 9_000  # streams take about 10,600 bytes of UTF-8 in all, which no document says (CopilotKit#6063)
CLOSING_BYTES = 8  # room for the fence that closes a cut code block


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text of one message: ``head`` opens again what the cut before it closed."""

    start: int  # characters
    end: int
    head: str
    body: str

    @property
    def text(self) -> str:
        """Give it with every code block closed."""
        return closed(self.head + self.body)

    @property
    def size(self) -> int:
        """Tell its length in bytes."""
        return len(self.text.encode())


def chunk_at(text: str, start: int, *, end: int | None = None, room: int = MAX_BYTES) -> Chunk:
    """Cut the message that begins at ``start``: up to ``end``, or as much as fits into ``room`` bytes."""
    head = head_at(text, start)
    if end is None:
        end = start + _fitting(text[start:], room - len(head.encode()) - CLOSING_BYTES)
    return Chunk(start, end, head, text[start:end])


def layout(text: str, starts: Sequence[int] = ()) -> list[Chunk]:
    """Cut a text into messages; ``starts`` are where messages begin that are already there."""
    chunks: list[Chunk] = []
    start, fixed = 0, [one for one in starts if one]
    while True:
        following = next((one for one in fixed if one > start), None)
        chunk = chunk_at(text, start, end=following if following and following <= len(text) else None)
        chunks.append(chunk)
        if chunk.end >= len(text):
            return chunks
        start = chunk.end


def head_at(text: str, start: int) -> str:
    """Give what must be said again where a text goes on in a new message: a fence, or a table's head."""
    if not start:
        return ""
    before = text[:start]
    fence = open_fence(before)
    if fence:
        return fence + "\n"
    return table_head(before) if text[start:].lstrip(" ").startswith("|") else ""


def _fitting(text: str, room: int) -> int:
    """Tell how many characters fit, cut at a paragraph, a line or a word where there is one."""
    data = text.encode()
    if len(data) <= room:
        return len(text)
    window = data[:room].decode(errors="ignore")
    for mark in ("\n\n", "\n", " ", "。"):
        cut = window.rfind(mark)
        if cut > len(window) // 2:
            return cut + len(mark)
    return max(1, len(window))
