"""How we connect, and the one place where redis-py's errors become ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable

# A hanging Redis must not eat a platform's three seconds: redis-py's own defaults are 10 retries of 5 s.
SOCKET_SECONDS = 0.5


@asynccontextmanager
async def open_redis(
    settings: RedisSettings, *, socket_timeout: float = SOCKET_SECONDS
) -> AsyncIterator[Redis]:
    """Open a client whose calls fail fast; reconnecting is each call's own affair."""
    client = Redis.from_url(
        settings.url,
        max_connections=settings.max_connections,
        socket_timeout=socket_timeout,
        socket_connect_timeout=socket_timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )
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
