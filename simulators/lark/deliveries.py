"""Pushing events: acknowledged within three seconds or pushed again after 15 s, 5 min, 1 h and 6 h."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from simulators.lark.clock import Clock
from simulators.lark.config import Config
from simulators.lark.fields import Json, obj
from simulators.lark.records import Records

Problem = Literal["", "offline", "timeout", "connect", "status", "body"]


@dataclass(frozen=True)
class Receipt:
    """How one push ended: `problem` is empty when acknowledged; `answer` is what the client sent back."""

    at: float
    over: str  # a connection's id, or an address
    problem: Problem
    code: int = 0
    ack_ms: int | None = None
    answer: object = None


class Transport(Protocol):
    """A way to the client."""

    def targets(self) -> Sequence[str]:
        """Name the connections that are open now."""

    async def deliver(self, envelope: Json, target: str | None, fragments: int) -> Receipt:
        """Push once, over `target` or any connection, in `fragments` pieces (0: as configured)."""


class Manner(BaseModel):
    """How an event is delivered, when not in the ordinary way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    times: int = 1
    over: Literal["any", "every"] = "any"  # every: once over each open connection
    fragments: int = 0
    hold: bool = False  # until released


@dataclass
class Delivery:
    """One event on its way."""

    event_id: str
    event_type: str
    envelope: Json
    manner: Manner
    state: Literal["held", "pending", "acknowledged", "given up"] = "pending"
    receipts: list[Receipt] = field(default_factory=list)


class Deliveries:
    """All events pushed so far, and those still being retried."""

    def __init__(
        self, clock: Clock, records: Records, config: Callable[[], Config], transport: Callable[[], Transport]
    ) -> None:
        self._clock = clock
        self._records = records
        self._config = config
        self._transport = transport
        self._tasks: set[asyncio.Task[None]] = set()
        self.all: dict[str, Delivery] = {}

    def push(self, envelope: Json, manner: Manner | None = None) -> Delivery:
        """Start to deliver an event; retries go on in the background."""
        header = obj(envelope.get("header"))
        delivery = Delivery(
            str(header.get("event_id")), str(header.get("event_type")), envelope, manner or Manner()
        )
        self.all[delivery.event_id] = delivery
        if delivery.manner.hold:
            delivery.state = "held"
        else:
            self._start(self._deliver(delivery))
        return delivery

    async def call_back(self, envelope: Json) -> Receipt:
        """Push a card callback: once, never again."""
        header = obj(envelope.get("header"))
        delivery = Delivery(str(header.get("event_id")), str(header.get("event_type")), envelope, Manner())
        self.all[delivery.event_id] = delivery
        receipt = await self._attempt(delivery)
        delivery.state = "given up" if receipt.problem else "acknowledged"
        return receipt

    def repeat(self, event_id: str, manner: Manner) -> None:
        """Push an event again although it may have been acknowledged; raises KeyError."""
        delivery = self.all[event_id]
        self._start(self._push_copies(delivery, manner))

    async def release(self, *, is_reversed: bool) -> list[str]:
        """Let held events go, one after the other; gives their ids in that order."""
        held = [delivery for delivery in self.all.values() if delivery.state == "held"]
        for delivery in reversed(held) if is_reversed else held:
            delivery.state = "pending"
            await self._first_push(delivery)
            if delivery.state == "pending":
                self._start(self._retry(delivery))
        return [delivery.event_id for delivery in (reversed(held) if is_reversed else held)]

    async def close(self) -> None:
        """Stop all retries."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        await self._first_push(delivery)
        await self._retry(delivery)

    async def _first_push(self, delivery: Delivery) -> None:
        await self._push_copies(delivery, delivery.manner)
        if all(not receipt.problem for receipt in delivery.receipts):
            delivery.state = "acknowledged"

    async def _push_copies(self, delivery: Delivery, manner: Manner) -> None:
        targets: list[str | None] = [*self._transport().targets()] if manner.over == "every" else [None]
        copies = [
            self._attempt(delivery, target, manner.fragments)
            for target in targets
            for _ in range(manner.times)
        ]
        await asyncio.gather(*copies)

    async def _retry(self, delivery: Delivery) -> None:
        for delay in self._config().retry_delays:
            if delivery.state != "pending":
                return
            await self._clock.sleep_until(self._clock.now() + delay)
            receipt = await self._attempt(delivery)
            if not receipt.problem:
                delivery.state = "acknowledged"
        if delivery.state == "pending":
            delivery.state = "given up"

    async def _attempt(self, delivery: Delivery, target: str | None = None, fragments: int = 0) -> Receipt:
        receipt = await self._transport().deliver(delivery.envelope, target, fragments)
        delivery.receipts.append(receipt)
        if receipt.problem and receipt.problem != "offline":
            what = f"{delivery.event_type} was not acknowledged: {receipt.problem}"
            self._records.violate(self._clock.now(), "event", receipt.code, what)
        return receipt
