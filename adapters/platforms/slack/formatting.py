"""A model's Markdown as Slack may show it, while it grows and when it is whole: pure and prefix-stable.

Slack renders real Markdown in streams and in markdown blocks (Slack docs, markdown block), so the text stays
what the model wrote, except where it would ping, forge a link, or break half-way.
"""

import re

from adapters.platforms.slack.formatting_inline import held_back, render_line, without_pings

_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<word>[^`]*)\Z")
_BEGUN_FENCE = re.compile(r" {0,3}(?:`*|~*)\Z")
_ROW = re.compile(r" {0,3}\|")
_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*\Z")


def render(markdown: str, *, is_whole: bool) -> str:
    """Give the text to show; of one that is not whole, a beginning of every text it can still become."""
    lines = markdown.split("\n")
    written: list[str] = []
    fence = ""
    for number, line in enumerate(lines):
        is_last = number == len(lines) - 1
        is_open_end = is_last and not is_whole
        if not is_open_end and not is_last and not is_whole and _awaits_rule(lines, number, fence):
            break
        piece = _line(line, fence, is_open_end=is_open_end)
        if piece is None:
            break
        written.append(piece if is_last else piece + "\n")
        fence = _fence_after(fence, line)
    text = without_pings("".join(written))
    return text if is_whole else held_back(text)


def open_fence(text: str) -> str:
    """Give the line that opened the code block in which ``text`` ends; empty if it ends in none."""
    fence = opening = ""
    for line in text.split("\n"):
        before, fence = fence, _fence_after(fence, line)
        if fence and not before:
            opening = line.strip()
    return opening if fence else ""


def table_head(text: str) -> str:
    """Give the two lines that head the table whose row ``text`` ends with, line break included."""
    if not text.endswith("\n"):
        return ""
    lines = text[:-1].split("\n")
    first = len(lines)
    while first and _ROW.match(lines[first - 1]):
        first -= 1
    rows = lines[first:]
    return f"{rows[0]}\n{rows[1]}\n" if len(rows) > 2 and _RULE.match(rows[1]) else ""


def closed(text: str) -> str:
    """Close a code block that is still open."""
    opening = open_fence(text)
    if not opening:
        return text
    mark = opening[: len(opening) - len(opening.lstrip(opening[0]))]
    return text + ("" if text.endswith("\n") else "\n") + mark


def _line(line: str, fence: str, *, is_open_end: bool) -> str | None:
    """Give one line; None where nothing of it is certain yet."""
    if fence:
        return None if is_open_end and _BEGUN_FENCE.match(line) else line
    if is_open_end and (_ROW.match(line) or _BEGUN_FENCE.match(line) or line.lstrip().startswith("~~~")):
        return None
    if _FENCE.match(line):
        return None if is_open_end else line
    return render_line(line, is_whole=not is_open_end)


def _fence_after(fence: str, line: str) -> str:
    """Give the mark of the code block that is open after a line."""
    found = _FENCE.match(line)
    if not fence:
        return found["mark"] if found else ""
    closes = found is not None and not found["word"].strip() and found["mark"].startswith(fence)
    return "" if closes else fence


def _awaits_rule(lines: list[str], number: int, fence: str) -> bool:
    """Tell a table's first line whose second is not whole yet: alone it would be shown as bars."""
    if fence or not _ROW.match(lines[number]) or (number and _ROW.match(lines[number - 1])):
        return False
    return number + 1 == len(lines) - 1
