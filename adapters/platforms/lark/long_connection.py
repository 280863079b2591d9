"""Hears events over Lark's long connection, and brings it back when it dies without a word.

Lark's client ends reconnecting for ever after one refusal, does not notice a connection that is open but
dead, and looks healthy in both cases. So it runs in a thread of its own under a watch that replaces it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.platforms.lark.events_fields import JsonObject, object_at, parse_object, text_at
from adapters.platforms.lark.settings import LarkSettings
from bots.errors import BotError, StoreUnavailable
from bots.ports import Clock

if TYPE_CHECKING:
    from adapters.platforms.lark.sdk_client import LongConnectionClient

log = logging.getLogger(__name__)

Receive = Callable[[JsonObject], Awaitable[JsonObject | None]]
DETAIL_CHARACTERS = 200
OK, NOT_KEPT = 200, 500  # in an acknowledgement; on the second Lark delivers again


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after which the watch acts; together they heal a dead connection within 90."""

    look_every: float = 1.0
    without_connection: float = 45.0  # the client itself reconnects within 30 of a loss
    without_sign_of_life: float = 60.0  # three pings unanswered
    first_retry: float = 1.0
    last_retry: float = 30.0
    stop: float = 6.0  # longer than the SDK's blocking call for an address


class LongConnection:
    """One connection for this process; ``listen`` runs until it is cancelled."""

    def __init__(
        self, settings: LarkSettings, receive: Receive, clock: Clock, patience: Patience | None = None
    ) -> None:
        self._settings = settings
        self._receive = receive
        self._clock = clock
        self._patience = patience or Patience()
        self._problem = "connecting"

    def problem(self) -> str:
        """Tell why nothing can be heard just now; empty when it can."""
        return self._problem

    async def listen(self) -> None:
        """Keep a connection alive."""
        retry = self._patience.first_retry
        while True:
            thread = _ClientThread(self._settings, self._take_in)
            try:
                was_connected = await self._watch(thread)
            finally:
                await thread.stop(self._patience.stop)
            retry = self._patience.first_retry if was_connected else min(retry * 2, self._patience.last_retry)
            await self._clock.sleep(retry)

    async def _watch(self, thread: "_ClientThread") -> bool:
        """Return when the client is dead, with whether it was ever connected."""
        last_connected = self._clock.monotonic()
        was_connected = False
        while True:
            await self._clock.sleep(self._patience.look_every)
            now = self._clock.monotonic()
            if thread.is_connected:
                last_connected, was_connected = now, True
            trouble = thread.death or self._overdue(thread, now, last_connected)
            if trouble:
                self._problem = trouble
                log.error("lark connection lost", extra={"error": trouble})
                return was_connected
            if thread.is_connected and self._problem:
                log.info("lark connection is up")
            self._problem = "" if thread.is_connected else self._problem or "reconnecting"

    def _overdue(self, thread: "_ClientThread", now: float, last_connected: float) -> str:
        if now - last_connected > self._patience.without_connection:
            return "no connection"
        if thread.is_connected and thread.silent_for > self._patience.without_sign_of_life:
            return "the connection is silent"
        return ""

    async def _take_in(self, payload: bytes) -> tuple[int, JsonObject | None]:
        envelope = parse_object(payload)
        try:
            return OK, await self._receive(envelope)
        except StoreUnavailable as error:
            log.warning("event not kept", extra={"error": str(error)})
        except BotError as error:
            kind = text_at(object_at(envelope, "header"), "event_type")
            log.warning("event failed", extra={"event_type": kind, "error": type(error).__name__})
        return NOT_KEPT, None


class _ClientThread:
    """Lark's client on a thread and a loop of its own."""

    def __init__(
        self, settings: LarkSettings, take_in: Callable[[bytes], Awaitable[tuple[int, JsonObject | None]]]
    ) -> None:
        self._settings = settings
        self._take_in = take_in
        self._home = asyncio.get_running_loop()
        self._client: LongConnectionClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopping = False
        self._executor = ThreadPoolExecutor(1, "lark-connection")
        self._running = asyncio.wrap_future(self._executor.submit(self._run))

    @property
    def is_connected(self) -> bool:
        """Tell whether the client thinks that it is connected."""
        return self._client is not None and self._client.is_connected

    @property
    def silent_for(self) -> float:
        """Tell the seconds since anything came, a pong at least."""
        return self._client.silent_for if self._client else 0.0

    @property
    def death(self) -> str:
        """Tell what ended the client for good, if so."""
        if self._running.done() and not self._running.cancelled():
            return str(self._running.exception() or "ended")[:DETAIL_CHARACTERS]
        return self._client.death if self._client else ""

    async def stop(self, seconds: float) -> None:
        """End the client; one that is stuck in a blocking call is left to its end."""
        self._is_stopping = True
        client, loop = self._client, self._loop
        if client is not None and loop is not None and not self._running.done():
            closing = asyncio.run_coroutine_threadsafe(client.stop(), loop)
            await asyncio.wait({asyncio.wrap_future(closing)}, timeout=seconds)
            if not loop.is_closed():
                loop.call_soon_threadsafe(loop.stop)
        await asyncio.wait({self._running}, timeout=seconds)
        self._executor.shutdown(wait=False)

    def _run(self) -> None:
        from adapters.platforms.lark import sdk_client

        sdk_client.run(
            self._made,
            app_id=self._settings.app_id,
            app_secret=self._settings.app_secret.get_secret_value(),
            domain=self._settings.domain,
            on_event=self._on_event,
        )

    def _made(self, client: "LongConnectionClient", loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop
        if self._is_stopping:  # before there was anything to stop
            loop.create_task(client.stop())
            loop.call_soon(loop.stop)

    async def _on_event(self, payload: bytes) -> tuple[int, JsonObject | None]:
        """Run on the client's loop; the event is taken in on the gateway's."""

        async def take_in() -> tuple[int, JsonObject | None]:
            return await self._take_in(payload)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(take_in(), self._home))
