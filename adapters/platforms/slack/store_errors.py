"""The one place of Slack's hearing side where redis-py's errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from bots.errors import StoreUnavailable


@contextmanager
def reaching_store() -> Iterator[None]:
    """Turn whatever Redis cannot do into StoreUnavailable."""
    try:
        yield
    except RedisError as error:
        raise StoreUnavailable(type(error).__name__) from error
