"""The demo's last resort: an in-memory stand-in for Redis, served over TCP; nothing outlives it."""

import importlib.util
from typing import Any

from redis.exceptions import RedisError


def can_stand_in() -> bool:
    """Tell whether the stand-in's packages are installed."""
    return all(importlib.util.find_spec(name) for name in ("fakeredis", "lupa"))


def serve_stand_in(port: int) -> None:
    """Serve an in-memory stand-in on the loopback until killed; nothing outlives it. For the demo only."""
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", port))

    class Handler(server.RequestHandlerClass):  # type: ignore[misc,name-defined]
        # Nagle's algorithm would hold back every pipelined answer for 40 ms.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.current_client: Any = _ErrorsAsReplies(self.current_client)

    server.RequestHandlerClass = Handler
    server.serve_forever()


class _ErrorsAsReplies:
    """A connection whose errors are answers; raised, they would close it, and NOSCRIPT is everyday."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def read_response(self) -> Any:
        try:
            return self._connection.read_response()
        except RedisError as error:
            return error
