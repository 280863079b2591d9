"""Carries events and interactions to the app, with Slack's deadline and Slack's retries."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject

DeliveryKind = Literal["events_api", "interactive", "slash_commands"]
AttemptOutcome = Literal[
    "pending",
    "acked",
    "refused",
    "timeout",
    "connection_failed",
    "too_many_redirects",
    "no_retry",
    "no_socket",
]


@dataclass(slots=True)
class Attempt:
    """One try to hand over; ``ack_seconds`` is filled in even when the ack came too late."""

    number: int
    sent_at: float
    reason: str = ""
    via: str = ""
    envelope_id: str = ""
    outcome: AttemptOutcome = "pending"
    status: int | None = None
    ack_seconds: float | None = None
    ended_at: float = 0.0

    def end(self, outcome: AttemptOutcome, at: float) -> None:
        """Close the attempt; the pause before the next one is counted from ``at``."""
        self.outcome, self.ended_at = outcome, at


@dataclass(slots=True)
class Delivery:
    """Something the app is to be told; events are tried again, interactions are not."""

    id: str
    kind: DeliveryKind
    team: str
    payload: JsonObject
    sockets: tuple[int, ...] = ()
    attempts: list[Attempt] = field(default_factory=list)
    reply: JsonObject | None = None
    on_reply: Callable[[JsonObject], None] | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    first_attempt_over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acked(self) -> bool:
        """Tell whether the app took it in time."""
        return any(attempt.outcome == "acked" for attempt in self.attempts)


class Transport(Protocol):
    """A way to the app: Socket Mode or signed HTTP."""

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Hand over once and fill in ``attempt``; ``delivery.reply`` gets what the app answered."""
        ...


class Dispatcher:
    """Runs every delivery to its end."""

    def __init__(self, simulation: Simulation, transport: Transport) -> None:
        self._simulation = simulation
        self._transport = transport
        self.deliveries: deque[Delivery] = deque(maxlen=20_000)
        self.held: list[Delivery] | None = None
        self._sent_at: deque[float] = deque()
        self._limited_minute = -1

    def send_event(self, team: str, envelope: JsonObject) -> list[Delivery]:
        """Deliver an event, unless the app had its 30,000 in this hour."""
        now = self._simulation.clock.now()
        while self._sent_at and self._sent_at[0] <= now - 3_600:
            self._sent_at.popleft()
        if len(self._sent_at) >= self._simulation.config.events_per_hour:
            return self._tell_rate_limited(team, int(now) // 60 * 60)
        self._sent_at.append(now)
        return [self._start("events_api", team, envelope)]

    def send_interaction(
        self,
        kind: DeliveryKind,
        team: str,
        payload: JsonObject,
        on_reply: Callable[[JsonObject], None] | None = None,
    ) -> Delivery:
        """Deliver a command, button press, shortcut or view; ``on_reply`` gets what the ack carried."""
        return self._start(kind, team, payload, on_reply)

    def replay(self, delivery: Delivery, times: int, sockets: tuple[int, ...] = ()) -> list[Delivery]:
        """Deliver the same event again, as a twin with the same event_id, over other sockets if so asked."""
        copies = []
        for index in range(times):
            chosen = (sockets[index % len(sockets)],) if sockets else ()
            copies.append(self._start(delivery.kind, delivery.team, delivery.payload, sockets=chosen))
        return copies

    def release(self, order: list[str] | None, *, is_reversed: bool = False) -> int:
        """Send what was held, in the order asked for; ids left out go last."""
        held, self.held = self.held or [], None
        if is_reversed:
            held.reverse()
        if order:
            held.sort(key=lambda delivery: order.index(delivery.id) if delivery.id in order else len(order))
        for delivery in held:
            self._simulation.spawn(self._run(delivery))
        return len(held)

    def find(self, delivery_id: str) -> Delivery | None:
        """Find a delivery by its own id or its event_id."""
        for delivery in reversed(self.deliveries):
            if delivery_id in (delivery.id, delivery.payload.get("event_id")):
                return delivery
        return None

    def _start(
        self,
        kind: DeliveryKind,
        team: str,
        payload: JsonObject,
        on_reply: Callable[[JsonObject], None] | None = None,
        sockets: tuple[int, ...] = (),
    ) -> Delivery:
        delivery_id = self._simulation.new_id("DL")
        delivery = Delivery(delivery_id, kind, team, payload, on_reply=on_reply, sockets=sockets)
        self.deliveries.append(delivery)
        if self.held is not None and kind == "events_api":
            self.held.append(delivery)
        else:
            self._simulation.spawn(self._run(delivery))
        return delivery

    async def _run(self, delivery: Delivery) -> None:
        simulation = self._simulation
        delays = simulation.config.retry_delays_seconds if delivery.kind == "events_api" else ()
        reason = ""
        for number in range(len(delays) + 1):
            if number:
                await simulation.clock.sleep_until(delivery.attempts[-1].ended_at + delays[number - 1])
            attempt = Attempt(number, simulation.clock.now(), reason)
            delivery.attempts.append(attempt)
            await self._transport.attempt(delivery, attempt)
            delivery.first_attempt_over.set()
            if attempt.outcome in ("acked", "no_retry"):
                break
            reason = retry_reason(attempt.outcome)
        delivery.settled.set()
        if delivery.acked and delivery.on_reply is not None:
            delivery.on_reply(delivery.reply or {})

    def _tell_rate_limited(self, team: str, minute: int) -> list[Delivery]:
        """Say so once a minute; ``app_rate_limited`` is no event_callback but a type of its own."""
        if minute == self._limited_minute:
            return []
        self._limited_minute = minute
        told = {
            "token": "deprecated-do-not-use",
            "type": "app_rate_limited",
            "team_id": team,
            "minute_rate_limited": minute,
            "api_app_id": self._simulation.config.app_id,
        }
        return [self._start("events_api", team, told)]


def retry_reason(outcome: AttemptOutcome) -> str:
    """Name a failure as ``x-slack-retry-reason`` does."""
    if outcome in ("connection_failed", "too_many_redirects"):
        return outcome
    return "http_error" if outcome == "refused" else "http_timeout"


def delivery_json(delivery: Delivery, now: float) -> JsonObject:
    """Give a delivery for the control API; ``waiting_seconds`` is how long the app has been silent."""
    last = delivery.attempts[-1] if delivery.attempts else None
    is_pending = last is not None and last.outcome == "pending"
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "team": delivery.team,
        "event_id": delivery.payload.get("event_id"),
        "payload": delivery.payload,
        "acked": delivery.acked,
        "settled": delivery.settled.is_set(),
        "waiting_seconds": now - last.sent_at if last is not None and is_pending else None,
        "reply": delivery.reply,
        "attempts": [
            {
                "number": attempt.number,
                "sent_at": attempt.sent_at,
                "reason": attempt.reason,
                "via": attempt.via,
                "envelope_id": attempt.envelope_id,
                "outcome": attempt.outcome,
                "status": attempt.status,
                "ack_seconds": attempt.ack_seconds,
            }
            for attempt in delivery.attempts
        ],
    }
