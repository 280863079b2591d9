"""Socket Mode: several sockets, each watched and replaced when it dies, so that one is always open."""

import asyncio
import contextlib
import json
import logging

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.platforms.slack.app import quiet_logger
from bots.ports import Clock

log = logging.getLogger(__name__)

PING_SECONDS = 5.0  # no answer to four of them, and the socket is taken for dead
WATCH_SECONDS = 0.5
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
ROUTINE = frozenset({"warning", "refresh_requested"})  # Slack replaces its sockets every few hours


class SocketRefused(Exception):
    """Slack wants no socket of ours just now; the text is Slack's reason."""


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
                await self._run(number)
                failures = 0
            except (SlackClientError, SocketRefused, aiohttp.ClientError, TimeoutError, OSError) as error:
                self._reason = _reason(error)
                log.warning("slack: no socket", extra={"socket": number, "reason": self._reason})
                await self._clock.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1

    async def _run(self, number: int) -> None:
        """Open one socket and return when it has ended; raises what keeps it from opening."""
        # Asked here and not by the client, which would try for ever without a word.
        async with asyncio.timeout(CONNECT_SECONDS):
            answer = await self._app.client.apps_connections_open(app_token=self._app_token)
        socket = _Socket(self._app, self._app_token)
        try:
            socket.wss_uri = str(answer.get("url") or "")
            async with asyncio.timeout(CONNECT_SECONDS):
                await socket.connect()  # type: ignore[no-untyped-call] # the SDK's
                await socket.greeted.wait()
            self._open.add(number)
            log.info("slack: socket is open", extra={"socket": number})
            await self._watch(socket)
        finally:
            self._open.discard(number)
            await _close(socket)
        self._reason = socket.goodbye or "the connection broke"
        if socket.goodbye and socket.goodbye not in ROUTINE:
            raise SocketRefused(socket.goodbye)
        log.info("slack: socket has ended", extra={"socket": number, "reason": self._reason})

    async def _watch(self, socket: "_Socket") -> None:
        while not socket.goodbye and await socket.is_connected():
            await self._clock.sleep(WATCH_SECONDS)


class _Socket(SocketModeClient):
    """Slack's client without its reconnecting, which hides what Slack says and may go on for ever."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(
            app_token,
            logger=quiet_logger(),
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=PING_SECONDS,
            on_message_listeners=[self._look],
        )
        self.goodbye = ""  # why Slack ends this socket
        self.greeted = asyncio.Event()
        self._app = app
        self.socket_mode_request_listeners.append(self._hear)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - the SDK's
        """Leave it to the listener."""

    async def _look(self, message: aiohttp.WSMessage) -> None:
        """See what concerns the socket itself; anything else is heard as a request."""
        with contextlib.suppress(ValueError, AttributeError):
            frame = json.loads(message.data)
            if frame.get("type") == "hello":
                self.greeted.set()
            elif frame.get("type") == "disconnect":
                self.goodbye = str(frame.get("reason") or "disconnect")
                self.greeted.set()

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        response = await run_async_bolt_app(self._app, request)
        with contextlib.suppress(aiohttp.ClientError, ConnectionError):  # it comes again over another socket
            await send_async_response(client, request, response, 0.0)


async def _close(socket: _Socket) -> None:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await socket.close()  # type: ignore[no-untyped-call] # the SDK's


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") or f"http {error.response.status_code}")
    return str(error) if isinstance(error, SocketRefused) else type(error).__name__
