"""One process among many does what should be done once."""

from redis.asyncio import Redis

from adapters.redis.connection import translated

_LEAD = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class RedisLeadership:
    """A lock that its holder renews by asking; it lapses by itself when the holder dies."""

    def __init__(self, redis: Redis, name: str, owner: str, *, seconds: float = 2.0) -> None:
        self._key = f"{{glimmer}}:leader:{name}"
        self._owner = owner
        self._milliseconds = round(seconds * 1000)
        self._lead = redis.register_script(_LEAD)

    async def is_ours(self) -> bool:
        """Take or renew the lead; raises StoreUnavailable."""
        with translated():
            return bool(await self._lead(keys=[self._key], args=[self._owner, self._milliseconds]))
