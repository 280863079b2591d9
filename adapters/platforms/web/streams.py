"""The thread as server-sent events (WHATWG HTML §9.2): first all there is, then each change."""

from collections.abc import AsyncIterator

from adapters.platforms.web.hub import EventHub
from adapters.platforms.web.store import Mark, StoredState, WebStore
from bots.errors import PlatformUnavailable
from bots.ports import Clock

KEEP_ALIVE = b": keep-alive\n\n"
RETRY_AFTER = 0.5  # seconds until a thread that could not be read is tried again


def event_of(state: StoredState) -> bytes:
    """Frame one state; its JSON has no line breaks."""
    return b"data: " + state.state + b"\n\n"


async def thread_events(
    thread: str, *, store: WebStore, hub: EventHub, clock: Clock, keep_alive_seconds: float
) -> AsyncIterator[bytes]:
    """Yield events until the hub closes; never an older state of a message after a newer one."""
    told: dict[str, Mark] = {}
    yield b"retry: 1000\n\n"
    async with hub.listen(thread) as listener:
        while True:
            try:
                batch = await listener.next(keep_alive_seconds)
            except StopAsyncIteration:
                return
            if batch is None:
                yield KEEP_ALIVE
                continue
            states = batch.states
            if batch.must_reload:
                try:
                    states = [*await store.snapshot(thread), *states]
                except PlatformUnavailable:
                    listener.reload()
                    await clock.sleep(RETRY_AFTER)
            for state in states:
                if state.mark >= told.get(state.message_id, state.mark):
                    told[state.message_id] = state.mark
                    yield event_of(state)
