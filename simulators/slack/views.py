"""What a modal or Home tab may be."""

import json

from simulators.slack.blocks import BlockCheck, FindFile
from simulators.slack.elements import Findings, check_text
from simulators.slack.wire import JsonObject, SlackError

MAX_VIEW_BYTES = 250_000


def check_view(view: JsonObject, find_file: FindFile) -> None:
    """Check a view; raises SlackError ``invalid_arguments``, ``invalid_blocks`` or ``view_too_large``."""
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        raise SlackError(code="view_too_large")
    findings = Findings()
    kind = view.get("type")
    blocks = view.get("blocks")
    if kind not in ("modal", "home"):
        findings.add("/view/type", f"unsupported type: {kind}")
    if not isinstance(blocks, list):
        findings.add("/view/blocks", "missing required field: blocks")
        blocks = []
    for name, max_chars in (("private_metadata", 3_000), ("callback_id", 255)):
        if len(str(view.get(name) or "")) > max_chars:
            findings.add(f"/view/{name}", f"must be less than {max_chars + 1} characters")
    if kind == "modal":
        _check_modal(findings, view, blocks)
    findings.refuse("invalid_arguments")
    BlockCheck("home" if kind == "home" else "modal", find_file).run(blocks)


def _check_modal(findings: Findings, view: JsonObject, blocks: list[JsonObject]) -> None:
    check_text(findings, view.get("title"), "/view/title", 24, plain=True)
    for name in ("submit", "close"):
        if view.get(name) is not None:
            check_text(findings, view[name], f"/view/{name}", 24, plain=True)
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if has_input and view.get("submit") is None:
        findings.add("/view/submit", "missing required field: submit")
