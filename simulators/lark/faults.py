"""Trouble made on purpose: the control API scripts it, the endpoints run into it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.lark.errors import Refused
from simulators.lark.limits import too_frequent


class Fault(BaseModel):
    """One scripted trouble.

    `endpoint` is a name of the endpoint table or ``*``. `kind`: ``refuse`` answers `code` and does nothing;
    ``internal`` answers 500 with a body that is no JSON; ``hang`` does nothing and never answers;
    ``lost_answer`` does what was asked and never answers; ``slow`` waits `delay_seconds` and goes on.
    """

    model_config = ConfigDict(extra="forbid")

    endpoint: str
    kind: Literal["refuse", "internal", "hang", "lost_answer", "slow"] = "refuse"
    code: int = 2200
    message: str = "scripted fault"
    http_status: int | None = None
    reset_seconds: float | None = None  # sends x-ogw-ratelimit-limit and -reset along
    headers: dict[str, str] = Field(default_factory=dict)
    delay_seconds: float = 1.0
    skip: int = 0  # calls that pass first
    count: int = 1  # how many calls it meets; -1 all

    def refusal(self) -> Refused:
        """Make the error of a ``refuse``."""
        headers = dict(self.headers)
        if self.reset_seconds is not None:
            headers |= too_frequent(50, self.reset_seconds).headers
        refusal = Refused(self.code, self.message, headers=headers)
        # The long connection's endpoint refuses with HTTP 200 and a code.
        usual = 200 if self.endpoint == "ws.endpoint" else refusal.http_status
        refusal.http_status = self.http_status or usual
        return refusal


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, endpoint: str) -> Fault | None:
        """Give the fault this call runs into, and count it."""
        for fault in self.waiting:
            if fault.endpoint not in {endpoint, "*"}:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.count -= fault.count > 0
            if fault.count == 0:
                self.waiting.remove(fault)
            return fault
        return None
