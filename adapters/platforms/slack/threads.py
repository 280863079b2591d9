"""The threads that the bot is part of: there it answers without being mentioned."""

from redis.asyncio import Redis

from adapters.platforms.slack.store_errors import reaching_store
from bots.messages import Conversation

KEPT_SECONDS = 30 * 24 * 3600
KEPT_QUESTIONS = 10  # per thread, so that Slack's own Stop finds what runs there


class Threads:
    """Remembers each thread's last questions; every call raises StoreUnavailable."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def join(self, conversation: Conversation, action_id: str) -> None:
        """Note that the bot answers a question here; a repetition changes nothing."""
        key = _key(conversation)
        with reaching_store():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.lrem(key, 0, action_id)
                pipeline.lpush(key, action_id)
                pipeline.ltrim(key, 0, KEPT_QUESTIONS - 1)
                pipeline.expire(key, KEPT_SECONDS)
                await pipeline.execute()

    async def questions(self, conversation: Conversation) -> tuple[str, ...]:
        """Give the thread's last questions by action_id, newest first; none in a thread of others."""
        with reaching_store():
            kept = await self._redis.lrange(_key(conversation), 0, -1)
        return tuple(item.decode() if isinstance(item, bytes) else item for item in kept)


def _key(conversation: Conversation) -> str:
    return f"glimmer:slack:thread:{{{conversation.key}}}"
