"""What hearing and showing remember of single messages: who asked, what was in it.

Apps without ``im:message.group_msg`` may not read messages in groups, so what a quotation will need is kept
when a message comes by.
"""

from collections.abc import Sequence

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.errors import StoreUnavailable
from bots.messages import Attachment, Record

SECONDS = 72 * 3600  # longer than a job's record
TOPIC_SECONDS = 1800  # so long a question in a topic is about the picture painted in it
TEXT_CHARACTERS = 8000


class KnownMessage(Record):
    """One message, as far as a quotation needs it."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    asker: str = ""  # the open_id of who asked the bot with it; empty where nobody did


class LarkMemory:
    """Keeps messages by their ids; every call raises StoreUnavailable when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, message_id: str, message: KnownMessage) -> None:
        """Remember a message that was received."""
        kept = message.model_copy(update={"text": message.text[:TEXT_CHARACTERS]})
        await self._set(_key(message_id), kept, SECONDS)

    async def keep_sent(
        self, message_id: str, attachments: Sequence[Attachment], topic: str | None = None
    ) -> None:
        """Remember the pictures of a message the bot sent, so that people can quote it.

        In a topic, named by its root, Lark does not tell which message is quoted; there the last one counts.
        """
        sent = KnownMessage(attachments=tuple(attachments))
        await self.keep(message_id, sent)
        if topic is not None:
            await self._set(_topic_key(topic), sent, TOPIC_SECONDS)

    async def find(self, message_id: str) -> KnownMessage | None:
        """Read what is known of a message."""
        return await self._get(_key(message_id))

    async def last_sent(self, topic: str) -> tuple[Attachment, ...]:
        """Read which picture the bot has lately sent into a topic."""
        sent = await self._get(_topic_key(topic))
        return sent.attachments if sent else ()

    async def _set(self, key: str, message: KnownMessage, seconds: int) -> None:
        try:
            await self._redis.set(key, message.model_dump_json(exclude_defaults=True), ex=seconds)
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error

    async def _get(self, key: str) -> KnownMessage | None:
        try:
            stored = await self._redis.get(key)
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error
        try:
            return None if stored is None else KnownMessage.model_validate_json(stored)
        except ValidationError:
            return None  # written by another version


def _key(message_id: str) -> str:
    return f"glimmer:lark:known:{message_id}"


def _topic_key(root_id: str) -> str:
    return f"glimmer:lark:sent:{root_id}"
