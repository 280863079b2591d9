"""A Redis that is not there."""

from adapters.redis.settings import RedisSettings

NOWHERE = RedisSettings(url="redis://127.0.0.1:1/0")  # nobody listens on the first port
