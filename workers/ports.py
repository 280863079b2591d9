"""Ports of this machine: which are free, and whether somebody answers on them."""

import asyncio
import errno
import socket
import time
from contextlib import suppress

POLL_SECONDS = 0.05
ANSWER_SECONDS = 2.0
_BUSY = (errno.EADDRINUSE, errno.EACCES)  # Windows says the latter


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen here; raises OSError if this is not an address of this machine."""
    family, _, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do it: connections of a former server that are dying away are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            raise
    return True


def any_free_port() -> int:
    """Name a free port of the loopback, as the system picks it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def next_free_port(host: str, first: int, *, tries: int = 100) -> int | None:
    """Name the first free port from ``first`` up, or None."""
    ports = range(first, min(first + tries, 65536))
    return next((port for port in ports if is_free(host, port)), None)


async def becomes_free(host: str, port: int, seconds: float) -> bool:
    """Wait a moment for a port: a server that was just killed may still be on its way out."""
    deadline = time.monotonic() + seconds
    while True:
        free = is_free(host, port)
        if free or time.monotonic() >= deadline:
            return free
        await asyncio.sleep(POLL_SECONDS)


async def until_listening(host: str, port: int) -> None:
    """Wait until somebody accepts connections here; the caller sets the deadline."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), ANSWER_SECONDS)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return
        await asyncio.sleep(POLL_SECONDS)


async def until_healthy(host: str, port: int, path: str = "/healthz") -> None:
    """Wait until an HTTP server answers this path with 200; the caller sets the deadline."""
    while True:
        with suppress(OSError):
            if await asyncio.wait_for(_status(host, port, path), ANSWER_SECONDS) == 200:
                return
        await asyncio.sleep(POLL_SECONDS)


async def _status(host: str, port: int, path: str) -> int:
    # Ten lines of HTTP here spare every start the import of a client.
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        first_line = (await reader.read(64)).split()
    finally:
        writer.close()
    return int(first_line[1]) if len(first_line) > 1 and first_line[1].isdigit() else 0
