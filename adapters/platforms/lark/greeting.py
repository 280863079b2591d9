"""Greets people and groups once, and turns a choice in the menu into a message."""

import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.platforms.lark.events import PLATFORM, ChatOpened, HeardMessage, MenuChosen
from adapters.platforms.lark.events_content import is_command
from adapters.platforms.lark.lookups import Lookups
from adapters.platforms.lark.welcome import welcome
from bots.errors import PlatformError, StoreUnavailable
from bots.messages import Conversation, IncomingMessage, Language, Sender
from bots.ports import Clock

log = logging.getLogger(__name__)

GREETED_SECONDS = 180 * 24 * 3600


class Greeter:
    """Says hello; the event of an opened chat comes at every opening."""

    def __init__(self, redis: Redis, lookups: Lookups, clock: Clock, language: Language) -> None:
        self._redis = redis
        self._lookups = lookups
        self._clock = clock
        self._language = language

    async def greet(self, opened: ChatOpened) -> None:
        """Greet a chat once; raises StoreUnavailable."""
        key = f"glimmer:lark:greeted:{opened.chat_id if opened.is_direct else opened.event_id}"
        try:
            if not await self._redis.set(key, 1, nx=True, ex=GREETED_SECONDS):
                return
            text = welcome("direct" if opened.is_direct else "group", self._language)
            try:
                await self._lookups.say(opened.chat_id, text, once=opened.event_id)
            except PlatformError as error:
                log.info("not greeted", extra={"chat": opened.chat_id, "error": type(error).__name__})
                await self._redis.delete(key)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def menu_message(self, chosen: MenuChosen, locale: str | None) -> HeardMessage | None:
        """Make a message of a menu entry whose key is a command; None for other keys.

        Lark tells neither chat nor message, so the command is put into the chat first, to be replied to.
        Raises StoreUnavailable, so that Lark repeats the event; the text appears once nevertheless.
        """
        command = f"/{chosen.event_key.strip().lstrip('/')}"
        if not is_command(command):
            log.info("unknown menu entry", extra={"event_key": chosen.event_key[:60]})
            return None
        try:
            sent = await self._lookups.say(chosen.operator, command, once=chosen.event_id)
        except PlatformError as error:
            raise StoreUnavailable(str(error)) from error
        place = Conversation(platform=PLATFORM, tenant_id=chosen.tenant_id, channel_id=sent.chat_id)
        message = IncomingMessage(
            message_id=sent.message_id,
            conversation=place,
            sender=Sender(user_id=chosen.operator, locale=locale),
            text=command,
            sent_at=self._clock.now(),
        )
        return HeardMessage(message, is_direct=True)
