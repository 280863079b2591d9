"""Reading JSON from outside without trust: a missing or wrong field reads as an empty one."""

import json
from collections.abc import Iterator, Mapping

JsonObject = Mapping[str, object]


def parse_object(text: str | bytes) -> JsonObject:
    """Parse an object; what is none reads as an empty one."""
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def object_at(fields: JsonObject, *path: str) -> JsonObject:
    """Read an object, down a path of names."""
    for name in path:
        found = fields.get(name)
        if not isinstance(found, dict):
            return {}
        fields = found
    return fields


def text_at(fields: JsonObject, name: str) -> str:
    """Read a text; Lark gives some numbers as texts and some as numbers."""
    found = fields.get(name)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def objects_in(value: object) -> Iterator[JsonObject]:
    """Go through the objects of a list, passing over whatever else is in it."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def objects_at(fields: JsonObject, name: str) -> tuple[JsonObject, ...]:
    """Read a list of objects."""
    return tuple(objects_in(fields.get(name)))
