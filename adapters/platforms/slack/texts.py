"""From what a person typed, as Slack stores it (mrkdwn with entities), to Markdown."""

import re

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_ENTITY = re.compile(r"<([^<>\n]+)>")
_ESCAPED = re.compile(r"&(lt|gt|amp);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&"}
_BOLD = re.compile(r"(?<![^\s(\[{\"'_~>])\*(?=\S)([^*\n]+?)(?<=\S)\*(?=[\s)\]}.,:;!?\"'_~<]|$)")
_STRUCK = re.compile(r"(?<![^\s(\[{\"'_*>])~(?=\S)([^~\n]+?)(?<=\S)~(?=[\s)\]}.,:;!?\"'_*<]|$)")


def mentions(text: str, user_id: str) -> bool:
    """Tell whether a text, as Slack stores it, mentions somebody."""
    return bool(user_id) and re.search(rf"<@{re.escape(user_id)}(\|[^<>]*)?>", text) is not None


def mentions_anybody(text: str) -> bool:
    """Tell whether a text mentions a person at all."""
    return re.search(r"<@[UW]\w+", text) is not None


def without_mention(text: str, user_id: str) -> str:
    """Take the mentions of somebody out."""
    if not user_id:
        return text
    # Looking behind keeps a long run of blanks from being tried from each of its places.
    mention = rf"(?<![ \t])[ \t]*<@{re.escape(user_id)}(\|[^<>]*)?>[ \t]*"
    return re.sub(mention, " ", text).strip()


def to_markdown(text: str) -> str:
    """Write a text of Slack's as Markdown; code keeps its characters."""
    parts = _CODE.split(text)
    written = (_plain(part) if number % 2 else _styled(part) for number, part in enumerate(parts))
    # Last, because an escaped "<" begins no entity; in one pass, because "&amp;lt;" is not "<".
    return _ESCAPED.sub(lambda match: _CHARACTERS[match[1]], "".join(written)).strip()


def _styled(text: str) -> str:
    text = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", text))
    return _ENTITY.sub(lambda match: _entity(match[1], is_link_shown=True), text)


def _plain(code: str) -> str:
    return _ENTITY.sub(lambda match: _entity(match[1], is_link_shown=False), code)


def _entity(inside: str, *, is_link_shown: bool) -> str:
    target, _, label = inside.partition("|")
    kind, name = target[:1], target[1:]
    if kind == "@":
        return f"@{label or name}"
    if kind == "#":
        return f"#{label or name}"
    if kind == "!":
        return label or f"@{name.partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not is_link_shown or not label or label in (address, target):
        return label or address
    return f"[{label}]({target})"
