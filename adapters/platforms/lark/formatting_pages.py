"""A long answer as several cards: where one ends and the next begins never moves once it is decided."""

import json
from collections.abc import Set
from dataclasses import dataclass, field

from adapters.platforms.lark.formatting import Line, card_lines

PAGE_BYTES = 19_000  # of Lark's 30 KB for a card; the rest is for thinking, buttons and our own JSON
MAX_TABLES = 3  # documented are 4, but cards with more than 3 were refused (message docs, 11310)
MAX_PAGES = 12
GOOD_BREAK_SHARE = 0.7  # a paragraph's end is looked for in the last part of a page


@dataclass(slots=True)
class _Page:
    lines: list[Line] = field(default_factory=list)
    size: int = 0
    tables: int = 0
    carried: int = 0  # lines repeated from the page before

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.size += cost(line)
        self.tables += line.is_table_rule


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What fits on one card."""

    max_bytes: int = PAGE_BYTES
    max_tables: int = MAX_TABLES
    max_pages: int = MAX_PAGES


def pages(
    text: str, *, pictures: Set[str] = frozenset(), is_whole: bool = True, limits: PageLimits | None = None
) -> tuple[str, ...]:
    """Cut a text into cards; at least one, which may be empty.

    Code blocks are closed at a card's end and opened again on the next, tables get their head again.
    """
    limits = limits or PageLimits()
    done: list[str] = []
    page = _Page()
    for line in card_lines(text, pictures=pictures, is_whole=is_whole):
        while _is_full(page, line, limits):
            if len(done) + 1 >= limits.max_pages:
                return (*done, _text([*page.lines, *closing(page.lines), Line("…")]))
            kept, page = _broken(page, line, limits)
            done.append(_text(kept))
        page.add(line)
    return (*done, _text(page.lines))


def _text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def cost(line: Line) -> int:
    """Count the bytes a line has in a card's JSON."""
    # Two for the line's end, as JSON writes it; each quotation mark costs two as well.
    return len(json.dumps(line.text, ensure_ascii=False).encode("utf-8", "replace"))


def _is_full(page: _Page, line: Line, limits: PageLimits) -> bool:
    if line.is_table_rule and page.tables >= limits.max_tables and len(page.lines) > 1:
        return True
    return page.size + cost(line) > limits.max_bytes and len(page.lines) > page.carried


def _broken(page: _Page, line: Line, limits: PageLimits) -> tuple[list[Line], _Page]:
    """End a page before ``line`` or somewhat earlier, and begin the next one with what is over."""
    at = len(page.lines)
    if line.is_table_rule:
        at -= 1  # a table's head goes along with it
    elif not line.fence:
        at = _good_break(page.lines, limits)
    kept, over = page.lines[:at], page.lines[at:]
    following = _Page()
    # A head that goes along with its rule needs no other table's head above it.
    opening = [] if line.is_table_rule else _opening(kept, over[0] if over else line)
    if sum(map(cost, opening)) > limits.max_bytes / 4:
        opening = []
    for one in (*opening, *over):
        following.add(one)
    following.carried = len(opening)
    return [*kept, *closing(kept)], following


def _good_break(lines: list[Line], limits: PageLimits) -> int:
    """Find the last blank line outside of code near the page's end; the page's end if there is none."""
    size = 0
    best = 0
    for number, line in enumerate(lines):
        size += cost(line)
        if not line.text.strip() and not line.fence and size > limits.max_bytes * GOOD_BREAK_SHARE:
            best = number + 1
    return best if 0 < best < len(lines) else len(lines)


def closing(lines: list[Line]) -> list[Line]:
    """Give what ends the code block the lines stop in, if they do."""
    if not lines or not lines[-1].fence or lines[-1].ends_fence:
        return []
    opening = lines[-1].fence
    run = opening[: len(opening) - len(opening.lstrip(opening[0]))]
    return [Line(run, fence=opening, ends_fence=True)]


def _opening(kept: list[Line], first: Line) -> list[Line]:
    """Repeat what the next page needs to be understood: a fence, or a table's head."""
    if first.fence and not first.begins_fence:
        return [Line(first.fence, fence=first.fence, begins_fence=True)]
    if first.is_table_rule or "|" not in first.text or first.fence:
        return []
    for number in range(len(kept) - 1, 0, -1):
        if kept[number].is_table_rule:
            return [kept[number - 1], kept[number]]
        if "|" not in kept[number].text:
            return []
    return []
