"""What Lark's card Markdown refuses, pings or swallows (rich-text component, JSON 2.0)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from simulators.lark.errors import CardRefused

IMAGE_KEY_INVALID = 200570
PERSON_INVALID = 100290
PARSE_ERROR = 200220
OVER_LIMIT = 11310

KNOWN_TAGS = frozenset(
    "br hr person local_datetime at a text_tag raw link font number_tag audio".split()  # noqa: SIM905 - reads better
)
_CODE = re.compile(
    r"(^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\2[ \t]*$|\Z))|(`+)[^`\n]+\3", re.DOTALL | re.MULTILINE
)
# Repetition is bounded so that a text of nothing but brackets costs no seconds.
_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\]\(([^)\n]{0,2000})\)")
_LINK = re.compile(r"(?<!!)\[[^\]\n]{0,500}\]\(\s{0,9}([^)\s]{0,2000})[^)\n]{0,500}\)")
# A bare address directly followed by Chinese text is taken to be longer than it is, and the send can fail.
_GLUED_URL = re.compile(r"https?://[!-~]*[A-Za-z0-9/_=&%#-][⺀-鿿＀-￯　-〿]")
_TABLE_RULE = re.compile(r"[ \t]*\|?([ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-*:?[ \t]*")
_AT = re.compile(r"<\s*at\s+([^>]*)>", re.IGNORECASE)
_AT_VALUE = re.compile(r"(?:id|ids|user_id|email)\s*=\s*[\"']?([^\s\"'>]+)", re.IGNORECASE)
_TAG = re.compile(r"<\s*/?\s*([A-Za-z][\w-]*)[^>\n]*>")


@dataclass(frozen=True)
class Surroundings:
    """What a card may refer to."""

    has_image: Callable[[str], bool]
    has_person: Callable[[str], bool]  # may it be mentioned? also asked for "all"
    table_limit: int


@dataclass
class Findings:
    """What is in a card's texts besides words."""

    tables: int = 0
    notified: list[str] = field(default_factory=list)  # whom it pings; "all" for everybody
    vanished: list[str] = field(default_factory=list)  # tags that nobody will see

    def add(self, other: "Findings") -> None:
        """Take in what another text has."""
        self.tables += other.tables
        self.notified += other.notified
        self.vanished += other.vanished


def examine(content: str, surroundings: Surroundings) -> Findings:
    """Look through one Markdown text.

    Code is skipped, except for mentions: it is not known whether they work there, so the worst is assumed.

    Raises:
        CardRefused: 200570 an image that is not ours, 100290 an unknown person, 200220 a wrong link.
    """
    findings = Findings(notified=_mentions(content, surroundings))
    prose = _CODE.sub("\n", content)
    for target in _IMAGE.findall(prose):
        if not surroundings.has_image(target):
            raise CardRefused(IMAGE_KEY_INVALID, f"invalid image key: {target[:80]}")
    prose = _IMAGE.sub("", prose)
    for target in _LINK.findall(prose):
        if not target.lower().startswith(("http://", "https://")):
            raise CardRefused(PARSE_ERROR, f"scheme not in whitelist: {target[:80]}")
    prose = _LINK.sub("", prose)
    if glued := _GLUED_URL.search(prose):
        raise CardRefused(PARSE_ERROR, f"invalid url: {glued[0][:80]}")
    findings.tables = _count_tables(prose)
    findings.vanished = [tag for tag in _TAG.findall(prose) if tag.lower() not in KNOWN_TAGS]
    return findings


def _mentions(content: str, surroundings: Surroundings) -> list[str]:
    mentioned: list[str] = []
    for attributes in _AT.findall(content):
        value = _AT_VALUE.search(attributes)
        people = value[1].split(",") if value else [""]
        for person in people:
            if not surroundings.has_person(person):
                raise CardRefused(PERSON_INVALID, f"invalid user id in at: {person[:80]}")
        mentioned += people
    return mentioned


def _count_tables(prose: str) -> int:
    """Count rules of dashes under a row with as many cells."""
    lines = prose.split("\n")
    return sum(
        "|" in row and "-" in rule and _TABLE_RULE.fullmatch(rule) is not None and _cells(row) == _cells(rule)
        for row, rule in pairwise(lines)
    )


def _cells(row: str) -> int:
    return row.strip().strip("|").count("|") + 1
