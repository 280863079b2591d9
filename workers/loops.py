"""Threads with an asyncio loop each, inside a process whose main thread is somebody else's."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine

log = logging.getLogger(__name__)

Main = Callable[[asyncio.Event], Coroutine[None, None, None]]


class LoopThread:
    """Runs one coroutine on a loop of its own until it is told to leave.

    A coroutine that fails takes the process with it: a worker without work loop or pulse only looks alive,
    and whoever supervises it starts a whole one.
    """

    def __init__(self, name: str, main: Main) -> None:
        self._main = main
        self._leaving = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def call(self, function: Callable[[], None]) -> None:
        """Call a function on the loop, from any thread; a loop that has ended is left in peace."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def leave(self, timeout: float) -> bool:
        """Tell the coroutine to leave and wait ``timeout`` seconds; False if it is still there."""
        self.call(self._leaving.set)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main(self._leaving))
        except Exception:  # the edge of a thread: nobody above could hear of it
            log.exception("loop died", extra={"loop": self._thread.name})
            os.kill(os.getpid(), signal.SIGTERM)
