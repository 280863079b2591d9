"""A socket of Slack's own client that writes down what comes."""

import asyncio
from collections.abc import Callable
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient


class Listener:
    """One socket of Slack's own client that writes down what came and acks if told to."""

    def __init__(self, client: AsyncWebClient, app_token: str) -> None:
        self.heard: list[SocketModeRequest] = []
        self.stirred = asyncio.Event()
        self.frames: list[str] = []
        self.acks = True
        self.payload: dict[str, Any] | None = None
        self.socket = SocketModeClient(app_token=app_token, web_client=client)
        self.socket.socket_mode_request_listeners.append(self._hear)
        self.socket.on_message_listeners.append(self._note)

    async def _note(self, message: Any) -> None:
        self.frames.append(message.data)
        self.stirred.set()

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        self.stirred.set()
        if self.acks:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.payload))

    @property
    def events(self) -> list[dict[str, Any]]:
        return [request.payload["event"] for request in self.heard]

    async def until(self, count: int) -> None:
        await self.wait(lambda: len(self.heard) >= count)

    async def wait(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not is_so():
                self.stirred.clear()
                await self.stirred.wait()
