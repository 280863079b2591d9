"""One line of a model's Markdown, made safe: links say where they lead, bold works in Chinese, nothing pings.

Everything here is prefix-stable: what is given for the beginning of a line never changes when more of it
comes, because whatever could still turn into something else is held back.
"""

import re
from urllib.parse import urlsplit

JOINER = "\u2060"  # seen by no reader; breaks a token and is no punctuation to Markdown's rules
MAX_SPAN = 400  # characters; a construct that is not closed by then is taken for plain text

_SPECIAL = re.compile(r"\\|`+|\[|\]|\*\*")
_LINK = re.compile(
    r"\[(?P<label>(?:[^\[\]\\\n]|\\.){0,200})\]"
    r"\(\s*<?(?P<url>[^\s()<>]{0,900}(?:\([^\s()<>]{0,90}\)[^\s()<>]{0,90})?)>?(?:\s+\"[^\"\n]{0,99}\")?\s*\)"
)
_BEGUN_LINK = re.compile(r"\[(?:[^\[\]\\\n]|\\.?){0,200}(?:\](?:\([^)\n]{0,1200})?)?")
_BOLD = re.compile(rf"\*\*(?=[^\s*])(?P<inner>.{{1,{MAX_SPAN}}}?)(?<=[^\s*])\*\*(?!\*)")
_LOOKS_LIKE_HOST = re.compile(r"(?:https?://|www\.)?((?:[\w-]+\.)+[a-z]{2,24})\b", re.IGNORECASE)

# What Slack brings to life wherever it stands (Slack docs, formatting message text); "@here" without
# brackets only where a client parses it, which for Markdown nobody has written down.
_LIVE = re.compile(
    r"<(?=![ \t]*(?:here|channel|everyone|group|subteam|date)|[@#][a-z0-9]|[a-z][a-z0-9+.-]*:[^<>\s|]*\|)"
    r"|(?<![a-z0-9])@(?=here|channel|everyone|group)",
    re.IGNORECASE,
)
_BEGUN_LIVE = re.compile(
    r"(?:<(?:[@#]?|![ \t]*[a-z]{0,8}|[a-z][a-z0-9+.-]*(?::[^<>\s|]*)?)|(?<![a-z0-9])@[a-z]{0,8})\Z",
    re.IGNORECASE,
)


def without_pings(text: str) -> str:
    """Break every token that would ring somebody's bell or hide an address behind a label."""
    return _LIVE.sub(lambda match: match[0] + JOINER, text)


def held_back(text: str) -> str:
    """Cut off an end that could still become such a token."""
    return _BEGUN_LIVE.sub("", text)


def render_line(line: str, *, is_whole: bool) -> str:
    """Give a line that is not code, or, of one that is not whole, as much as is certain."""
    written: list[str] = []
    at = 0
    while (special := _SPECIAL.search(line, at)) is not None:
        written.append(line[at : special.start()])
        piece, at = _construct(line, special, is_whole=is_whole)
        if piece is None:
            return "".join(written)
        written.append(piece)
    return "".join(written) + line[at:]


def _construct(line: str, special: re.Match[str], *, is_whole: bool) -> tuple[str | None, int]:
    """Give what stands at a special character and where it ends; None where that is not certain yet."""
    start, mark = special.start(), special[0]
    if mark == "\\":
        return (
            (None, start) if start + 1 == len(line) and not is_whole else (line[start : start + 2], start + 2)
        )
    if mark == "`" * len(mark):
        return _code_span(line, start, mark, is_whole=is_whole)
    if mark == "[":
        return _link(line, start, is_whole=is_whole)
    if mark == "]":
        return _closing_bracket(line, start, is_whole=is_whole)
    return _bold(line, start, is_whole=is_whole)


def _code_span(line: str, start: int, mark: str, *, is_whole: bool) -> tuple[str | None, int]:
    after = start + len(mark)
    closing = re.compile(rf"(?<!`){mark}(?!`)").search(line, after, after + MAX_SPAN)
    if closing is not None and (is_whole or closing.end() < len(line)):
        return line[start : closing.end()], closing.end()
    is_undecided = not is_whole and len(line) - after <= MAX_SPAN
    return (None, start) if is_undecided else (mark, after)


def _link(line: str, start: int, *, is_whole: bool) -> tuple[str | None, int]:
    found = _LINK.match(line, start)
    if found is not None:
        return _honest(found), found.end()
    begun = _BEGUN_LINK.match(line, start)
    if not is_whole and begun is not None and begun.end() == len(line):
        return None, start
    return "[", start + 1


def _closing_bracket(line: str, start: int, *, is_whole: bool) -> tuple[str | None, int]:
    """Keep a bracket that is no link of ours from becoming one, or a definition other brackets refer to."""
    following = line[start + 1 : start + 2]
    if not following and not is_whole:
        return None, start
    is_definition = following == ":" and line.lstrip().startswith("[")
    return ("]" + JOINER if following in ("(", "[") or is_definition else "]"), start + 1


def _bold(line: str, start: int, *, is_whole: bool) -> tuple[str | None, int]:
    found = _BOLD.match(line, start)
    if found is not None and (is_whole or found.end() < len(line)):
        inner = render_line(found["inner"], is_whole=True)
        before, after = line[start - 1 : start] if start else "", line[found.end() : found.end() + 1]
        left = JOINER if _hides_mark(inner[:1], before) else ""
        right = JOINER if _hides_mark(inner[-1:], after) else ""
        return f"**{left}{inner}{right}**", found.end()
    is_undecided = not is_whole and len(line) - start <= MAX_SPAN + 5
    return (None, start) if is_undecided else ("**", start + 2)


def _hides_mark(inner: str, outer: str) -> bool:
    """Tell where Markdown would not see a mark: between punctuation inside and a letter outside.

    Chinese has no spaces, so ``**注意：**请看`` stays unbold by CommonMark's flanking rules.
    """
    return (
        bool(outer)
        and (outer.isalnum() or outer == "_")
        and not inner.isalnum()
        and inner not in ("", JOINER)
    )


def _honest(found: re.Match[str]) -> str:
    """Give a link whose label does not pretend to lead elsewhere; other schemes than the web's are text."""
    label, url = found["label"], found["url"]
    parts = _split(url)
    if parts is None:
        return f"[{label}]{JOINER}({url})"
    claimed = [name.lower().removeprefix("www.") for name in _LOOKS_LIKE_HOST.findall(label)]
    host = parts.removeprefix("www.")
    if all(host == name or host.endswith("." + name) for name in claimed):
        return found[0]
    return f"{label} (<{url}>)"


def _split(url: str) -> str | None:
    """Give the host a link leads to, empty for mail; None for what is no link to the web or to mail."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme.lower() == "mailto":
        return ""
    return host if parts.scheme.lower() in ("http", "https") and host else None
