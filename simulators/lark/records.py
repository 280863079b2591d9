"""What happened, for whoever wants to look: calls, violations, changes."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulators.lark.fields import Json

MAX_RECORDS = 20_000
MAX_PENDING_CHANGES = 5_000


@dataclass(frozen=True)
class CallRecord:
    """One API call and what became of it; `duration_ms` is real time."""

    at: float
    name: str
    method: str
    path: str
    status: int  # 0: never answered
    code: int
    request: Json
    duration_ms: int
    log_id: str
    is_counted: bool  # against the monthly quota
    fault: str = ""


@dataclass(frozen=True)
class Violation:
    """Something the client should not have done; `code` is what Lark answered, 0 when it would not say."""

    at: float
    where: str
    code: int
    what: str


class Records:
    """The logs; the oldest entries go when they grow too long."""

    def __init__(self) -> None:
        self.calls: deque[CallRecord] = deque(maxlen=MAX_RECORDS)
        self.violations: deque[Violation] = deque(maxlen=MAX_RECORDS)

    def violate(self, at: float, where: str, code: int, what: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(at, where, code, what))


class ChangeFeed:
    """Passes changes on to every page that looks."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json]] = set()
        self.is_closed = False

    def publish(self, change: Json) -> None:
        """Tell everybody; a reader who is too slow misses the change."""
        for queue in self._queues:
            if queue.qsize() < MAX_PENDING_CHANGES:
                queue.put_nowait(change)

    def close(self) -> None:
        """Let every reader go."""
        self.is_closed = True
        self.publish({"kind": "closed"})

    @contextmanager
    def subscription(self) -> Iterator[asyncio.Queue[Json]]:
        """Give a queue of all changes from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
