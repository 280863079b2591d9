"""What has happened: the last requests with question, answer and outcome, and totals since the last reset."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Literal

from simulators.glm.narrow import JsonObject
from simulators.glm.pictures import Picture

Outcome = Literal["in_flight", "completed", "disconnected", "refused"]
Kind = Literal["chat", "picture"]
_TURN_CHARACTERS = 2000


@dataclass
class RequestRecord:
    """One request; times are Unix seconds. ``sent`` grows while the answer does."""

    number: int
    kind: Kind
    era: int = 0  # resets before it
    account: str | None = None
    model: str | None = None
    user_text: str = ""
    turns: list[JsonObject] = field(default_factory=list)
    parameters: JsonObject = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    answer: str = ""
    content: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    faults: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    outcome: Outcome = "in_flight"
    code: str | None = None
    started_at: float = field(default_factory=time.time)
    first_byte_at: float | None = None
    ended_at: float | None = None

    def add_turn(self, role: str, text: str, pictures: int) -> None:
        """Note one message of the conversation, shortened."""
        self.turns.append({"role": role, "text": text[:_TURN_CHARACTERS], "pictures": pictures})

    def as_json(self) -> JsonObject:
        """Write the record for ``GET /_sim/requests``."""
        return {
            "number": self.number,
            "kind": self.kind,
            "account": self.account,
            "model": self.model,
            "user_text": self.user_text,
            "turns": self.turns,
            "parameters": self.parameters,
            "pictures": [_picture_json(picture) for picture in self.pictures],
            "answer": self.answer,
            "content": self.content,
            "reasoning": self.reasoning,
            "finish_reason": self.finish_reason,
            "faults": self.faults,
            "sent": "".join(self.sent),
            "outcome": self.outcome,
            "code": self.code,
            "started_at": self.started_at,
            "first_byte_at": self.first_byte_at,
            "ended_at": self.ended_at,
        }


def _picture_json(picture: Picture) -> JsonObject:
    return {
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size_bytes,
        "colours": list(picture.colours),
        "exif_orientation": picture.exif_orientation,
        "has_gps": picture.has_gps,
    }


class Journal:
    """Keeps the last requests, and totals of all of them."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._era = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything; requests in flight now will not be counted."""
        self._era += 1
        self._records: deque[RequestRecord] = deque(maxlen=self._kept)
        self._next_number = 1
        self.totals: Counter[str] = Counter()  # requests per model, refused ones included
        self.outcomes: Counter[Outcome] = Counter()
        self.refusals: Counter[str] = Counter()  # per code

    def open(self, kind: Kind) -> RequestRecord:
        """Begin a record."""
        record = RequestRecord(self._next_number, kind, self._era)
        self._next_number += 1
        self._records.append(record)
        return record

    def end(self, record: RequestRecord, outcome: Outcome, code: str | None = None) -> None:
        """Note how a request ended; only the first end counts."""
        if record.outcome != "in_flight":
            return
        record.outcome, record.code, record.ended_at = outcome, code, time.time()
        if record.era != self._era:
            return
        self.totals[record.model or "?"] += 1
        self.outcomes[outcome] += 1
        if code is not None:
            self.refusals[code] += 1

    def last(self, count: int) -> list[RequestRecord]:
        """Give up to ``count`` records, the oldest first."""
        return list(self._records)[-count:] if count > 0 else []
