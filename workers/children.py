"""Child processes that end with us: started, waited for, shown, restarted, stopped."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bots.errors import BotError

MAX_LINE_BYTES = 64 * 1024
LAST_WORDS = 12  # lines
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 30.0  # who ran this long starts again without the waiting of former deaths
PARENT_POLL_SECONDS = 0.5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in linux/prctl.h

log = logging.getLogger(__name__)

Show = Callable[[str, str], None]  # a child's name, one line of its output


class ChildFailed(BotError):
    """A part of Glimmer did not start; its last words stand above."""


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class ChildSpec:
    """How a child is started, when it is ready and how long it may take to end.

    ``environment`` is all it gets. ``dies_by`` reaches it when we are killed (Linux only). A quiet child's
    output is shown only when it fails.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path | None = None
    prepare: Callable[[], Awaitable[None]] = _nothing
    wait_until_ready: Callable[[], Awaitable[None]] = _nothing
    ready_seconds: float = 30.0
    stop_seconds: float = 5.0
    dies_by: signal.Signals = signal.SIGKILL
    is_quiet: bool = False


class Child:
    """One child through all its lives."""

    def __init__(self, spec: ChildSpec, show: Show) -> None:
        self.spec = spec
        self._show = show
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)

    @property
    def pid(self) -> int | None:
        """Name its process while it runs."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Tell whether it lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it and wait until it is ready; raises BotError if it is not."""
        await self.spec.prepare()
        # asyncio forks in this thread, the loop's. That matters: the death signal comes when the thread that
        # forked ends, not when the process does; so the loop must be the main thread's.
        # The pipe is our own: asyncio's would have wait() last until the child's children close it too.
        reading_end, writing_end = os.pipe()
        self._last_words.clear()
        self._reading = asyncio.create_task(self._read(reading_end))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing_end,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(self.spec.environment),
                cwd=self.spec.directory,
                start_new_session=True,  # Ctrl-C in the terminal is for us alone: we stop them in order
                preexec_fn=_die_with_parent(self.spec.dies_by),  # two system calls, no locks
            )
        except OSError as error:
            raise ChildFailed(f"{self.spec.name} cannot be started: {error}") from error
        finally:
            os.close(writing_end)
        await self._become_ready(self._process)

    def check(self) -> None:
        """Raise ChildFailed if it has ended; for a child that has no way to say that it is ready."""
        if self._process is not None and not self.is_running:
            raise ChildFailed(f"{self.spec.name} {_fate(self._process.returncode)} at once.")

    async def keep_running(self) -> None:
        """Start it again whenever it dies, each time after a longer pause; runs until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        is_up = True
        while True:
            began = time.monotonic()
            if is_up and self._process is not None:
                await self._process.wait()
                self._kill_group(self._process)
                await self._show_last_words()
                log.warning("%s %s", self.spec.name, _fate(self._process.returncode))
            if time.monotonic() - began >= STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            log.info("%s is started again in %.1f s", self.spec.name, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            is_up = await self._start_again()

    async def _start_again(self) -> bool:
        try:
            await self.start()
        except BotError as error:
            log.error("%s did not come back: %s", self.spec.name, error)  # noqa: TRY400 - no defect of ours
            await self.stop()
            return False
        log.info("%s is back", self.spec.name, extra={"pid": self.pid})
        return True

    async def stop(self) -> None:
        """End it in order (SIGTERM), by force when it takes too long."""
        if self._process is None:
            return
        if self.is_running:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.spec.stop_seconds)
            except TimeoutError:
                log.warning("%s did not end in %.0f s and is killed", self.spec.name, self.spec.stop_seconds)
                self.kill()
                await self._process.wait()
        self._kill_group(self._process)
        await self._finish_reading()

    def kill(self) -> None:
        """End it and what it has started at once."""
        if self._process is not None and self.is_running:
            self._kill_group(self._process)

    @staticmethod
    def _kill_group(process: asyncio.subprocess.Process) -> None:
        """Kill it with its own children, or those alone that it has left behind."""
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(process.pid, signal.SIGKILL)

    async def _become_ready(self, process: asyncio.subprocess.Process) -> None:
        ready = asyncio.ensure_future(self.spec.wait_until_ready())
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait(
                {ready, ended}, timeout=self.spec.ready_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if ended.done():
                await self._show_last_words()
                raise ChildFailed(f"{self.spec.name} {_fate(process.returncode)} before it was ready.")
            if not ready.done():
                raise ChildFailed(f"{self.spec.name} was not ready in {self.spec.ready_seconds:.0f} s.")
            ready.result()
        finally:
            ready.cancel()
            ended.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    async def _read(self, pipe: int) -> None:
        lines = asyncio.StreamReader(limit=MAX_LINE_BYTES)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(pipe, "rb", buffering=0)
        )
        try:
            while line := await _next_line(lines):
                text = line.decode("utf-8", "replace").rstrip()
                if self.spec.is_quiet:
                    self._last_words.append(text)
                elif text:
                    self._show(self.spec.name, text)
        finally:
            transport.close()

    async def _finish_reading(self) -> None:
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=1.0)  # whoever got hold of the pipe may keep it open
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _show_last_words(self) -> None:
        await self._finish_reading()
        while self._last_words:
            self._show(self.spec.name, self._last_words.popleft())


async def _next_line(lines: asyncio.StreamReader) -> bytes:
    try:
        return await lines.readline()
    except ValueError:  # asyncio has dropped what it had of the line
        return b"(a line was too long to show)\n"


def _fate(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Make what the child runs between fork and exec; None where the system has no parent-death signal."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: a forked child must not take locks

    def before_exec() -> None:
        prctl(_SET_PARENT_DEATH_SIGNAL, int(number))
        if os.getppid() != parent:  # we died before the signal was asked for
            os._exit(1)

    return before_exec


def die_with_parent(parent_pid: int) -> None:
    """Watch our parent from a thread and die when it is gone; for systems without a parent-death signal."""

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
