"""Who asked, kept from hearing until showing: a stream in a channel must name its reader.

Slack refuses ``chat.startStream`` outside direct messages without ``recipient_team_id`` and
``recipient_user_id`` (Slack docs, chat.startStream).
"""

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.errors import StoreUnavailable
from bots.messages import IncomingMessage, Language, Record, language_of

KEPT_SECONDS = 24 * 3600  # longer than anything waits in line


class Asker(Record):
    """A person with the workspace they belong to, which in a shared channel is not the bot's."""

    user_id: str
    team_id: str
    language: Language = "en"


class Askers:
    """Remembers by the message's ``action_id``, which is its first reply's id."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def remember(self, message: IncomingMessage, team_id: str = "") -> None:
        """Keep who wrote a message, before it is handed to the bot; raises StoreUnavailable.

        ``team_id`` is the event's ``user_team`` where there is one.
        """
        tenant_id = message.conversation.tenant_id
        sender = message.sender
        language = language_of(message.text, sender.locale)
        asker = Asker(user_id=sender.user_id, team_id=team_id or tenant_id, language=language)
        try:
            await self._redis.set(_key(message.action_id), asker.model_dump_json(), ex=KEPT_SECONDS)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def who_asked(self, reply_id: str) -> Asker | None:
        """Tell for whom a reply is, if it is still known; raises StoreUnavailable."""
        try:
            stored = await self._redis.get(_key(reply_id.partition("#")[0]))
            return Asker.model_validate_json(stored) if stored else None
        except ValidationError:
            return None
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error


def _key(action_id: str) -> str:
    return f"glimmer:slack:asker:{{{action_id}}}"
