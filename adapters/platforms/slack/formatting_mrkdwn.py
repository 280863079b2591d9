"""Markdown to Slack's own mrkdwn, for the places that know no Markdown: ``text`` and context blocks."""

import re

from adapters.platforms.slack.formatting import render

MAX_TEXT = 3_000  # characters; chat.update refuses a ``text`` of more than 4,000 (Slack docs)
GAP = "\u200b"  # mrkdwn marks work at a word's edge only, which Chinese does not have

_CODE = re.compile(r"(^ {0,3}```.*?(?:^ {0,3}```[ \t]*$|\Z)|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"(?:^ {0,3}\|.*(?:\n|\Z)){2,}", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__")
_ITALIC = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![*\w])")
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")
_BULLET = re.compile(r"^(\s*)[-*+][ \t]+", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((https?://[^\s()<>]+)\)")
_SHOWN_LINK = re.compile(r"&lt;(https?://[^\s<>&|]+)&gt;")
_FENCE_WORD = re.compile(r"^( {0,3}```)[^`\n]*$", re.MULTILINE)
_BOLD_MARK = "\x02"


def to_mrkdwn(markdown: str, *, limit: int = MAX_TEXT) -> str:
    """Write a whole text as mrkdwn of at most ``limit`` characters; nothing in it pings."""
    safe = render(markdown.replace(_BOLD_MARK, ""), is_whole=True)
    safe = _TABLE.sub(lambda match: f"```\n{match[0].rstrip()}\n```\n", safe) if "```" not in safe else safe
    parts = _CODE.split(safe)
    written = "".join(_escaped(part) if number % 2 else _styled(part) for number, part in enumerate(parts))
    return _cut(written.strip(), limit)


def escaped(text: str) -> str:
    """Escape the three characters that begin Slack's control sequences (Slack docs, formatting)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(code: str) -> str:
    return escaped(_FENCE_WORD.sub(r"\1", code))


def _styled(text: str) -> str:
    text = escaped(text)
    text = _HEADING.sub(rf"{_BOLD_MARK}\1{_BOLD_MARK}", text)
    text = _BOLD.sub(lambda match: f"{_BOLD_MARK}{match[1] or match[2]}{_BOLD_MARK}", text)
    text = _ITALIC.sub(r"_\1_", text)
    text = _STRUCK.sub(r"~\1~", text)
    text = _BULLET.sub(r"\1• ", text)
    text = _LINK.sub(r"<\2|\1>", text)
    text = _SHOWN_LINK.sub(r"<\1>", text)
    text = re.sub(rf"{_BOLD_MARK}([^{_BOLD_MARK}\n]+){_BOLD_MARK}", rf"{GAP}*\1*{GAP}", text)
    return text.replace(_BOLD_MARK, "")


def _cut(text: str, limit: int) -> str:
    """Shorten, and leave no half control sequence or entity at the end."""
    if len(text) <= limit:
        return text
    return re.sub(r"(?:<[^<>]*|&[a-z]{0,4})\Z", "", text[: limit - 1]) + "…"
