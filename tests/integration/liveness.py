"""Who is alive: processes, ports, and waiting for either with a deadline."""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie that nobody has reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_served(port: int) -> bool:
    """Tell whether somebody listens on a port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid: int) -> list[int]:
    """List the processes that this one has started and that still run."""
    return [
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if _parent_of(path) == pid and is_alive(int(path.name))
    ]


async def until(is_so: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until it is so; AssertionError if it is late."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.02)


def _parent_of(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
