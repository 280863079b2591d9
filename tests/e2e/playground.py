"""A person at the playground, as a script: sends, listens to the events, presses buttons."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

State = dict[str, Any]
TIMEOUT = httpx.Timeout(10.0, read=60.0)


@dataclass
class Watcher:
    """Everything a thread's event stream has told, in order."""

    history: list[State] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, state: State) -> None:
        self.history.append(state)
        self._news.set()

    def of(self, message_id: str) -> list[State]:
        """List every state of one message."""
        return [state for state in self.history if state["id"] == message_id]

    @property
    def replies(self) -> dict[str, State]:
        """Map each bot message to its newest state."""
        return {state["id"]: state for state in self.history if state["author"] == "bot"}

    async def until(self, condition: Any, *, timeout: float = 30.0) -> None:
        """Wait until the condition holds of this watcher; AssertionError if it never does."""
        deadline = time.monotonic() + timeout
        while not condition(self):
            left = deadline - time.monotonic()
            assert left > 0, f"not in {timeout} s; last: {self.history[-3:]}"
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), min(left, 1.0))
            except TimeoutError:
                continue

    async def final(self, count: int = 1, *, timeout: float = 30.0) -> list[State]:
        """Wait until so many replies are final, and give their final states in order of appearance."""
        await self.until(lambda it: sum(r["is_final"] for r in it.replies.values()) >= count, timeout=timeout)
        return [reply for reply in self.replies.values() if reply["is_final"]]


class Playground:
    """One browser's view of a gateway."""

    def __init__(self, base_url: str, *, user: str = "ann", language: str = "en") -> None:
        self.base_url = base_url
        self.user = user
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=TIMEOUT, headers={"Accept-Language": language}, trust_env=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def send(
        self,
        thread: str,
        text: str = "",
        *,
        files: list[tuple[str, bytes, str]] | None = None,
        user: str | None = None,
        client_id: str | None = None,
    ) -> str:
        """Send a message and return its id."""
        data = {"text": text, "user": user or self.user}
        if client_id:
            data["client_id"] = client_id
        parts = [("files", (name, body, kind)) for name, body, kind in files or []]
        response = await self._client.post(f"/api/threads/{thread}/messages", data=data, files=parts or None)
        assert response.status_code == 202, response.text
        return str(response.json()["message_id"])

    async def press(self, thread: str, message_id: str, action: str) -> None:
        """Press a button under a reply."""
        response = await self._client.post(
            f"/api/threads/{thread}/messages/{message_id}/actions", json={"action": action}
        )
        assert response.status_code == 202, response.text

    async def messages(self, thread: str) -> list[State]:
        """Read a thread."""
        response = await self._client.get(f"/api/threads/{thread}")
        assert response.status_code == 200, response.text
        return list(response.json()["messages"])

    async def get(self, path: str) -> bytes:
        """Fetch a file."""
        response = await self._client.get(path)
        assert response.status_code == 200, response.text
        return response.content

    @asynccontextmanager
    async def watch(self, thread: str) -> AsyncIterator[Watcher]:
        """Follow a thread's events; a broken stream is opened again, as a browser does."""
        watcher = Watcher()
        following = asyncio.create_task(self._follow(thread, watcher))
        try:
            yield watcher
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, thread: str, watcher: Watcher) -> None:
        while True:
            try:
                async with self._client.stream("GET", f"/api/threads/{thread}/events") as response:
                    async for line in response.aiter_lines():
                        if line.startswith("data:"):
                            watcher.take(json.loads(line[5:]))
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
