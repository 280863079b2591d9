"""What the app did: every call with its outcome, and every rule it bent without being refused."""

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Literal

from simulators.slack.wire import JsonObject

Violation = Literal[
    "ack_refused", "append_after_end", "call_refused_for_length", "event_ack_payload", "late_ack",
    "mention_of_everyone", "reply_as_parent", "text_over_4000", "unfurl_allowed", "unknown_ack",
    "update_after_stop", "update_while_streaming", "upload_length_differs", "write_after_final",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of the Web API."""

    at: float
    method: str
    team: str
    outcome: str
    status: int
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class ViolationRecord:
    """Something a well-behaved app would not have done."""

    at: float
    kind: Violation
    detail: str


@dataclass(slots=True)
class Ledger:
    """The record of a run; the oldest calls fall out after ``20_000``."""

    calls: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=20_000))
    violations: deque[ViolationRecord] = field(default_factory=lambda: deque(maxlen=20_000))
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note_call(self, record: CallRecord) -> None:
        """Remember a call."""
        self.calls.append(record)
        self.counts[record.method, record.outcome] += 1

    def note_violation(self, at: float, kind: Violation, detail: str) -> None:
        """Remember a bent rule."""
        self.violations.append(ViolationRecord(at, kind, detail))

    def summary(self) -> JsonObject:
        """Count calls by method and outcome, 429s, and violations by kind."""
        methods: dict[str, dict[str, int]] = {}
        for (method, outcome), count in sorted(self.counts.items()):
            methods.setdefault(method, {})[outcome] = count
        return {
            "calls": methods,
            "rate_limited": sum(n for (_, outcome), n in self.counts.items() if outcome == "ratelimited"),
            "violations": dict(Counter(record.kind for record in self.violations)),
        }

    def violation_list(self) -> list[JsonObject]:
        """Give the violations as JSON."""
        return [asdict(record) for record in self.violations]
