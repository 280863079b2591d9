"""Simulators on loopback sockets, asked with a plain HTTP client."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from simulators.glm.app import BASE_PATH, create_app
from simulators.glm.config import DEFAULT_KEY, SimulatorConfig
from simulators.serving import serve

JsonObject = dict[str, object]


@dataclass
class Desk:
    """One running simulator and a client that knows its key."""

    url: str
    http: httpx.AsyncClient

    def body(self, text: str, model: str = "glm-4.7-flash", **more: object) -> JsonObject:
        """Build a chat request without thinking, unless told otherwise."""
        messages = [{"role": "user", "content": text}]
        return {"model": model, "messages": messages, "thinking": {"type": "disabled"}, **more}

    async def ask(self, text: str, **more: object) -> httpx.Response:
        """Send one chat request."""
        body = self.body(text) | more
        return await self.http.post(f"{BASE_PATH}/chat/completions", json=body)

    async def stats(self) -> JsonObject:
        """Read the counters."""
        stats: JsonObject = (await self.http.get("/_sim/stats")).json()
        return stats

    async def until_in_flight(self, count: int) -> None:
        """Return once so many requests are in flight; TimeoutError after five seconds."""
        async with asyncio.timeout(5):
            while (await self.stats())["in_flight_total"] != count:
                pass

    async def requests(self) -> list[JsonObject]:
        """Read the record of requests."""
        records: list[JsonObject] = (await self.http.get("/_sim/requests")).json()
        return records


@contextmanager
def running(**settings: object) -> Iterator[str]:
    """Run a simulator with settings."""
    with serve(create_app(SimulatorConfig.model_validate({"pace": 0, **settings}))) as url:
        yield url


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Give a simulator that answers at once."""
    with running() as url:
        headers = {"Authorization": f"Bearer {DEFAULT_KEY}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client:
            yield Desk(url, client)
