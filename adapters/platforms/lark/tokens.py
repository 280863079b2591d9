"""The tenant_access_token: fetched seldom, shared by all processes through Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.ports import Clock

# With less than 30 minutes left Lark gives a new token while the old one stays valid (tenant token docs), so
# refreshing then needs no lock: whoever comes first is right, and so is whoever comes second.
REFRESH_BEFORE_SECONDS = 15 * 60.0
SHORTEST_LIFE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TenantToken:
    """A token with the wall time in seconds at which it ends."""

    text: str
    ends_at: float


Fetch = Callable[[], Awaitable[TenantToken]]


class TokenCache:
    """Gives a token that is valid for a while yet.

    Redis only spares fetches (they are not counted in the monthly quota): without it, each process fetches.
    """

    def __init__(self, redis: Redis, clock: Clock, *, app: str, fetch: Fetch) -> None:
        self._redis = redis
        self._clock = clock
        self._fetch = fetch
        self._key = f"glimmer:lark:token:{app}"
        self._token: TenantToken | None = None
        self._fetching = asyncio.Lock()

    async def get(self) -> str:
        """Give a token; raises what ``fetch`` raises."""
        if not self._is_fresh(self._token):
            async with self._fetching:
                if not self._is_fresh(self._token):
                    self._token = await self._stored() or await self._fetched()
        assert self._token is not None  # noqa: S101 - for the type checker
        return self._token.text

    async def drop(self, refused: str) -> None:
        """Forget a token that Lark has refused; a newer one, fetched by somebody else, stays."""
        if self._token and self._token.text == refused:
            self._token = None
        try:
            stored = await self._redis.get(self._key)
            if isinstance(stored, bytes) and stored.decode().partition(" ")[2] == refused:
                await self._redis.delete(self._key)
        except RedisError:
            return

    def _is_fresh(self, token: TenantToken | None) -> bool:
        return token is not None and token.ends_at - self._now() > 0

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _stored(self) -> TenantToken | None:
        try:
            stored = await self._redis.get(self._key)
        except RedisError:
            return None
        if not isinstance(stored, bytes):
            return None
        ends_at, _, text = stored.decode().partition(" ")
        token = TenantToken(text, float(ends_at))
        return token if self._is_fresh(token) else None

    async def _fetched(self) -> TenantToken:
        fetched = await self._fetch()
        left = fetched.ends_at - self._now()
        kept = max(left - REFRESH_BEFORE_SECONDS, min(left, SHORTEST_LIFE_SECONDS))
        token = TenantToken(fetched.text, self._now() + kept)
        try:
            await self._redis.set(self._key, f"{token.ends_at} {token.text}", px=max(1, int(kept * 1000)))
        except RedisError:
            return token
        return token
