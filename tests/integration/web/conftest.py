"""A playground with a real Redis and a scripted bot."""

from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser
from redis.asyncio import Redis

from adapters.platforms.web import WebSettings
from tests.browsers import launched
from tests.integration.web.playground import Playground, serve
from tests.integration.web.screen import Screen, opened


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Redis, set as a process of ours sets it."""
    client = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
    yield client
    await client.aclose()


@pytest.fixture
def settings() -> WebSettings:
    """Small limits, so that a test need not send megabytes."""
    return WebSettings(
        max_file_bytes=2000, max_files=3, max_text_characters=500, max_request_bytes=40_000, max_messages=6
    )


@pytest.fixture
async def playground(redis: Redis, settings: WebSettings) -> AsyncIterator[Playground]:
    """A served playground."""
    async with serve(redis, settings) as served:
        yield served


@pytest.fixture
async def http(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    """A client as a script would use one."""
    async with httpx.AsyncClient(base_url=playground.url, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


@pytest.fixture
async def screen(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    """An open page that must not complain and must not ask any other host for anything."""
    screen = await opened(browser, playground)
    yield screen
    assert screen.complaints == []
    assert screen.strangers == []
