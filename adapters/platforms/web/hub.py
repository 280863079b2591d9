"""Passes published states on to the readers of this process, over one connection to Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import redis.exceptions
from redis.asyncio.client import PubSub

from adapters.platforms.web.store import StoredState, WebStore, read_change
from bots.errors import PlatformUnavailable
from bots.ports import Clock

PING_AFTER = 5.0  # seconds of silence
RECONNECT_AFTER = 0.25  # seconds


class Batch(NamedTuple):
    """What a reader has to tell next; with ``must_reload`` states may have been missed before."""

    must_reload: bool
    states: list[StoredState]


class Listener:
    """One reader's inbox: only the newest state of each message is kept, so a slow reader costs little."""

    def __init__(self) -> None:
        self._states: dict[str, StoredState] = {}
        self._must_reload = False
        self._is_closed = False
        self._something = asyncio.Event()

    def put(self, state: StoredState) -> None:
        """Add a state, in place of an earlier one of the same message."""
        self._states[state.message_id] = state
        self._something.set()

    def reload(self) -> None:
        """Have the reader read the whole thread again."""
        self._must_reload = True
        self._something.set()

    def close(self) -> None:
        """Have the reader end."""
        self._is_closed = True
        self._something.set()

    async def next(self, seconds: float) -> Batch | None:
        """Wait for something to tell; None after ``seconds`` of silence.

        Raises StopAsyncIteration when the hub is closed.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._something.wait(), seconds)
        if self._is_closed:
            raise StopAsyncIteration
        if not self._something.is_set():
            return None
        batch = Batch(self._must_reload, list(self._states.values()))
        self._states, self._must_reload = {}, False
        self._something.clear()
        return batch


class EventHub:
    """Listens while anybody reads; after every (re)connection all readers load their threads anew."""

    def __init__(self, store: WebStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._listeners: dict[bytes, set[Listener]] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_subscribed = False
        self._is_closed = False

    @contextlib.asynccontextmanager
    async def listen(self, thread: str) -> AsyncIterator[Listener]:
        """Open an inbox for a thread; its first batch says to load the thread, once nothing can be missed."""
        listener = Listener()
        channel = self._store.channel(thread).encode()
        self._listeners.setdefault(channel, set()).add(listener)
        if self._is_closed:
            listener.close()
        elif self._task is None:
            self._task = asyncio.create_task(self._run(), name="web-hub")
        elif self._is_subscribed:
            listener.reload()
        try:
            yield listener
        finally:
            self._listeners[channel].discard(listener)
            if not self._listeners[channel]:
                del self._listeners[channel]
            if not self._listeners:
                await self._stop()

    async def close(self) -> None:
        """End all streams: call this when the process is told to stop."""
        self._is_closed = True
        for listener in self._everybody():
            listener.close()
        await self._stop()

    def _everybody(self) -> list[Listener]:
        return [listener for listeners in self._listeners.values() for listener in listeners]

    async def _stop(self) -> None:
        task, self._task, self._is_subscribed = self._task, None, False
        # More than once if need be: a client library may take a cancellation for a time-out of its own.
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.5)

    async def _run(self) -> None:
        while self._task is asyncio.current_task():
            with contextlib.suppress(redis.exceptions.RedisError, OSError, PlatformUnavailable):
                async with self._store.redis.pubsub() as pubsub:
                    # A pattern, so that threads come and go without a word to Redis.
                    await pubsub.psubscribe(self._store.every_channel)
                    await self._pass_on(pubsub)
            self._is_subscribed = False
            await self._clock.sleep(RECONNECT_AFTER)

    async def _pass_on(self, pubsub: PubSub) -> None:
        has_pinged = False
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=False, timeout=PING_AFTER)
            if message is None:
                if has_pinged:
                    raise PlatformUnavailable(detail="no answer to a ping")
                await pubsub.ping()
                has_pinged = True
                continue
            has_pinged = False
            if message["type"] == "psubscribe":
                # Also after redis-py connected anew by itself: what was published meanwhile is lost.
                self._is_subscribed = True
                for listener in self._everybody():
                    listener.reload()
            elif message["type"] == "pmessage":
                state = read_change(message["data"])
                for listener in self._listeners.get(message["channel"], ()):
                    listener.put(state)
