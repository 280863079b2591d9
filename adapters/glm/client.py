"""The GLM client for words; implements ``bots.ports.ChatModel``."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress

import httpx

from adapters.glm.calls import SignedCalls
from adapters.glm.errors import TRANSPORT_FAILURES, to_model_error
from adapters.glm.models import GlmCatalog
from adapters.glm.payloads import chat_body
from adapters.glm.reading import AnswerReader, read_whole
from adapters.glm.settings import GlmSettings
from adapters.glm.sse import FrameSplitter
from adapters.glm.transport import Transport, open_connections, read_at_most
from bots.deltas import Delta
from bots.errors import ModelUnavailable
from bots.models import ModelSpec
from bots.ports import Catalog
from bots.prompts import Prompt

COMPLETIONS_PATH = "/chat/completions"
ANSWER_BYTES_MAX = 16 * 1024 * 1024
# The usage may follow the end in a frame of its own, and [DONE] may never come.
AFTER_END_SECONDS = 5.0
# A response that is read to its end leaves a connection that the next request can use.
DRAIN_SECONDS = 0.1


class GlmClient:
    """Asks a GLM model; the prompt's account says with which key."""

    def __init__(self, calls: SignedCalls, settings: GlmSettings, catalog: Catalog) -> None:
        self._calls = calls
        self._settings = settings
        self._catalog = catalog

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Delta]]:
        """Open a streamed answer; leaving closes the connection.

        Raises ModelError on entry and while iterating; ModelTimedOut when the first token, the next chunk or
        the whole answer takes longer than the settings allow.
        """
        spec = self._catalog.spec(prompt.model)
        body = await _encoded(prompt, spec, is_streamed=True)
        started = asyncio.get_running_loop().time()
        deadline = started + self._settings.first_token_timeout
        async with (
            self._calls.post(COMPLETIONS_PATH, prompt.account, body, deadline=deadline) as response,
            aclosing(self._deltas(response, spec, started)) as deltas,
        ):
            yield deltas

    async def complete(self, prompt: Prompt) -> tuple[Delta, ...]:
        """Ask for the answer in one piece, within the answer's time-out; raises ModelError."""
        spec = self._catalog.spec(prompt.model)
        body = await _encoded(prompt, spec, is_streamed=False)
        deadline = asyncio.get_running_loop().time() + self._settings.answer_timeout
        async with self._calls.post(COMPLETIONS_PATH, prompt.account, body, deadline=deadline) as response:
            return await _read_whole(response, spec, deadline)

    async def _deltas(
        self, response: httpx.Response, spec: ModelSpec, started: float
    ) -> AsyncGenerator[Delta, None]:
        if not _is_event_stream(response):
            for delta in await _read_whole(response, spec, started + self._settings.answer_timeout):
                yield delta
            return
        reader = AnswerReader(thinks_inline=spec.thinking == "always")
        splitter = FrameSplitter()
        chunks = response.aiter_bytes()
        while not reader.is_done:
            chunk = await self._next_chunk(chunks, reader, started)
            for frame in splitter.feed(chunk) if chunk else splitter.finish():
                for delta in reader.read(frame):
                    yield delta
            if not chunk:
                break
        else:
            await _drain(chunks)
        for delta in reader.end():
            yield delta

    async def _next_chunk(self, chunks: AsyncIterator[bytes], reader: AnswerReader, started: float) -> bytes:
        """Wait for more bytes; none at the end, which after a finish reason may be any failure."""
        try:
            async with asyncio.timeout_at(self._deadline(reader, started)):
                return await _next_nonempty(chunks)
        except TRANSPORT_FAILURES as failure:
            if reader.reason is not None:
                return b""
            raise to_model_error(failure, has_spoken=reader.has_spoken) from failure

    def _deadline(self, reader: AnswerReader, started: float) -> float:
        now = asyncio.get_running_loop().time()
        if reader.reason is not None:
            return now + AFTER_END_SECONDS
        end = started + self._settings.answer_timeout
        if not reader.has_spoken:
            return min(end, started + self._settings.first_token_timeout)
        return min(end, now + self._settings.chunk_timeout)


def open_glm(
    settings: GlmSettings, *, transport: Transport = "aiohttp", catalog: Catalog | None = None
) -> AbstractAsyncContextManager[GlmClient]:
    """Open the client; leaving closes its connections."""
    return _open(settings, transport, catalog or GlmCatalog())


@asynccontextmanager
async def _open(settings: GlmSettings, transport: Transport, catalog: Catalog) -> AsyncIterator[GlmClient]:
    async with open_connections(transport, read_timeout=settings.answer_timeout) as connections:
        calls = SignedCalls(settings.base_url, settings.accounts(), connections)
        yield GlmClient(calls, settings, catalog)


async def _encoded(prompt: Prompt, spec: ModelSpec, *, is_streamed: bool) -> bytes:
    if any(turn.pictures for turn in prompt.turns):
        # Megabytes of base64 take long enough to make other answers stutter.
        return await asyncio.to_thread(chat_body, prompt, spec, is_streamed=is_streamed)
    return chat_body(prompt, spec, is_streamed=is_streamed)


def _is_event_stream(response: httpx.Response) -> bool:
    """Tell a stream from the one piece that an error page or a proxy makes of it."""
    kind = response.headers.get("Content-Type", "").lower()
    return "json" not in kind and "html" not in kind


async def _read_whole(response: httpx.Response, spec: ModelSpec, deadline: float) -> tuple[Delta, ...]:
    try:
        async with asyncio.timeout_at(deadline):
            body = await read_at_most(response, ANSWER_BYTES_MAX + 1)
    except TRANSPORT_FAILURES as failure:
        raise to_model_error(failure) from failure
    if len(body) > ANSWER_BYTES_MAX:
        raise ModelUnavailable(f"The answer is longer than {ANSWER_BYTES_MAX} bytes.")
    return read_whole(body, thinks_inline=spec.thinking == "always")


async def _next_nonempty(chunks: AsyncIterator[bytes]) -> bytes:
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(*TRANSPORT_FAILURES):
        async with asyncio.timeout(DRAIN_SECONDS):
            await _next_nonempty(chunks)
