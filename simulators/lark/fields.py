"""Reading JSON that somebody else wrote: every field is checked before it is used."""

import json
from collections.abc import Callable, Iterator
from typing import TypeAlias

from simulators.lark.errors import Refused, invalid_field

Json: TypeAlias = dict[str, object]
Refusal: TypeAlias = Callable[[str, str], Refused]  # (field, what is wrong) -> the error to raise


def text(body: Json, name: str, *, maximum: int = 1_000_000, refusal: Refusal = invalid_field) -> str:
    """Read a required, non-empty string of at most `maximum` characters; raises what `refusal` makes."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise refusal(name, "is required")
    if len(value) > maximum:
        raise refusal(name, f"the length must be at most {maximum}")
    return value


def optional_text(
    body: Json, name: str, *, maximum: int = 1_000_000, refusal: Refusal = invalid_field
) -> str:
    """Read a string that may be missing; gives "" then."""
    if body.get(name) in {None, ""}:
        return ""
    return text(body, name, maximum=maximum, refusal=refusal)


def flag(body: Json, name: str) -> bool:
    """Read a boolean that may be missing; gives False then."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid_field(name, "must be a boolean")
    return value


def obj(value: object) -> Json:
    """Give a JSON object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Give a JSON array as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def objects(value: object) -> Iterator[Json]:
    """Give the objects of a JSON array, passing over anything else."""
    return (item for item in items(value) if isinstance(item, dict))


def parse(source: str | bytes) -> object:
    """Parse JSON; gives None for anything that is not JSON."""
    try:
        return json.loads(source)
    except (ValueError, RecursionError):
        return None


def parse_object(source: str | bytes) -> Json | None:
    """Parse a JSON object; gives None for anything else."""
    value = parse(source)
    return value if isinstance(value, dict) else None


def dump(value: object) -> str:
    """Write JSON as Lark does: no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def byte_length(value: object) -> int:
    """Count the bytes of a value written as JSON."""
    return len(dump(value).encode())
