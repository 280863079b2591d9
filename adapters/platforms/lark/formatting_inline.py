"""One line of a model's Markdown made harmless for a card (rich-text component, JSON 2.0).

A reader works from left to right and writes only what later text cannot change any more, so that the result
for a part of a line is a prefix of the result for the whole: a card's typewriter depends on it.
"""

import re
from collections.abc import Callable, Set
from typing import NamedTuple

ZERO_WIDTH = "\u200b"
MAX_CODE, MAX_LABEL, MAX_TARGET, MAX_MATH = 500, 500, 2000, 300  # characters; longer constructs are text

_TARGET = rf"\(((?:[^()\n]|\([^()\n]*\)){{0,{MAX_TARGET}}})\)"
_CODE = re.compile(rf"(`+)([^`\n]{{1,{MAX_CODE}}})(?<!`)\1(?!`)")
_BACKTICKS = re.compile(r"`+")
_IMAGE = re.compile(rf"!\[([^\[\]\n]{{0,{MAX_LABEL}}})\]{_TARGET}")
_LINK = re.compile(rf"\[([^\[\]\n]{{0,{MAX_LABEL}}})\]{_TARGET}")
_AUTOLINK = re.compile(rf"<(https?://[^<>\s]{{1,{MAX_TARGET}}})>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[!-~]*", re.IGNORECASE)
_EMOJI = re.compile(r":[A-Za-z][A-Za-z0-9_]{0,30}:")
_MATH_PARENTHESES = re.compile(rf"\\\((.{{1,{MAX_MATH}}}?)\\\)")
_MATH_DOLLARS = re.compile(rf"\$([^$\s\d](?:[^$\n]{{0,{MAX_MATH}}}[^$\s\\])?)\$(?!\d)")
_WORDS = re.compile(r"[^`!\[\]\\$<:&hH\n]+")

# What could still become the construct above, given more text; only asked at the end of unfinished text.
_OPEN = {
    "`": re.compile(rf"`+[^`\n]{{0,{MAX_CODE}}}`*"),
    "!": re.compile(
        rf"!(\[[^\[\]\n]{{0,{MAX_LABEL}}}(\](\((?:[^()\n]|\([^()\n]*\)?){{0,{MAX_TARGET}}})?)?)?"
    ),
    "[": re.compile(rf"\[[^\[\]\n]{{0,{MAX_LABEL}}}(\](\((?:[^()\n]|\([^()\n]*\)?){{0,{MAX_TARGET}}})?)?"),
    "\\": re.compile(rf"\\(\((?:(?!\\\)).){{0,{MAX_MATH + 1}}})?"),
    "$": re.compile(rf"\$([^$\s\d][^$\n]{{0,{MAX_MATH + 1}}}\$?)?"),
    "<": re.compile(
        rf"<(h|ht|htt|https?|https?:|https?:/|https?://[^<>\s]{{0,{MAX_TARGET}}})?", re.IGNORECASE
    ),
    ":": re.compile(r":([A-Za-z][A-Za-z0-9_]{0,30})?"),
    "h": re.compile(r"h|ht|htt|https?|https?:|https?:/", re.IGNORECASE),
    "&": re.compile(r"&"),
    "]": re.compile(r"\]"),
}
_LIVE_IN_CODE = re.compile(r"<(?=\s*/?\s*(?:at|person)\b)", re.IGNORECASE)
_GLUED = re.compile(r"(https?://[!-~]+)(?=[^\x00-\x7f])", re.IGNORECASE)
_ESCAPABLE = "*_`#[]<>~|!-+.(){}"
_FORMULA = re.compile(r"[\\^_{}=]")


class _Piece(NamedTuple):
    """What a construct became, and how many characters it was."""

    text: str
    length: int


_Reader = Callable[[str, int, Set[str]], _Piece | None]


def clean_line(line: str, *, pictures: Set[str], is_whole: bool = True) -> str:
    """Make a line harmless; of an unfinished one, give only what is settled.

    ``pictures`` are the image keys that may be shown: any other target fails the whole card.
    """
    out: list[str] = []
    at = 0
    while at < len(line):
        words = _WORDS.match(line, at)
        if words:
            _join(out, words[0])
            at = words.end()
            continue
        piece = _construct(line, at, pictures, is_whole=is_whole)
        if piece is None:
            break
        _join(out, piece.text)
        at += piece.length
    return "".join(out)


def clean_code(code: str) -> str:
    """Break mentions in code: whether they work there is not documented, so the worst is assumed."""
    return _LIVE_IN_CODE.sub("<" + ZERO_WIDTH, code)


def _construct(line: str, at: int, pictures: Set[str], *, is_whole: bool) -> _Piece | None:
    sign = line[at].lower()
    if not is_whole and _OPEN[sign].fullmatch(line, at):
        return None
    piece = _READERS[sign](line, at, pictures)
    if piece is None:
        run = _BACKTICKS.match(line, at)
        return _Piece(run[0], len(run[0])) if run else _Piece(line[at], 1)
    return piece if is_whole or sign != "h" else _settled_address(line, at, piece)


