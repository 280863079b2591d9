"""The memory of each thread: a hash of exchanges and their order."""

import json
from collections.abc import Sequence

from pydantic import TypeAdapter
from redis.asyncio import Redis

from adapters.redis.connection import text_of, translated
from bots.messages import Conversation
from bots.ports import TranscriptEntry

_ENTRIES = TypeAdapter(tuple[TranscriptEntry, ...])
MOST_EXCHANGES = 100  # older ones fall out of memory
KEEP_SECONDS = 30 * 24 * 3600


class RedisTranscripts:
    """Transcripts on Redis; an exchange is stored once per id, so that a resumed job says nothing twice."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

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
            count = await self._redis.zcard(order)
            last = await self._redis.zrange(order, -1, -1, withscores=True)
            score = (float(last[0][1]) if last else 0.0) + 1
            forgotten = (
                await self._redis.zrange(order, 0, count - MOST_EXCHANGES) if count >= MOST_EXCHANGES else []
            )
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(order, {exchange_id: score}, nx=True)
                pipe.hset(exchanges, exchange_id, body)
                if forgotten:
                    pipe.zrem(order, *forgotten)
                    pipe.hdel(exchanges, *forgotten)
                pipe.expire(order, KEEP_SECONDS)
                pipe.expire(exchanges, KEEP_SECONDS)
                await pipe.execute()


def _keys(conversation: Conversation) -> tuple[str, str]:
    tag = f"{{glimmer:thread:{conversation.key}}}"
    return f"{tag}:order", f"{tag}:exchanges"
