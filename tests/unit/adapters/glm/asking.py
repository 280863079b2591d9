"""A client on scripts instead of sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from adapters.glm.client import GlmClient, open_glm
from adapters.glm.settings import GlmSettings
from bots.deltas import Delta
from bots.prompts import Prompt
from tests.unit.adapters.glm.wire import EVENT_STREAM, Bytes, prompt, settings


async def never() -> None:
    """Wait until the client gives up."""
    await asyncio.Event().wait()


@asynccontextmanager
async def glm(
    answer: Callable[[httpx.Request], httpx.Response], using: GlmSettings | None = None
) -> AsyncIterator[GlmClient]:
    async with open_glm(using or settings(), transport=httpx.MockTransport(answer)) as client:
        yield client


def streaming(*chunks: bytes | Exception | Callable[[], object]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=Bytes(chunks))


def answering(
    status: int, body: bytes, kind: str = "application/json"
) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(status, headers={"Content-Type": kind}, content=body)


async def deltas_of(
    answer: Callable[[httpx.Request], httpx.Response],
    asked: Prompt | None = None,
    using: GlmSettings | None = None,
) -> list[Delta]:
    async with glm(answer, using) as client, client.stream(asked or prompt()) as deltas:
        return [delta async for delta in deltas]