def _settled_address(line: str, at: int, piece: _Piece) -> _Piece:
    """Leave the end of an unfinished address away where the next character decides about it."""
    if at + piece.length < len(line):
        return piece
    held = len(line) - len(line.rstrip("]"))
    if not held:
        return piece
    shorter = _address(line[: len(line) - held], at, frozenset())
    return _Piece(shorter.text if shorter else "", piece.length)


def _join(out: list[str], text: str) -> None:
    """Append, unless the two would become a picture or a link only by standing together."""
    before = out[-1][-1:] if out else ""
    if (before == "!" and text.startswith("[")) or (before == "]" and text.startswith(("(", ":", "["))):
        out.append(ZERO_WIDTH)
    if text:
        out.append(text)


def _code(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _CODE.match(line, at)
    if found is None:
        return None
    # Markdown sees code spans across lines, so what is code here may be text there: links are broken too.
    content = _GLUED.sub(r"\1 ", clean_code(found[2]).replace("](", f"]{ZERO_WIDTH}("))
    return _Piece(f"{found[1]}{content}{found[1]}", len(found[0]))


def _image(line: str, at: int, pictures: Set[str]) -> _Piece | None:
    found = _IMAGE.match(line, at)
    if found is None:
        return None
    label, target = _label(found[1]), found[2].strip()
    if target in pictures:
        return _Piece(f"![{label}]({target})", len(found[0]))
    return _Piece(_linked(label or "image", target) or label, len(found[0]))


def _link(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _LINK.match(line, at)
    if found is None:
        return None
    label = _label(found[1])
    return _Piece(_linked(label or "link", found[2]) or label, len(found[0]))


def _label(text: str) -> str:
    """Make a link's text harmless: no code, no brackets, no address of its own."""
    text = re.sub(r"[`\[\]]", "", text).replace("://", f":{ZERO_WIDTH}//")
    return clean_line(text, pictures=frozenset())[:MAX_LABEL].strip()


def _linked(label: str, target: str) -> str:
    """Write a link; empty where the target is none that Lark follows (http and https only)."""
    address = target.strip().partition(" ")[0].strip("<>")
    if not re.fullmatch(r"https?://[^\s/?#]\S*", address, re.IGNORECASE):
        return ""
    scheme, _, rest = address.partition("://")
    return f"[{label}]({scheme.lower()}://{_percent_encoded(rest)})"


def _percent_encoded(text: str) -> str:
    return "".join(
        one
        if "!" <= one <= "~" and one not in "()<>[]`\"'\\^{|}*"
        else "".join(f"%{byte:02X}" for byte in one.encode("utf-8", "replace"))
        for one in text
    )


def _tag(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _AUTOLINK.match(line, at)
    if found is None:
        return _Piece("&#60;", 1)
    address = _address(found[1] + " ", 0, frozenset())
    return _Piece(f"{address.text if address else ''} ", len(found[0]))


def _address(line: str, at: int, _: Set[str]) -> _Piece | None:
    """Copy an address with all that stands glued to it, and part it from Chinese text."""
    found = _ADDRESS.match(line, at)
    if found is None:
        return None
    text = re.sub(r"\](?=[(:\[])", "&#93;", found[0].replace("<", "&#60;"))
    next_one = line[found.end() : found.end() + 1]
    gap = " " if next_one and not next_one.isascii() else ""
    return _Piece(text + gap, len(found[0]))


def _backslash(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _MATH_PARENTHESES.match(line, at)
    if found is not None:
        return _Piece(_formula(found[1]), len(found[0]))
    escaped = line[at + 1 : at + 2]
    if escaped and escaped in _ESCAPABLE:
        return _Piece(f"&#{ord(escaped)};", 2)  # Lark knows entities, not backslashes
    return None


def _dollar(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _MATH_DOLLARS.match(line, at)
    if found is None or not _FORMULA.search(found[1]):
        return None
    return _Piece(_formula(found[1]), len(found[0]))


def _formula(text: str) -> str:
    """Show a formula as code: cards have no mathematics."""
    return _code(f"`{text.strip().replace('`', chr(39)) or ' '}`", 0, frozenset()).text  # type: ignore[union-attr]


def _emoji(line: str, at: int, _: Set[str]) -> _Piece | None:
    found = _EMOJI.match(line, at)
    # The closing colon may open the next one, so it is not taken.
    return _Piece(f":{ZERO_WIDTH}{found[0][1:-1]}", len(found[0]) - 1) if found else None


def _ampersand(line: str, at: int, _: Set[str]) -> _Piece | None:
    follower = line[at + 1 : at + 2]
    return _Piece("&#38;", 1) if follower.isalnum() or follower == "#" else None


def _bracket(line: str, at: int, _: Set[str]) -> _Piece | None:
    follower = line[at + 1 : at + 2]
    return _Piece("&#93;", 1) if follower and follower in "(:[" else None


_READERS: dict[str, _Reader] = {
    "`": _code,
    "!": _image,
    "[": _link,
    "\\": _backslash,
    "$": _dollar,
    "<": _tag,
    ":": _emoji,
    "h": _address,
    "&": _ampersand,
    "]": _bracket,
}
