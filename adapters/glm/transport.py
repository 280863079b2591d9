"""How connections to the vendor are made: three ways, which ``benchmarks/streams.py`` compares.

httpx's own pool takes a lock and looks at every connection for each event, which stalls at about 100 streams
(encode/httpx#3215); aiohttp's connector does not, nor does a client that has one stream.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Literal, Protocol

import httpx
from httpx_aiohttp import HttpxAiohttpClient

TransportName = Literal["aiohttp", "shared", "per-stream"]
Transport = TransportName | httpx.AsyncBaseTransport

CONNECT_SECONDS = 8.0  # as the vendor's own client
KEEP_ALIVE_SECONDS = 5.0  # the vendor closes an idle connection after 6
CONNECTIONS_MAX = 1000  # slots are counted elsewhere; this only keeps the pools from counting too
IDLE_CLIENTS_MAX = 20
UPLOAD_SLICE_BYTES = 64 * 1024


class Connections(Protocol):
    """Where a request gets its client from."""

    def lend(self) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """Lend a client for one request, until its response is closed."""
        ...


class SharedClient:
    """One client for all."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend the client."""
        yield self._client


class ClientPerStream:
    """A client for each stream; idle ones are kept for their warm connections."""

    def __init__(self, timeout: httpx.Timeout) -> None:
        self._timeout = timeout
        self._context = httpx.create_ssl_context()  # reading the certificates anew takes tens of milliseconds
        self._idle: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend an idle client or a new one."""
        client = self._idle.pop() if self._idle else self._make()
        try:
            yield client
        finally:
            if len(self._idle) < IDLE_CLIENTS_MAX:
                self._idle.append(client)
            else:
                await client.aclose()

    async def aclose(self) -> None:
        """Close the idle clients."""
        while self._idle:
            await self._idle.pop().aclose()

    def _make(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self._context, timeout=self._timeout, limits=_limits())


@asynccontextmanager
async def open_connections(transport: Transport, *, read_timeout: float) -> AsyncIterator[Connections]:
    """Open connections in one of the three ways, or over a transport that is given; closes them on leaving.

    ``read_timeout`` in seconds is the longest silence any caller allows; callers set their own deadlines.
    """
    timeout = httpx.Timeout(read_timeout, connect=CONNECT_SECONDS)
    async with AsyncExitStack() as stack:
        if isinstance(transport, httpx.AsyncBaseTransport):
            client = httpx.AsyncClient(transport=transport, timeout=timeout)
        elif transport == "per-stream":
            clients = ClientPerStream(timeout)
            stack.push_async_callback(clients.aclose)
            yield clients
            return
        elif transport == "shared":
            client = httpx.AsyncClient(timeout=timeout, limits=_limits())
        else:
            client = HttpxAiohttpClient(timeout=timeout, limits=_limits())
        yield SharedClient(await stack.enter_async_context(client))


async def read_at_most(response: httpx.Response, max_bytes: int) -> bytes:
    """Read the body up to ``max_bytes`` and leave the rest unread."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


async def sliced(body: bytes) -> AsyncIterator[bytes]:
    """Give a request's body in slices, so that several megabytes of pictures do not hold up the streams."""
    for start in range(0, len(body), UPLOAD_SLICE_BYTES):
        yield body[start : start + UPLOAD_SLICE_BYTES]


def _limits() -> httpx.Limits:
    return httpx.Limits(max_connections=CONNECTIONS_MAX, keepalive_expiry=KEEP_ALIVE_SECONDS)
