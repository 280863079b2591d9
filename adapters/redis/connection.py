"""How we connect, and the one place where redis-py's errors become ours."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable

# A hanging Redis must not eat a platform's three seconds: redis-py's own defaults are 10 retries of 5 s.
SOCKET_SECONDS = 0.5


class _CancellableSending:
    """Sends under ``asyncio.timeout``, in place of redis-py's ``asyncio.wait_for``.

    Before Python 3.12 the latter swallows a cancellation that comes as the bytes have just gone out
    (python/cpython#86296), and the task lives on for ever. Nearly every send is that quick.
    """

    socket_timeout: float | None

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002 - redis-py's signature
    ) -> None:
        patience, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(patience):
                await super().send_packed_command(command, check_health)  # type: ignore[misc] # a mixin's base
        except TimeoutError as error:
            detail = "Timeout writing to socket"
            raise RedisTimeoutError(detail) from error
        finally:
            self.socket_timeout = patience


@asynccontextmanager
async def open_redis(
    settings: RedisSettings, *, socket_timeout: float = SOCKET_SECONDS
) -> AsyncIterator[Redis]:
    """Open a client whose calls fail fast; reconnecting is each call's own affair."""
    pool = ConnectionPool.from_url(
        settings.url,
        max_connections=settings.max_connections,
        socket_timeout=socket_timeout,
        socket_connect_timeout=socket_timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )
    kind = pool.connection_class
    pool.connection_class = type(f"Cancellable{kind.__name__}", (_CancellableSending, kind), {})
    client = Redis.from_pool(pool)
    try:
        yield client
    finally:
        await client.aclose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn redis-py's connection troubles into StoreUnavailable; other errors are defects and pass."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, BusyLoadingError, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from error
    except RedisError as error:
        if is_passing(error):
            raise StoreUnavailable(str(error)) from error
        raise


def is_passing(error: RedisError) -> bool:
    """Tell whether the server will be itself again soon: loading, failing over, read-only, busy."""
    return str(error).startswith(("LOADING", "READONLY", "BUSY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"))


def text_of(answer: object) -> str:
    """Read redis-py's answer, which its types leave open."""
    return answer.decode() if isinstance(answer, bytes) else str(answer)
