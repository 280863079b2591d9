"""How bytes look on the vendor's wire: JSON without spaces, ids in Beijing time."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_BEIJING_OFFSET = timedelta(hours=8)


def json_text(value: object) -> str:
    """Write compact JSON; the vendor does not escape Chinese."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_bytes(value: object) -> bytes:
    """Write compact JSON as UTF-8; a lone surrogate becomes a question mark, since no wire can carry it."""
    return json_text(value).encode("utf-8", "replace")


def sorted_json_bytes(value: Mapping[str, object]) -> bytes:
    """Write compact JSON with keys in alphabetical order, as complete answers come."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8", "replace"
    )


def new_id(at_unix_s: int) -> str:
    """Make an id: 14 digits of Beijing time and 16 hexadecimal digits."""
    moment = datetime.fromtimestamp(at_unix_s, UTC) + _BEIJING_OFFSET
    return f"{moment:%Y%m%d%H%M%S}{secrets.token_hex(8)}"
