"""What people have set for themselves."""

from redis.asyncio import Redis

from adapters.redis.connection import translated
from bots.preferences import Preferences

KEEP_SECONDS = 400 * 24 * 3600


class RedisPreferences:
    """PreferenceStore on Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(self, user_key: str) -> Preferences:
        """Read one person's choices, the defaults if there are none; raises StoreUnavailable."""
        with translated():
            stored = await self._redis.get(_key(user_key))
        return Preferences.model_validate_json(stored) if stored else Preferences()

    async def write(self, user_key: str, preferences: Preferences) -> None:
        """Replace one person's choices; raises StoreUnavailable."""
        with translated():
            await self._redis.set(_key(user_key), preferences.model_dump_json(), ex=KEEP_SECONDS)


def _key(user_key: str) -> str:
    return f"glimmer:preferences:{{{user_key}}}"
