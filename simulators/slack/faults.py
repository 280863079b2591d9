"""Scripted bad days: what a method does instead of, or after, its work."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.slack.wire import JsonObject, SlackError

FaultKind = Literal["ratelimited", "error", "http_error", "slow", "hang_after", "drop_after"]


class Fault(BaseModel):
    """One scripted fault of ``method`` (``*`` for any), used up after ``count`` calls.

    ``ratelimited`` answers 429; ``error`` a body error of any name; ``http_error`` a status with an HTML
    body; ``slow`` waits and then works; ``hang_after`` works and then does not answer in time;
    ``drop_after`` works and then breaks the connection, so that the caller cannot know.
    """

    model_config = ConfigDict(extra="forbid")

    method: str
    kind: FaultKind
    count: int = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0, description="Let so many calls through first.")
    retry_after: int = 1
    status: int = 500
    error: str = "internal_error"
    messages: tuple[str, ...] = ()
    extra: JsonObject = Field(default_factory=dict)
    seconds: float = 60.0

    def refusal(self) -> SlackError | None:
        """Give the refusal that takes the place of the work, None where the work is done."""
        if self.kind == "ratelimited":
            return SlackError(code="ratelimited", status=429, retry_after=self.retry_after)
        if self.kind == "error":
            return SlackError(self.error, self.messages, extra=self.extra)
        return None


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, method: str, *, with_any: bool = True) -> Fault | None:
        """Use up one call's worth of the first fault that is due."""
        for fault in self.pending:
            if fault.method != method and not (with_any and fault.method == "*"):
                continue
            if fault.after:
                fault.after -= 1
                continue
            fault.count -= 1
            if not fault.count:
                self.pending.remove(fault)
            return fault
        return None
