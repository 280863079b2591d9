"""Checks blocks as Slack does before it takes a message or a view."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import urlsplit

from simulators.slack.elements import (
    Findings,
    check_action_elements,
    check_context_elements,
    check_input_element,
    check_text,
)
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import SlackFile

Surface = Literal["message", "modal", "home", "stream"]

MAX_BLOCKS: dict[Surface, int] = {"message": 50, "stream": 50, "modal": 100, "home": 100}
MAX_MARKDOWN_CHARS = 12_000
# Undocumented; bolt-js issue 2509 met msg_blocks_too_long at about 13.2 thousand characters.
MAX_BLOCKS_CHARS = 13_200
FILE_ID = re.compile(r"F[A-Z0-9]{8,}")
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif")

_FREE_TYPES = frozenset(
    {"divider", "video", "call", "card", "carousel", "alert", "container", "auth_provider"}
)
_RICH_TEXT_TYPES = frozenset(f"rich_text_{kind}" for kind in ("section", "list", "preformatted", "quote"))
_MESSAGE_ONLY = frozenset({"markdown", "table", "context_actions", "plan", "task_card", "file"})

FindFile = Callable[[str], SlackFile | None]


class BlockCheck:
    """One check of one list of blocks; ``find_file`` looks up files that the app may show."""

    def __init__(self, surface: Surface, find_file: FindFile) -> None:
        self._surface = surface
        self._find_file = find_file
        self._findings = Findings()
        self._checks: dict[str, Callable[[JsonObject, str], None]] = {
            "section": self._section,
            "header": self._header,
            "context": self._context,
            "actions": self._actions,
            "context_actions": self._actions,
            "input": self._input,
            "markdown": self._markdown,
            "image": self._image,
            "table": self._table,
            "file": self._file,
            "rich_text": self._rich_text,
            "task_card": self._task_card,
            "plan": self._plan,
        }

    def run(self, blocks: list[JsonObject]) -> None:
        """Check all; raises SlackError ``invalid_blocks``, ``msg_too_long`` or ``msg_blocks_too_long``."""
        if len(blocks) > MAX_BLOCKS[self._surface]:
            self._findings.add("/blocks", f"no more than {MAX_BLOCKS[self._surface]} items allowed")
        for index, block in enumerate(blocks):
            self._check(block, f"/blocks/{index}")
        self._check_unique_ids(blocks)
        if sum(block.get("type") == "table" for block in blocks) > 1:
            self._findings.add("/blocks", "only_one_table_allowed")
        self._findings.refuse("invalid_blocks")
        if self._surface in ("message", "stream"):
            _check_lengths(blocks)

    def _check(self, block: JsonObject, at: str) -> None:
        kind = block.get("type")
        if kind in _MESSAGE_ONLY and self._surface in ("modal", "home"):
            self._findings.add(f"{at}/type", f"unsupported type: {kind}")
            return
        if kind == "file" and self._surface == "stream":
            raise SlackError(code="internal_error")
        check = self._checks.get(str(kind))
        if check is not None:
            check(block, at)
        elif kind not in _FREE_TYPES:
            self._findings.add(f"{at}/type", f"unsupported type: {kind}")
        if len(str(block.get("block_id", ""))) > 255:
            self._findings.add(f"{at}/block_id", "must be less than 256 characters")

    def _check_unique_ids(self, blocks: Iterable[JsonObject]) -> None:
        seen: set[str] = set()
        for index, block in enumerate(blocks):
            block_id = block.get("block_id")
            # A markdown block's block_id is ignored by Slack, so it cannot clash.
            if not block_id or block.get("type") == "markdown":
                continue
            if block_id in seen:
                self._findings.add(f"/blocks/{index}/block_id", "block_id already exists")
            seen.add(str(block_id))

    def _section(self, block: JsonObject, at: str) -> None:
        text, fields = block.get("text"), block.get("fields")
        if text is None and not fields:
            self._findings.add(at, "missing required field: text or fields")
        if text is not None:
            check_text(self._findings, text, f"{at}/text", 3_000)
        if isinstance(fields, list):
            if len(fields) > 10:
                self._findings.add(f"{at}/fields", "no more than 10 items allowed")
            for index, item in enumerate(fields):
                check_text(self._findings, item, f"{at}/fields/{index}", 2_000)
        if block.get("accessory") is not None:
            check_action_elements(self._findings, [block["accessory"]], f"{at}/accessory", accessory=True)

    def _header(self, block: JsonObject, at: str) -> None:
        check_text(self._findings, block.get("text"), f"{at}/text", 150, plain=True)

    def _context(self, block: JsonObject, at: str) -> None:
        check_context_elements(self._findings, block.get("elements"), f"{at}/elements")

    def _actions(self, block: JsonObject, at: str) -> None:
        limit = 5 if block["type"] == "context_actions" else 25
        elements = block.get("elements")
        if not isinstance(elements, list) or not elements:
            self._findings.add(f"{at}/elements", "missing required field: elements")
            return
        if len(elements) > limit:
            self._findings.add(f"{at}/elements", f"no more than {limit} items allowed")
        check_action_elements(self._findings, elements, f"{at}/elements")

    def _input(self, block: JsonObject, at: str) -> None:
        check_text(self._findings, block.get("label"), f"{at}/label", 2_000, plain=True)
        if block.get("hint") is not None:
            check_text(self._findings, block["hint"], f"{at}/hint", 2_000, plain=True)
        check_input_element(self._findings, block.get("element"), f"{at}/element")

    def _markdown(self, block: JsonObject, at: str) -> None:
        if not isinstance(block.get("text"), str) or not block["text"]:
            self._findings.add(f"{at}/text", "missing required field: text")

    def _image(self, block: JsonObject, at: str) -> None:
        alt_text = block.get("alt_text")
        if not isinstance(alt_text, str) or len(alt_text) > 2_000:
            self._findings.add(f"{at}/alt_text", "alt_text is required, at most 2000 characters")
        if block.get("title") is not None:
            check_text(self._findings, block["title"], f"{at}/title", 2_000, plain=True)
        if ("image_url" in block) == ("slack_file" in block):
            self._findings.add(at, "exactly one of image_url and slack_file is required")
        elif "slack_file" in block:
            self._slack_file(block["slack_file"], f"{at}/slack_file")
        else:
            url = block["image_url"]
            if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url) > 3_000:
                self._findings.add(f"{at}/image_url", "must be a URL of at most 3000 characters")
            elif not is_public(url):
                self._findings.add(f"{at}/image_url", "downloading image failed")

    def _slack_file(self, named: object, at: str) -> None:
        """Slack knows a file only once it has looked at it (python-slack-sdk issue 1658)."""
        if not isinstance(named, dict) or ("id" in named) == ("url" in named):
            self._findings.add(at, "exactly one of id and url is required")
            return
        found = self._find_file(str(named.get("id") or named.get("url")))
        well_formed = "url" in named or FILE_ID.fullmatch(str(named["id"]))
        if not well_formed or found is None or not found.ready or found.mimetype not in PICTURE_TYPES:
            self._findings.add(at, "invalid slack file")

    def _table(self, block: JsonObject, at: str) -> None:
        rows = block.get("rows")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
            self._findings.add(f"{at}/rows", "missing required field: rows")
            return
        if len(rows) > 100 or any(len(row) > 20 for row in rows):
            self._findings.add(f"{at}/rows", "no more than 100 rows of 20 cells allowed")
        if len(block.get("column_settings") or []) > 20:
            self._findings.add(f"{at}/column_settings", "no more than 20 items allowed")
        for row in rows:
            for cell in row:
                if not isinstance(cell, dict) or cell.get("type") not in (
                    "rich_text",
                    "raw_text",
                    "raw_number",
                ):
                    self._findings.add(f"{at}/rows", "unsupported type of cell")
        if len(json.dumps(rows, ensure_ascii=False)) > 10_000:
            self._findings.add(f"{at}/rows", "table is too long")

    def _rich_text(self, block: JsonObject, at: str) -> None:
        elements = block.get("elements")
        if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
            self._findings.add(f"{at}/elements", "missing required field: elements")
            return
        for index, element in enumerate(elements):
            if element.get("type") not in _RICH_TEXT_TYPES or not isinstance(element.get("elements"), list):
                self._findings.add(f"{at}/elements/{index}", f"unsupported type: {element.get('type')}")

    def _task_card(self, block: JsonObject, at: str) -> None:
        for name in ("task_id", "title"):
            if not isinstance(block.get(name), str):
                self._findings.add(f"{at}/{name}", f"missing required field: {name}")

    def _plan(self, block: JsonObject, at: str) -> None:
        if not isinstance(block.get("title"), str):
            self._findings.add(f"{at}/title", "missing required field: title")
        for index, task in enumerate(block.get("tasks") or []):
            self._task_card(task, f"{at}/tasks/{index}")

    def _file(self, block: JsonObject, at: str) -> None:
        if not block.get("external_id") or block.get("source") != "remote":
            self._findings.add(at, "missing required field: external_id")


def is_public(url: str) -> bool:
    """Tell whether Slack could fetch a URL at all: its servers do not stand in our network."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def _check_lengths(blocks: list[JsonObject]) -> None:
    markdown_chars = sum(
        len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown"
    )
    if markdown_chars > MAX_MARKDOWN_CHARS:
        raise SlackError(code="msg_too_long")
    if len(json.dumps(blocks, ensure_ascii=False)) > MAX_BLOCKS_CHARS:
        raise SlackError(code="msg_blocks_too_long")
