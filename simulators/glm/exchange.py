"""One accepted request: it holds its slot until the body has ended or the client has left."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulators.glm.errors import JSON_TYPE, Refusal, error_response, parameter
from simulators.glm.journal import Journal, Outcome, RequestRecord
from simulators.glm.narrow import JsonObject, is_object
from simulators.glm.script import Script
from simulators.glm.slots import Slot

SSE_TYPE = "text/event-stream;charset=UTF-8"
_STEPS_PER_TURN = 32  # without a pace, others still get their turn this often

Work = Callable[[Send], Awaitable[None]]


class Exchange(Response):
    """Runs ``work`` beside a watch on the connection, so that a slot comes free at once in every case."""

    def __init__(self, work: Work, slot: Slot, record: RequestRecord, journal: Journal) -> None:
        super().__init__()
        self._work = work
        self._slot = slot
        self._record = record
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or stop as soon as the client has gone."""
        worker = asyncio.create_task(self._answer(scope, receive, send))
        watcher = asyncio.create_task(_until_disconnected(receive))
        try:
            await asyncio.wait({worker, watcher}, return_when=asyncio.FIRST_COMPLETED)
            if worker.done():
                worker.result()
        finally:
            worker.cancel()
            watcher.cancel()
            await asyncio.gather(worker, watcher, return_exceptions=True)
            self._end("disconnected")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._work(send)
        except Refusal as refusal:
            self._slot.release()
            self._journal.end(self._record, "refused", refusal.code)
            await error_response(refusal)(scope, receive, send)
        else:
            # No await stands between the last byte and this line: who has read the end finds the slot free.
            self._end("completed")

    def _end(self, outcome: Outcome) -> None:
        self._slot.release()
        self._journal.end(self._record, outcome)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_whole(send: Send, body: bytes, record: RequestRecord) -> None:
    """Send a complete JSON answer."""
    record.first_byte_at = time.time()
    headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def break_off(send: Send) -> None:
    """Begin an answer and leave it open, on which the server breaks the connection."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", JSON_TYPE.encode())]}
    )
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def play(script: Script, send: Send, record: RequestRecord) -> None:
    """Send every step when it is due; the response head goes out with the first.

    A script that does not end cleanly leaves the body open, on which the server breaks the connection.
    """
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    for position, step in enumerate(script.steps):
        wait_s = begun_s + step.at_s - loop.time()
        if wait_s > 0 or position % _STEPS_PER_TURN == 0:
            await asyncio.sleep(max(0.0, wait_s))
        if position == 0:
            record.first_byte_at = time.time()
            headers = [(b"content-type", SSE_TYPE.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        if step.starts_over:
            record.sent.clear()
        data, text = step.data, step.text
        if step.tail:
            stamp = b"%d" % time.monotonic_ns()
            data, text = data + stamp + step.tail, f"{stamp.decode()} "
        await send({"type": "http.response.body", "body": data, "more_body": True})
        record.sent.append(text)
    if script.ends_cleanly:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def read_json(request: Request, max_bytes: int) -> JsonObject:
    """Read the body; raises Refusal: 413 page when it is too large, 1210 when it is not a JSON object."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > max_bytes:
                raise Refusal(code="http_413_html")
    except ClientDisconnect as error:
        raise Refusal(code="1234") from error
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise parameter(name="body", detail="JSON 格式错误") from error
    if not is_object(value):
        raise parameter(name="body", detail="JSON 格式错误")
    return value


def _refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError(name)
