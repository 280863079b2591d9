"""Tells the page what changed, live."""

import asyncio
from collections.abc import AsyncIterator

from simulators.slack.wire import JsonObject


class Feed:
    """Hands every change to everybody who listens; who is too slow loses the oldest."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[JsonObject | None]] = set()

    def publish(self, change: JsonObject) -> None:
        """Tell a change."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)

    def close(self) -> None:
        """End every listener's stream."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    def listen(self) -> AsyncIterator[JsonObject]:
        """Give the changes from now on, also those before the first is asked for."""
        queue: asyncio.Queue[JsonObject | None] = asyncio.Queue(maxsize=1_000)
        self._listeners.add(queue)
        return self._follow(queue)

    async def _follow(self, queue: "asyncio.Queue[JsonObject | None]") -> AsyncIterator[JsonObject]:
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._listeners.discard(queue)
