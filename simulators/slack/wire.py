"""What crosses Slack's wire: JSON objects, arguments of a call, and refusals."""

import json
from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]


class SlackError(Exception):
    """A refusal as Slack words it: ``{"ok": false, "error": code}``, HTTP 200 unless ``status`` differs."""

    def __init__(
        self,
        code: str,
        messages: tuple[str, ...] = (),
        *,
        status: int = 200,
        retry_after: int | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.status = status
        self.retry_after = retry_after
        self.extra = extra or {}

    def body(self) -> JsonObject:
        """Give the JSON body; Slack repeats the details under two names."""
        body: JsonObject = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self.messages]}
        return body


def missing_field(name: str) -> SlackError:
    """Word the refusal of a call that lacks a required argument."""
    return SlackError(code="invalid_arguments", messages=(f"missing required field: {name}",))


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call; forms and query strings carry JSON values as text."""

    values: JsonObject

    def raw(self, name: str) -> object:
        """Give the value as it came, None where it is missing."""
        return self.values.get(name)

    def has(self, name: str) -> bool:
        """Tell whether the caller sent the argument at all."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """Give a string; an absent or non-string value is the empty string."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""

    def required(self, name: str) -> str:
        """Give a string that must be there; raises SlackError ``invalid_arguments``."""
        value = self.text(name)
        if not value:
            raise missing_field(name)
        return value

    def flag(self, name: str) -> bool:
        """Give a boolean; forms write it as 1 or true."""
        value = self.values.get(name)
        return value is True or value == 1 or str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Give a whole number; raises SlackError ``invalid_arguments``."""
        if not self.has(name):
            return default
        try:
            return int(self.text(name))
        except ValueError as error:
            raise SlackError(code="invalid_arguments", messages=(f"must be an integer: {name}",)) from error

    def structure(self, name: str, refusal: str) -> Any:
        """Give a JSON value that may have come as text; raises SlackError ``refusal``."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise SlackError(refusal) from error

    def objects(self, name: str, refusal: str) -> list[JsonObject] | None:
        """Give a list of JSON objects, None where absent; raises SlackError ``refusal``."""
        value = self.structure(name, refusal)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(refusal)
        return value

    def object(self, name: str, refusal: str) -> JsonObject | None:
        """Give one JSON object, None where absent; raises SlackError ``refusal``."""
        value = self.structure(name, refusal)
        if value is not None and not isinstance(value, dict):
            raise SlackError(refusal)
        return value
