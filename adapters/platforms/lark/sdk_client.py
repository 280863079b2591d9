"""Lark's own long-connection client (lark-oapi 1.7) with its faults worked around.

Import this in the thread that runs it and nowhere else: the SDK keeps the event loop of whoever imports it.
"""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from adapters.platforms.lark.events_fields import JsonObject
from adapters.platforms.lark.sdk_import import import_client

sdk: Any = import_client()

log = logging.getLogger(__name__)

ENDPOINT_SECONDS = 5.0
PING_SECONDS = 20  # the server asks for 120, in which a dead connection would go unnoticed for too long

OnEvent = Callable[[bytes], Awaitable[tuple[int, JsonObject | None]]]

# The SDK's call for the address has no time-out, and holds up its whole loop.
sdk.requests = SimpleNamespace(post=partial(sdk.requests.post, timeout=ENDPOINT_SECONDS))


class LongConnectionClient(sdk.Client):  # type: ignore[misc] # the SDK has no types
    """One connection that acknowledges an event when it is safe, and remembers how it died."""

    def __init__(self, app_id: str, app_secret: str, domain: str, on_event: OnEvent) -> None:
        # INFO would log the connection's address, which is a secret, and DEBUG what people write.
        super().__init__(app_id, app_secret, domain=domain, log_level=sdk.LogLevel.WARNING)
        self._on_event = on_event
        self._heard_at = time.monotonic()
        self.death = ""
        self.is_stopped = False

    @property
    def is_connected(self) -> bool:
        """Tell whether there is a connection, as far as the SDK knows."""
        return self._conn is not None

    @property
    def silent_for(self) -> float:
        """Tell the seconds since anything came."""
        return time.monotonic() - self._heard_at

    async def stop(self) -> None:
        """Close the connection for good; to be run on the client's loop."""
        self.is_stopped = True
        sdk.logger.setLevel(logging.CRITICAL)  # it calls its own closing an error
        self._auto_reconnect = False
        await self._disconnect()

    async def _handle_message(self, msg: bytes) -> None:
        self._heard_at = time.monotonic()
        await super()._handle_message(msg)

    async def _handle_data_frame(self, frame: Any) -> None:
        """Let events be handled side by side; the SDK's own would hold up pings and other events."""
        headers = {header.key: header.value for header in frame.headers}
        payload: bytes | None = frame.payload
        if int(headers["sum"]) > 1:
            payload = self._combine(
                headers["message_id"], int(headers["sum"]), int(headers["seq"]), frame.payload
            )
        if payload is None or headers["type"] != "event":
            return
        began_at = time.monotonic()
        code, answer = await self._on_event(payload)
        taken = frame.headers.add()
        taken.key, taken.value = "biz_rt", str(round((time.monotonic() - began_at) * 1000))
        body: dict[str, object] = {"code": code}
        if answer is not None:
            body["data"] = base64.b64encode(json.dumps(answer, ensure_ascii=False).encode()).decode()
        frame.payload = json.dumps(body).encode()
        await self._write_message(frame.SerializeToString())

    async def _reconnect(self) -> None:
        """Note what ends reconnecting; the SDK then sleeps for ever and looks healthy."""
        try:
            await super()._reconnect()
        except (sdk.ClientException, sdk.ServerUnreachableException) as error:
            self.death = str(error)

    def _configure(self, conf: Any) -> None:
        super()._configure(conf)
        self._ping_interval: int = min(int(conf.PingInterval), PING_SECONDS)


def run(
    client_made: Callable[[LongConnectionClient, asyncio.AbstractEventLoop], None], **options: Any
) -> None:
    """Run one client on a loop of its own until that loop is stopped; raises what ended it before."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_note_exception)
    sdk.loop = loop
    # The SDK is to log through our handlers, not past them.
    logging.getLogger("Lark").handlers.clear()
    client = LongConnectionClient(**options)
    client_made(client, loop)
    try:
        client.start()
    except RuntimeError:
        if not client.is_stopped:
            raise
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


def _note_exception(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Note what the SDK's forgotten tasks died of; a closed connection ends one of them each time."""
    log.debug("task of the SDK ended", extra={"error": repr(context.get("exception"))})
