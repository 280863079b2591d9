"""Socket Mode: several sockets, each watched and replaced when it dies, so that one is always open."""

import asyncio
import contextlib
import logging
from typing import Protocol

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.platforms.slack.app import quiet_logger
from bots.ports import Clock

log = logging.getLogger(__name__)

PING_SECONDS = 5.0  # no answer to four of them, and the socket is taken for dead
WATCH_SECONDS = 0.5
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)


class _Closable(Protocol):
    async def close_async(self) -> None: ...


class SocketListener:
    """Keeps the sockets open until it is cancelled."""

    def __init__(self, app: AsyncApp, app_token: str, count: int, clock: Clock) -> None:
        self._app = app
        self._app_token = app_token
        self._count = count
        self._clock = clock
        self._open: set[int] = set()
        self._reason = "connecting"

    async def listen(self) -> None:
        """Hear until cancelled."""
        async with asyncio.TaskGroup() as sockets:
            for number in range(self._count):
                sockets.create_task(self._keep(number))

    def problem(self) -> str:
        """Say why nothing can be heard; empty while at least one socket is open."""
        return "" if self._open else f"no socket to Slack is open: {self._reason}"

    async def _keep(self, number: int) -> None:
        failures = 0
        while True:
            try:
                if await self._run(number):
                    failures = 0
            except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
                self._reason = _reason(error)
                log.warning("slack: no socket", extra={"socket": number, "reason": self._reason})
                failures += 1
            if failures:
                await self._clock.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1])

    async def _run(self, number: int) -> bool:
        """Open one socket and return when it is dead; raises what keeps it from opening."""
        # Asked here and not by the client, which would try for ever without a word.
        async with asyncio.timeout(CONNECT_SECONDS):
            answer = await self._app.client.apps_connections_open(app_token=self._app_token)
        handler = AsyncSocketModeHandler(
            self._app, self._app_token, logger=quiet_logger(), ping_interval=PING_SECONDS
        )
        try:
            handler.client.wss_uri = str(answer["url"])
            handler.client.default_auto_reconnect_enabled = False  # a dead socket is replaced whole
            async with asyncio.timeout(CONNECT_SECONDS):
                await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt's
            self._open.add(number)
            log.info("slack: socket is open", extra={"socket": number})
            await self._watch(handler)
        finally:
            self._open.discard(number)
            await _close(handler)
        self._reason = "the socket closed"
        log.info("slack: socket is closed", extra={"socket": number})
        return True

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        """Return when the socket is dead; one look is not enough, for Slack refreshes them now and then."""
        misses = 0
        while misses < 2:
            await self._clock.sleep(WATCH_SECONDS)
            misses = 0 if await handler.client.is_connected() else misses + 1


async def _close(handler: _Closable) -> None:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await handler.close_async()


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") or f"http {error.response.status_code}")
    return type(error).__name__
