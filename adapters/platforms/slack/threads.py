"""The threads that the bot is part of: there it answers without being mentioned."""

from redis.asyncio import Redis

from adapters.platforms.slack.store_errors import reaching_store
from bots.messages import Conversation, IncomingMessage

KEPT_SECONDS = 30 * 24 * 3600
KEPT_QUESTIONS = 10  # per thread, so that Slack's own Stop finds what runs there


class Threads:
    """Remembers each thread's last questions; every call raises StoreUnavailable."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def join(self, message: IncomingMessage) -> None:
        """Note that the bot answers a question in its thread; a repetition changes nothing."""
        key = _key(message.conversation)
        with reaching_store():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.zadd(key, {message.action_id: message.sent_at.timestamp()})
                pipeline.zremrangebyrank(key, 0, -KEPT_QUESTIONS - 1)
                pipeline.expire(key, KEPT_SECONDS)
                await pipeline.execute()

    async def questions(self, conversation: Conversation) -> tuple[str, ...]:
        """Give the thread's last questions by action_id, oldest first; none in a thread of others."""
        with reaching_store():
            kept = await self._redis.zrange(_key(conversation), 0, -1)
        return tuple(item.decode() if isinstance(item, bytes) else str(item) for item in kept)


def _key(conversation: Conversation) -> str:
    return f"glimmer:slack:thread:{{{conversation.key}}}"
