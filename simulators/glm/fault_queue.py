"""Faults scripted from outside: used up in order, each by the next accepted request of its model."""

from collections import deque

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulators.glm.controls import ERROR_CODES, FAULTS


class ScriptedFault(BaseModel):
    """A fault and how often it strikes; ``code`` is a vendor code, an HTML page, "hang" or a stream fault."""

    model_config = ConfigDict(extra="forbid")

    code: str
    model: str | None = None  # None: any model
    times: int = Field(default=1, ge=1)

    @field_validator("code")
    @classmethod
    def _is_known(cls, code: str) -> str:
        if code not in ERROR_CODES and code not in FAULTS:
            raise ValueError(f"no such fault: {code}")
        return code


class FaultQueue:
    """Holds scripted faults until requests meet them."""

    def __init__(self) -> None:
        self._waiting: deque[ScriptedFault] = deque()

    def add(self, faults: list[ScriptedFault]) -> None:
        """Append copies of faults, so that the caller's stay as they are."""
        self._waiting.extend(fault.model_copy() for fault in faults)

    def take(self, model: str) -> str | None:
        """Use up one strike of the first fault for this model and give its code."""
        for fault in self._waiting:
            if fault.model in {None, model}:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
                return fault.code
        return None

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def pending(self) -> list[dict[str, object]]:
        """List what has not struck yet."""
        return [fault.model_dump() for fault in self._waiting]
