"""Socket Mode: tickets, hello, envelopes to any one of several sockets, acks, refresh and disconnect."""

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from simulators.slack.deliveries import Attempt, Delivery
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject

MAX_SOCKETS = 10
CONNECTION_SECONDS = 3_600.0
DEBUG_CONNECTION_SECONDS = 360.0
WARNING_SECONDS = 10.0


@dataclass(slots=True)
class Socket:
    """One open connection."""

    number: int
    websocket: WebSocket
    opened_at: float
    sent: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, frame: JsonObject) -> bool:
        """Send one frame; False where the other side is gone."""
        try:
            async with self.lock:
                await self.websocket.send_text(json.dumps(frame, ensure_ascii=False))
        except (RuntimeError, WebSocketDisconnect):
            return False
        return True


@dataclass(slots=True)
class _Waiting:
    delivery: Delivery
    attempt: Attempt
    heard: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """The sockets of the app; each envelope goes to exactly one of them."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._tickets: set[str] = set()
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = 0
        self._turn = 0
        self.sockets: dict[int, Socket] = {}

    def new_ticket(self) -> str:
        """Issue a ticket; the URL made of it opens one connection."""
        ticket = self._simulation.secret()
        self._tickets.add(ticket)
        return ticket

    async def serve(self, websocket: WebSocket) -> None:
        """Run one connection from its ticket to its end."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await websocket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        self._numbers += 1
        socket = Socket(self._numbers, websocket, self._simulation.clock.now())
        is_debug = websocket.query_params.get("debug_reconnects") == "true"
        await self._welcome(socket, DEBUG_CONNECTION_SECONDS if is_debug else CONNECTION_SECONDS)

    async def _welcome(self, socket: Socket, lifetime_seconds: float) -> None:
        config = self._simulation.config
        refusal = "link_disabled" if not config.uses_socket_mode else ""
        if len(self.sockets) >= MAX_SOCKETS:
            refusal = "too_many_websockets"
        if not refusal:
            self.sockets[socket.number] = socket
        debug_info = {"host": "simulator", "approximate_connection_time": int(lifetime_seconds)}
        hello = {
            "type": "hello",
            "connection_info": {"app_id": config.app_id},
            "num_connections": len(self.sockets),
            "debug_info": debug_info,
        }
        await socket.send(hello)
        if refusal:
            await self.disconnect(socket, refusal)
            return
        ageing = asyncio.create_task(self._age(socket, lifetime_seconds))
        try:
            await self._read(socket)
        finally:
            self.sockets.pop(socket.number, None)
            ageing.cancel()

    async def disconnect(self, socket: Socket, reason: str, *, close: bool = True) -> None:
        """Tell a socket to go, and close it; a warning only warns."""
        self_info = {"host": "simulator"}
        await socket.send({"type": "disconnect", "reason": reason, "debug_info": self_info})
        if close:
            await self.drop(socket)

    async def drop(self, socket: Socket, code: int = 1000) -> None:
        """Close a socket without a word."""
        self.sockets.pop(socket.number, None)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.websocket.close(code=code)

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Send the envelope over one socket and wait for its ack; without a socket the time just passes."""
        clock = self._simulation.clock
        # Whether a retry keeps its envelope_id is not known; clients must go by event_id, so it changes here.
        attempt.envelope_id = str(uuid.uuid4())
        waiting = _Waiting(delivery, attempt)
        self._waiting[attempt.envelope_id] = waiting
        socket = self._choose(delivery)
        attempt.via = f"socket {socket.number}" if socket else ""
        if socket is not None:
            socket.sent += 1
            await socket.send(_envelope(delivery, attempt))
        deadline = attempt.sent_at + self._simulation.config.ack_seconds
        if not await clock.before(deadline, waiting.heard.wait()):
            attempt.end("timeout" if socket else "no_socket", deadline)

    def _choose(self, delivery: Delivery) -> Socket | None:
        for number in delivery.sockets:
            if number in self.sockets:
                return self.sockets[number]
        if not self.sockets:
            return None
        self._turn += 1
        return list(self.sockets.values())[self._turn % len(self.sockets)]

    async def _read(self, socket: Socket) -> None:
        try:
            while True:
                self._hear(await socket.websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError, KeyError):
            # Starlette raises RuntimeError once we closed it ourselves, KeyError for a binary frame.
            return

    def _hear(self, text: str) -> None:
        """Take an ack; it may come over another socket than its envelope went."""
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        envelope_id = frame.get("envelope_id") if isinstance(frame, dict) else None
        waiting = self._waiting.get(str(envelope_id))
        if waiting is None:
            self._simulation.violate("unknown_ack", text[:200])
            return
        attempt, delivery = waiting.attempt, waiting.delivery
        if attempt.ack_seconds is not None:
            return
        attempt.ack_seconds = self._simulation.clock.now() - attempt.sent_at
        payload = frame.get("payload")
        if payload and delivery.kind == "events_api":
            self._simulation.violate("event_ack_payload", delivery.id)
        if attempt.outcome != "pending":
            self._simulation.violate("late_ack", f"{delivery.id} after {attempt.ack_seconds:.3f} s")
            return
        attempt.end("acked", self._simulation.clock.now())
        if isinstance(payload, dict) and delivery.kind != "events_api":
            delivery.reply = payload
        waiting.heard.set()

    async def _age(self, socket: Socket, lifetime_seconds: float) -> None:
        clock = self._simulation.clock
        await clock.sleep_until(socket.opened_at + lifetime_seconds - WARNING_SECONDS)
        await self.disconnect(socket, "warning", close=False)
        await clock.sleep_until(socket.opened_at + lifetime_seconds)
        await self.disconnect(socket, "refresh_requested")


def _envelope(delivery: Delivery, attempt: Attempt) -> JsonObject:
    frame: JsonObject = {
        "envelope_id": attempt.envelope_id,
        "type": delivery.kind,
        "accepts_response_payload": delivery.kind != "events_api",
        "payload": delivery.payload,
    }
    if delivery.kind == "events_api":
        frame |= {"retry_attempt": attempt.number, "retry_reason": "timeout" if attempt.number else ""}
    return frame
