"""The long connection: endpoint, handshake, pings, frames, acknowledgements, cluster delivery."""

import asyncio
import base64
import binascii
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulators.lark.clock import Clock
from simulators.lark.config import Config
from simulators.lark.deliveries import Receipt
from simulators.lark.fields import Json, dump, parse, parse_object
from simulators.lark.frames import CONTROL, DATA, Frame, FrameInvalid, decode, encode
from simulators.lark.records import Records

SERVICE_ID = 33554678


@dataclass
class Connection:
    """One client online; `waiting` has a future for each frame that is not acknowledged yet."""

    device_id: str
    websocket: WebSocket
    opened_at: float
    is_silent: bool = False  # looks open, passes nothing
    pings: int = 0
    waiting: dict[str, asyncio.Future[Frame]] = field(default_factory=dict)
    sent: dict[str, tuple[float, Frame]] = field(default_factory=dict)  # id -> (monotonic time, last frame)


class LongConnections:
    """All clients online; each event goes to one of them, at random."""

    def __init__(self, clock: Clock, records: Records, config: Callable[[], Config]) -> None:
        self._clock = clock
        self._records = records
        self._config = config
        self._tickets: set[str] = set()
        self.open: dict[str, Connection] = {}

    def client_config(self) -> Json:
        """Give what the client is told about pings and reconnecting."""
        config = self._config()
        return {
            "ReconnectCount": -1,
            "ReconnectInterval": config.reconnect_interval,
            "ReconnectNonce": config.reconnect_nonce,
            "PingInterval": config.ping_interval,
        }

    def invite(self, host: str) -> str:
        """Make the address of a new connection; its ticket admits once."""
        device_id, ticket = str(secrets.randbelow(10**19)), secrets.token_hex(16)
        self._tickets.add(ticket)
        query = f"fpid=493&aid=552564&device_id={device_id}&service_id={SERVICE_ID}&ticket={ticket}"
        return f"ws://{host}/ws/v2?{query}"

    def targets(self) -> Sequence[str]:
        """Name the open connections."""
        return list(self.open)

    async def serve(self, websocket: WebSocket) -> None:
        """Live one connection from handshake to end."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await refuse_handshake(websocket, 514, "auth failed", 1000040344)
            return
        self._tickets.discard(ticket)
        if len(self.open) >= self._config().connection_limit:
            await refuse_handshake(websocket, 514, "exceed connection limit", 1000040350)
            return
        await websocket.accept()
        connection = Connection(websocket.query_params.get("device_id", ""), websocket, self._clock.now())
        self.open[connection.device_id] = connection
        try:
            while True:
                data = await websocket.receive_bytes()
                await self._receive(connection, data)
        except WebSocketDisconnect:
            pass
        except KeyError:  # Starlette's word for a text message
            self._violate("a text message instead of a binary frame")
            await websocket.close(1003)
        finally:
            self.open.pop(connection.device_id, None)

    async def drop(self, device_id: str) -> None:
        """Close a connection from the server's side, without a word."""
        if connection := self.open.get(device_id):
            await connection.websocket.close(1001)

    async def deliver(self, envelope: Json, target: str | None, fragments: int) -> Receipt:
        """Send one event over `target` or a random connection and wait for its acknowledgement."""
        at, started = self._clock.now(), time.monotonic()
        candidates = [target] if target in self.open else list(self.open)
        if not candidates:
            return Receipt(at, "", "offline")
        connection = self.open[random.choice(candidates)]
        message_id = secrets.token_hex(16)
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        connection.waiting[message_id] = future
        try:
            if not connection.is_silent:
                await self._send_parts(connection, message_id, dump(envelope).encode(), fragments)
            ack = await asyncio.wait_for(future, self._config().ack_timeout)
        except TimeoutError:
            return Receipt(at, connection.device_id, "timeout")
        except (WebSocketDisconnect, RuntimeError):  # it closed while being written to
            return Receipt(at, connection.device_id, "connect")
        finally:
            connection.waiting.pop(message_id, None)
        return self._read_ack(ack, Receipt(at, connection.device_id, "", ack_ms=_ms_since(started)))

    async def _send_parts(
        self, connection: Connection, message_id: str, payload: bytes, fragments: int
    ) -> None:
        size = len(payload)
        if fragments > 1:
            size = -(-len(payload) // fragments)
        elif limit := self._config().fragment_bytes:
            size = limit
        parts = [payload[start : start + size] for start in range(0, len(payload), size)]
        for seq, part in enumerate(parts):
            headers = {
                "type": "event",
                "message_id": message_id,
                "sum": str(len(parts)),
                "seq": str(seq),
                "trace_id": secrets.token_hex(16),
            }
            log_id = secrets.randbits(63)
            frame = Frame(
                secrets.randbits(31), log_id, SERVICE_ID, DATA, headers, payload=part, log_id_new=str(log_id)
            )
            connection.sent[message_id] = (time.monotonic(), frame)
            await connection.websocket.send_bytes(encode(frame))

    async def _receive(self, connection: Connection, data: bytes) -> None:
        try:
            frame = decode(data)
        except FrameInvalid as error:
            self._violate(f"invalid frame: {error}")
            return
        if frame.method == CONTROL:
            await self._receive_ping(connection, frame)
        else:
            self._receive_ack(connection, frame)

    async def _receive_ping(self, connection: Connection, frame: Frame) -> None:
        if frame.headers.get("type") != "ping" or frame.service != SERVICE_ID:
            self._violate("a control frame that is no ping of this service_id")
            return
        connection.pings += 1
        if not connection.is_silent:
            pong = replace(frame, headers={"type": "pong"}, payload=dump(self.client_config()).encode())
            await connection.websocket.send_bytes(encode(pong))

    def _receive_ack(self, connection: Connection, frame: Frame) -> None:
        message_id = frame.headers.get("message_id", "")
        started, sent = connection.sent.get(message_id, (0.0, None))
        if sent is None:
            self._violate("an acknowledgement of nothing that was sent")
            return
        if (frame.seq_id, frame.log_id, frame.service) != (sent.seq_id, sent.log_id, sent.service) and (
            sent.headers["sum"] == "1"
        ):
            self._violate("an acknowledgement must be the same frame with another payload")
        future = connection.waiting.get(message_id)
        if future is None or future.done():
            self._violate(f"an acknowledgement came late or twice, after {_ms_since(started)} ms")
            return
        future.set_result(frame)

    def _read_ack(self, frame: Frame, receipt: Receipt) -> Receipt:
        body = parse_object(frame.payload or b"")
        code = body.get("code") if body else None
        if body is None or not isinstance(code, int):
            self._violate("an acknowledgement's payload must be JSON with a code")
            return replace(receipt, problem="body")
        if code != 200:
            return replace(receipt, problem="status", code=code)
        if "biz_rt" not in frame.headers:
            self._violate("an acknowledgement lacks the header biz_rt")
        data = body.get("data")
        try:
            answer = parse(base64.b64decode(data, validate=True)) if isinstance(data, str) and data else None
        except binascii.Error:
            return replace(receipt, problem="body", code=code)
        return replace(receipt, code=code, answer=answer)

    def _violate(self, what: str) -> None:
        self._records.violate(self._clock.now(), "long connection", 0, what)


async def refuse_handshake(websocket: WebSocket, status: int, message: str, auth_code: int) -> None:
    """Turn a connection down with the headers a client looks for."""
    headers = {
        "handshake-status": str(status),
        "handshake-msg": message,
        "handshake-autherrcode": str(auth_code),
    }
    await websocket.send_denial_response(Response(status_code=403, headers=headers))


def _ms_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
