"""A model's Markdown for posts and texts, whose dialects know less than a card's (message content docs)."""

import re

from adapters.platforms.lark.formatting_inline import ZERO_WIDTH

MOST_BYTES = 24_000  # a post may have 30 KB, a text 150 KB

_FENCED = re.compile(
    r"(^ {0,3}(?:```|~~~)[^\n]*\n.*?(?:^ {0,3}(?:```|~~~)[ \t]*$|\Z))", re.DOTALL | re.MULTILINE
)
_AT = re.compile(r"<(?=\s*/?\s*at\b)", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,500})\]\(([^()\n]{0,2000})\)")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\(([^()\n]{0,2000})\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*(?:\n|\Z)){2,}", re.MULTILINE)


def post_markdown(text: str) -> str:
    """Write for a post: no headings, no tables, no pictures, no mention of anybody."""
    parts = _FENCED.split(_clipped(text))
    for number in range(0, len(parts), 2):
        parts[number] = _prose(parts[number])
    return _AT.sub("<" + ZERO_WIDTH, "".join(parts))


def plain_text(text: str) -> str:
    """Write for a text: as it is, without mentions."""
    return _AT.sub("<" + ZERO_WIDTH, _clipped(text))


def _prose(text: str) -> str:
    text = _TABLE.sub(lambda found: f"```\n{found[0].rstrip()}\n```\n", text)
    text = _HEADING.sub(r"**\1**", text)
    text = _IMAGE.sub(lambda found: _linked(found[1] or "image", found[2]), text)
    return _LINK.sub(lambda found: _linked(found[1], found[2]), text)


def _linked(label: str, target: str) -> str:
    is_safe = re.fullmatch(r"https?://[!-~]+", target, re.IGNORECASE)
    return f"[{label}]({target})" if is_safe else label


def _clipped(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return text if len(data) <= MOST_BYTES else data[:MOST_BYTES].decode("utf-8", "ignore") + "…"
