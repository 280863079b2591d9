"""A model's Markdown as a card's Markdown, line by line (rich-text component, JSON 2.0).

No answer may make its own card fail, ping anybody or lose words: mentions and unknown tags are shown as text,
foreign pictures become links, links that Lark refuses become words, formulas become code.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from adapters.platforms.lark.formatting_inline import ZERO_WIDTH, clean_code, clean_line

MAX_LINE = 1500  # characters; a longer line is broken, so that a page can end somewhere
_GOOD_BREAKS = " 。；，！？"
MATH_FENCE = "```"

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\n]*)$")
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}")
_RULE = re.compile(r"^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_TABLE_RULE = re.compile(r"^[ \t>]*\|?[ \t:|-]*-[ \t:|-]*$")
_DISPLAY_MATH = {"$$": "$$", "\\[": "\\]"}
# The beginning of a line that may yet become a fence, a rule, a heading or a formula.
_UNDECIDED = re.compile(
    r"^[ \t]*(`{1,2}|~{1,2}|```.*|~~~.*|\$\$?|\$\$.*|\\|\\\[.*|[-*_][-*_ \t]*|#{1,6}[ \t]*)?$"
)
_UNDECIDED_CODE = re.compile(r"<\s*/?\s*[A-Za-z]{0,6}$|<\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card; ``fence`` is the opening line of the code block it stands in."""

    text: str
    fence: str = ""
    begins_fence: bool = False
    ends_fence: bool = False
    is_table_rule: bool = False  # the row of dashes under a table's head


@dataclass(frozen=True, slots=True)
class _Fence:
    opening: str  # as written into the card
    run: str
    indent: int
    end: str = ""  # what ends a formula; empty for code


def card_lines(
    text: str, *, pictures: Set[str] = frozenset(), is_whole: bool = True, max_line: int = MAX_LINE
) -> Iterator[Line]:
    """Give the lines of a text; of an unfinished one, only what later text cannot change."""
    fence: _Fence | None = None
    before = ""
    raw_lines = list(_raw_lines(text, max_line))
    for number, raw in enumerate(raw_lines):
        is_settled = is_whole or number < len(raw_lines) - 1
        if not is_settled:
            partial = _unfinished(raw, fence, before, pictures)
            if partial is not None or number:
                # A line that is held back has at least begun.
                yield partial or Line("", fence=fence.opening if fence else "")
            return
        if fence is None:
            opened = _opened(raw)
            if opened is None:
                line = _prose(raw, before, pictures)
                before = line.text
                yield line
                continue
            yield from _begun(*opened)
            fence, before = (opened[0] if not opened[2] else None), ""
        else:
            yield from _inside(raw, fence)
            fence = None if _is_end(raw, fence) else fence
    if fence is not None:
        yield Line(fence.run, fence=fence.opening, ends_fence=True)


def card_markdown(text: str, *, pictures: Set[str] = frozenset(), is_whole: bool = True) -> str:
    """Give the whole text as one; prefix-stable: more text only adds to what was given before."""
    return "\n".join(line.text for line in card_lines(text, pictures=pictures, is_whole=is_whole))


def _raw_lines(text: str, max_line: int) -> Iterator[str]:
    for line in _UNPRINTABLE.sub("", text).split("\n"):
        rest = line
        while len(rest) > max_line:
            best = max(rest.rfind(sign, max_line // 2, max_line) for sign in _GOOD_BREAKS)
            cut = best + 1 if best > 0 else max_line
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def _unfinished(raw: str, fence: _Fence | None, before: str, pictures: Set[str]) -> Line | None:
    if fence is not None:
        if fence.end or not raw.strip(" `~"):
            return None
        code = _UNDECIDED_CODE.sub("", _code_line(raw, fence))
        return Line(code, fence=fence.opening) if code else None
    if _UNDECIDED.match(raw):
        return None
    heading = _HEADING.match(raw)
    body = heading[2] if heading else raw
    clean = clean_line(body, pictures=pictures, is_whole=False)
    text = f"{_heading_sign(heading[1])} {clean}" if heading else clean
    return Line(text, is_table_rule=_is_table_rule(text, before)) if text.strip() else None


def _prose(raw: str, before: str, pictures: Set[str]) -> Line:
    if not raw.strip():
        return Line("")
    if _RULE.match(raw):
        return Line("<hr>")
    heading = _HEADING.match(raw)
    if heading:
        return Line(f"{_heading_sign(heading[1])} {clean_line(heading[2], pictures=pictures)}")
    text = clean_line(raw, pictures=pictures)
    if re.match(r"^ {0,3}(```|~~~)", text):
        text = ZERO_WIDTH + text.lstrip(" ")
    return Line(text, is_table_rule=_is_table_rule(text, before))


def _is_table_rule(text: str, before: str) -> bool:
    """Tell whether a line could make a table of the one before; rather too often than not."""
    return "|" in before and bool(_TABLE_RULE.match(text))


def _heading_sign(signs: str) -> str:
    # The largest sizes are made for pages, not for chats.
    return "####" if len(signs) == 1 else "#####"


def _opened(raw: str) -> tuple[_Fence, str, bool] | None:
    """Read a line that begins a code block or a formula: fence, first line, whether it ends too."""
    found = _FENCE.match(raw)
    if found and not (found[2][0] == "`" and "`" in found[3]):
        language = _LANGUAGE.match(found[3].strip())
        opening = found[2] + (language[0] if language else "")
        return _Fence(opening, found[2], len(found[1])), "", False
    stripped = raw.strip()
    for sign, end in _DISPLAY_MATH.items():
        if stripped.startswith(sign):
            rest = stripped[len(sign) :]
            fence = _Fence(f"{MATH_FENCE}latex", MATH_FENCE, 0, end)
            body, has_end, after = rest.partition(end)
            return (fence, rest, False) if not has_end or after.strip(" .,;") else (fence, body, True)
    return None


def _begun(fence: _Fence, first: str, is_over: bool) -> Iterator[Line]:  # noqa: FBT001 - a part of a tuple
    yield Line(fence.opening, fence=fence.opening, begins_fence=True)
    if first.strip():
        yield Line(_code_line(first, fence), fence=fence.opening)
    if is_over:
        yield Line(fence.run, fence=fence.opening, ends_fence=True)


def _inside(raw: str, fence: _Fence) -> Iterator[Line]:
    if not _is_end(raw, fence):
        yield Line(_closed_code_line(raw, fence), fence=fence.opening)
        return
    if fence.end:
        last = raw.strip().removesuffix(fence.end)
        if last.strip():
            yield Line(_closed_code_line(last, fence), fence=fence.opening)
    yield Line(fence.run, fence=fence.opening, ends_fence=True)


def _is_end(raw: str, fence: _Fence) -> bool:
    stripped = raw.strip()
    if fence.end:
        return stripped.endswith(fence.end)
    return len(stripped) >= len(fence.run) and stripped == fence.run[0] * len(stripped)


def _code_line(raw: str, fence: _Fence) -> str:
    indent = min(fence.indent, len(raw) - len(raw.lstrip(" \t")))
    code = clean_code(raw[indent:])
    is_fence_like = fence.end and code.lstrip(" ").startswith(fence.run)
    return ZERO_WIDTH + code if is_fence_like else code


def _closed_code_line(raw: str, fence: _Fence) -> str:
    code = _code_line(raw, fence)
    return code + ZERO_WIDTH if code.rstrip().endswith("<") else code
