"""Runs an ASGI application on a socket of this machine, in a thread, for tests and benchmarks."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

_START_TIMEOUT_S = 10.0
_STOP_TIMEOUT_S = 10.0


@contextmanager
def serve(app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve ``app`` and yield its base URL without a trailing slash; port 0 takes a free one.

    Streams that are still open when the block ends are cut after a second. Raises OSError when the port is
    taken and RuntimeError when the server does not come up.
    """
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it an answer takes 44 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        listener.bind((host, port))
        listener.listen(512)
        bound_port = listener.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"serve-{bound_port}", daemon=True
        )
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield f"http://{host}:{bound_port}"
        finally:
            server.should_exit = True
            thread.join(_STOP_TIMEOUT_S)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError(f"{thread.name} did not start")
        time.sleep(0.005)
