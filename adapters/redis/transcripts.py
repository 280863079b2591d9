"""The memory of each thread: a hash of exchanges and their order."""

import json
from collections.abc import Collection, Sequence

from pydantic import TypeAdapter
from redis.asyncio import Redis

from adapters.redis.connection import text_of, translated
from bots.messages import Conversation
from bots.ports import TranscriptEntry

_ENTRIES = TypeAdapter(tuple[TranscriptEntry, ...])
MOST_EXCHANGES = 100  # older ones fall out of memory
KEEP_SECONDS = 30 * 24 * 3600

_REMEMBER = """
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('ZADD', KEYS[1], 'NX', (tonumber(last[2]) or 0) + 1, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local too_many = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
if too_many > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, too_many - 1)) do
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
"""


class RedisTranscripts:
    """Transcripts on Redis; an exchange is stored once per id, so that a resumed job says nothing twice."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._remember = redis.register_script(_REMEMBER)

    async def recent(
        self, conversation: Conversation, *, before: str | None = None
    ) -> tuple[TranscriptEntry, ...]:
        """Read the thread up to an exchange, oldest first; raises StoreUnavailable."""
        order, exchanges = _keys(conversation)
        with translated():
            ids = [text_of(row) for row in await self._redis.zrange(order, 0, -1)]
            if before in ids:
                ids = ids[: ids.index(before)]
            if not ids:
                return ()
            rows = await self._redis.hmget(exchanges, ids)
        return tuple(entry for row in rows if row for entry in _ENTRIES.validate_json(row))

    async def remember(
        self, conversation: Conversation, exchange_id: str, entries: Sequence[TranscriptEntry]
    ) -> None:
        """Store one exchange in the order of first mention; raises StoreUnavailable."""
        order, exchanges = _keys(conversation)
        body = json.dumps([entry.model_dump(mode="json") for entry in entries], ensure_ascii=False)
        with translated():
            await self._remember(
                keys=[order, exchanges], args=[exchange_id, body, MOST_EXCHANGES, KEEP_SECONDS]
            )

    async def forget(
        self, conversation: Conversation, exchange_ids: Collection[str] | None = None
    ) -> None:
        """Drop some exchanges or all; raises StoreUnavailable."""
        order, exchanges = _keys(conversation)
        with translated():
            if exchange_ids is None:
                await self._redis.delete(order, exchanges)
            elif exchange_ids:
                await self._redis.zrem(order, *exchange_ids)  # first: what is not in the order is not read
                await self._redis.hdel(exchanges, *exchange_ids)


def _keys(conversation: Conversation) -> tuple[str, str]:
    tag = f"{{glimmer:thread:{conversation.key}}}"
    return f"{tag}:order", f"{tag}:exchanges"
