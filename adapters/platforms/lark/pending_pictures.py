"""Pictures and files that came without words: in a direct chat the question is the next message.

They are held in Redis until words come or nobody has written any for a while; then they are a question by
themselves. Several sent at once are one question.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from bots.errors import StoreUnavailable
from bots.messages import Conversation, IncomingMessage

DUE = "glimmer:{lark}:held"
KEPT = timedelta(hours=12)  # longer than Lark repeats an event, which is 6 h 5 min 15 s
STILL_MEANT = timedelta(seconds=45)  # an answer about a picture alone may be under way when the words come
TRY_AGAIN = timedelta(seconds=30)


class PendingPictures:
    """Holds wordless messages back; every call raises StoreUnavailable when Redis is away."""

    def __init__(self, redis: Redis, wait_seconds: float) -> None:
        self._scripts = {name: redis.register_script(_source(name)) for name in _SCRIPTS}
        self._redis = redis
        self._wait = timedelta(seconds=wait_seconds)

    async def hold(self, message: IncomingMessage, now: datetime) -> bool:
        """Keep a wordless message until its words come; False if it is known already."""
        keys = [_key(message.conversation), DUE]
        body = message.model_dump_json(exclude_defaults=True)
        times = [_ms(now), _ms(now + self._wait), _milliseconds(KEPT)]
        return bool(await self._run("hold", keys, [message.message_id, body, *times]))

    async def take(self, words: IncomingMessage, now: datetime) -> tuple[IncomingMessage, ...]:
        """Give what these words are about; asked again for the same words, the same."""
        since = [_ms(now - self._wait - STILL_MEANT), _ms(now - KEPT)]
        return _read(await self._run("take", [_key(words.conversation), DUE], [words.message_id, *since]))

    async def due(self, now: datetime) -> tuple[tuple[str, IncomingMessage], ...]:
        """Make a question of what each person sent without words long enough ago, with its ticket.

        Until ``told`` is called with the ticket, it comes again after half a minute.
        """
        again = _ms(now + TRY_AGAIN)
        questions: list[tuple[str, IncomingMessage]] = []
        for key in await self._run("due", [DUE], [_ms(now), again]):
            held = _read(await self._run("take", [key, DUE], ["alone", 0, _ms(now - KEPT)]))
            ticket = f"{again} {key.decode()}"
            if held:
                questions.append((ticket, joined(held[0].model_copy(update=_EMPTY), held)))
            else:
                await self.told(ticket)
        return tuple(questions)

    async def told(self, ticket: str) -> None:
        """Note that the bot has the question."""
        again, _, key = ticket.partition(" ")
        await self._run("told", [key, DUE], [again])

    async def forget(self, conversation: Conversation, message_id: str) -> None:
        """Drop a message that was taken back."""
        await self._run("forget", [_key(conversation)], [message_id, _milliseconds(KEPT)])

    async def _run(self, name: str, keys: list[Any], arguments: Sequence[str | int]) -> Any:
        script: AsyncScript = self._scripts[name]
        try:
            return await script(keys=keys, args=list(arguments))
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error


def joined(words: IncomingMessage, held: Sequence[IncomingMessage]) -> IncomingMessage:
    """Make one question of words and what was sent before them."""
    texts = [words.text, *(message.text for message in held)]
    attachments = [one for message in held for one in message.attachments]
    update = {
        "text": "\n\n".join(text for text in texts if text),
        "attachments": tuple(dict.fromkeys([*attachments, *words.attachments])),
    }
    return words.model_copy(update=update)


_EMPTY: dict[str, object] = {"text": "", "attachments": ()}
_SCRIPTS = ("hold", "take", "due", "told", "forget")


def _source(name: str) -> str:
    return files("adapters.platforms.lark").joinpath(f"{name}.lua").read_text("utf-8")


def _key(conversation: Conversation) -> str:
    """Name a direct chat, in which there is one person only."""
    return f"{DUE}:{conversation.tenant_id}:{conversation.channel_id}"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _milliseconds(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)


def _read(stored: Sequence[bytes]) -> tuple[IncomingMessage, ...]:
    """Read what a script found, in the order in which it was sent."""
    messages = [IncomingMessage.model_validate_json(one.partition(b" ")[2]) for one in stored]
    return tuple(sorted(messages, key=lambda message: message.sent_at))
