"""Real connections on the loopback: each of the three transports closes, times out and uploads alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import get_args

import pytest

from adapters.glm.client import GlmClient, open_glm
from adapters.glm.settings import GlmSettings
from adapters.glm.transport import TransportName
from bots.deltas import Finished, TextDelta
from bots.errors import ModelError, ModelStreamBroken, ModelTimedOut, ModelUnavailable
from bots.prompts import Picture, Prompt, Turn

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=UTF-8\r\nTransfer-Encoding: chunked\r\n\r\n"
)
WORD = b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"4"}}]}\n\n'
END = b'data: {"id":"1","choices":[{"index":0,"finish_reason":"stop","delta":{}}]}\n\ndata: [DONE]\n\n'
LAST_CHUNK = b"0\r\n\r\n"
SECONDS = 10

Writer = asyncio.StreamWriter
Script = Callable[[Writer], Awaitable[None]]
transports = pytest.mark.parametrize("transport", get_args(TransportName))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Upstream:
    """Answers each request with the script; tells how many connections came, and when one went away."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.connections = 0
        self.body_bytes = 0
        self.was_left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                self.body_bytes = len(await reader.readexactly(int(length.partition(b":")[2])))
                await self._script(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.was_left.set()
        finally:
            writer.close()


@asynccontextmanager
async def talking(
    script: Script, transport: TransportName, **changes: object
) -> AsyncIterator[tuple[Upstream, GlmClient]]:
    upstream = Upstream(script)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = GlmSettings.model_validate(
        {"api_key": "id.secret", "base_url": f"http://127.0.0.1:{port}/v4", **changes}
    )
    async with server, open_glm(settings, transport=transport) as client:
        yield upstream, client


def prompt(picture_bytes: int = 0) -> Prompt:
    pictures = (Picture(b"x" * picture_bytes, "image/png", 10, 10),) if picture_bytes else ()
    return Prompt("default", "glm-4.6v-flash", (Turn("user", "?", pictures),), "request-1", "user-123")


async def whole(writer: Writer) -> None:
    writer.write(HEAD + chunk(WORD) + chunk(END) + LAST_CHUNK)


async def one_word_then_silence(writer: Writer) -> None:
    writer.write(HEAD + chunk(WORD))


async def silence(writer: Writer) -> None:
    writer.write(b"")


async def one_word_then_cut(writer: Writer) -> None:
    writer.write(HEAD + chunk(WORD))
    await writer.drain()
    writer.transport.abort()


async def hang_up(writer: Writer) -> None:
    writer.transport.abort()


async def not_http(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 two hundred\r\nnonsense\r\n\r\n")


async def ask(client: GlmClient, asked: Prompt | None = None) -> list[object]:
    async with asyncio.timeout(SECONDS), client.stream(asked or prompt()) as deltas:
        return [delta async for delta in deltas]


@transports
async def test_leaving_a_stream_closes_its_connection_at_once(transport: TransportName) -> None:
    async with talking(one_word_then_silence, transport) as (upstream, client):
        async with client.stream(prompt()) as deltas:
            assert await anext(deltas) == TextDelta("4")
            assert not upstream.was_left.is_set()
        async with asyncio.timeout(SECONDS):
            await upstream.was_left.wait()


@transports
async def test_a_cancelled_reader_closes_its_connection_at_once(transport: TransportName) -> None:
    async with talking(one_word_then_silence, transport) as (upstream, client):
        has_read = asyncio.Event()

        async def read() -> None:
            async with client.stream(prompt()) as deltas:
                async for _ in deltas:
                    has_read.set()

        task = asyncio.create_task(read())
        async with asyncio.timeout(SECONDS):
            await has_read.wait()
            task.cancel()
            await upstream.was_left.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


@transports
async def test_a_finished_stream_leaves_its_connection_to_the_next(transport: TransportName) -> None:
    async with talking(whole, transport) as (upstream, client):
        for _ in range(3):
            assert await ask(client) == [TextDelta("4"), Finished("stop")]
        assert upstream.connections == 1


@transports
async def test_pictures_of_megabytes_arrive(transport: TransportName) -> None:
    async with talking(whole, transport) as (upstream, client):
        await ask(client, prompt(picture_bytes=6_000_000))
        assert upstream.body_bytes > 8_000_000


@transports
@pytest.mark.parametrize(
    ("script", "ours"),
    [
        (silence, ModelTimedOut),
        (one_word_then_silence, ModelTimedOut),
        (hang_up, ModelUnavailable),
        (not_http, ModelUnavailable),
        (one_word_then_cut, ModelStreamBroken),
    ],
)
async def test_each_failure_of_a_connection_is_told(
    transport: TransportName, script: Script, ours: type[ModelError]
) -> None:
    async with talking(script, transport, first_token_timeout=0.3, chunk_timeout=0.3) as (_, client):
        with pytest.raises(ModelError) as caught:
            await ask(client)
        assert type(caught.value) is ours


@transports
async def test_a_port_where_nobody_listens_is_unavailable(transport: TransportName) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    settings = GlmSettings.model_validate({"api_key": "id.secret", "base_url": f"http://127.0.0.1:{port}"})
    async with open_glm(settings, transport=transport) as client:
        with pytest.raises(ModelUnavailable):
            await ask(client)


@transports
async def test_many_streams_are_open_at_once(transport: TransportName) -> None:
    """More than the hundred at which a pool of default size would begin to queue."""
    count = 120
    all_here = asyncio.Event()
    async with talking(one_word_then_silence, transport) as (upstream, client):

        async def read() -> None:
            async with client.stream(prompt()) as deltas:
                await anext(deltas)
                if upstream.connections == count:
                    all_here.set()
                await all_here.wait()

        async with asyncio.timeout(30):
            await asyncio.gather(*(read() for _ in range(count)))
