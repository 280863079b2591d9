"""Makes a heard message whole: what it quotes, what was sent before it, what is forwarded in it."""

import asyncio
import logging
from collections.abc import Awaitable

from adapters.platforms.lark.events import HeardMessage
from adapters.platforms.lark.events_content import is_command, read_conversation, read_stored
from adapters.platforms.lark.events_fields import JsonObject, object_at, text_at
from adapters.platforms.lark.lookups import Lookups
from adapters.platforms.lark.memory import KnownMessage, LarkMemory
from adapters.platforms.lark.pending_pictures import PendingPictures, joined
from bots.attachments import check_attachments, is_picture
from bots.errors import MediaError, PlatformError
from bots.messages import IncomingMessage
from bots.ports import Clock

log = logging.getLogger(__name__)

LOOKUP_SECONDS = 1.2  # of the three in which Lark wants an answer
QUOTED_CHARACTERS = 4000
TOPIC_PICTURES = 3


class MessageCompleter:
    """Turns what was heard into what is asked."""

    def __init__(self, memory: LarkMemory, pending: PendingPictures, lookups: Lookups, clock: Clock) -> None:
        self._memory = memory
        self._pending = pending
        self._lookups = lookups
        self._clock = clock

    async def complete(self, heard: HeardMessage) -> IncomingMessage | None:
        """Give the question; None if it is none, or not one yet. Raises StoreUnavailable."""
        message = heard.message
        if not await self._is_for_us(heard):
            if message.attachments:  # somebody may quote them to us
                await self._memory.keep(message.message_id, KnownMessage(attachments=message.attachments))
            return None
        if heard.is_forward:
            message = message.model_copy(update={"text": await self._forwarded(message.message_id)})
        known = KnownMessage(text=message.text, attachments=message.attachments, asker=message.sender.user_id)
        await self._memory.keep(message.message_id, known)
        if heard.is_direct and _lacks_words(message, heard):
            await self._pending.hold(message, self._clock.now())
            return None
        if not _takes_files(message):
            return message
        if heard.parent_id:
            message = await self._with_quoted(message, heard)
        if heard.is_direct:
            message = joined(message, await self._pending.take(message, self._clock.now()))
        return message

    async def _is_for_us(self, heard: HeardMessage) -> bool:
        """Tell whether the bot is meant: by name, by a command, or by its asker going on in the topic.

        The last is heard only with the scope im:message.group_msg.
        """
        if heard.message.addressed_to_bot:
            return True
        if not heard.root_id or heard.mentions_others:
            return False
        root = await self._memory.find(heard.root_id)
        return root is not None and root.asker == heard.message.sender.user_id

    async def _forwarded(self, message_id: str) -> str:
        return read_conversation((await self._looked_up(self._lookups.message(message_id)))[1:])

    async def _with_quoted(self, message: IncomingMessage, heard: HeardMessage) -> IncomingMessage:
        known = await self._memory.find(heard.parent_id)
        if known is None and heard.topic_id:
            # The bot is called into a topic of others; from now on it is in the transcript.
            known = await self._read_topic(heard)
            asked = known.model_copy(update={"asker": message.sender.user_id})
            await self._memory.keep(heard.parent_id, asked)
        elif known is None:
            known = await self._read_quoted(heard.parent_id)
            await self._memory.keep(heard.parent_id, known)
        elif heard.topic_id and known.asker:
            # A topic's parent is always its root, and that is in the transcript.
            known = KnownMessage(attachments=await self._memory.last_sent(heard.parent_id))
        quoted = known.text[-QUOTED_CHARACTERS:] if heard.topic_id else known.text[:QUOTED_CHARACTERS]
        quote = "\n".join(line if line.startswith(">") else f"> {line}" for line in quoted.splitlines())
        update = {
            "text": "\n\n".join(text for text in (message.text, quote) if text),
            "attachments": tuple(dict.fromkeys([*known.attachments, *message.attachments])),
        }
        return message.model_copy(update=update)

    async def _read_quoted(self, message_id: str) -> KnownMessage:
        items = await self._looked_up(self._lookups.message(message_id))
        if not items:
            return KnownMessage()
        if len(items) > 1:
            return KnownMessage(text=read_conversation(items[1:]))
        content = read_stored(items[0])
        # The bot's own words are in the transcript; of its cards the API tells only a rest.
        return KnownMessage(text="" if _is_ours(items[0]) else content.text, attachments=content.attachments)

    async def _read_topic(self, heard: HeardMessage) -> KnownMessage:
        found = await self._looked_up(self._lookups.topic(heard.topic_id))
        own_id = heard.message.message_id
        items = [one for one in found if text_at(one, "message_id") != own_id and not _is_ours(one)]
        files = [file for one in items for file in read_stored(one).attachments if is_picture(file)]
        return KnownMessage(text=read_conversation(items), attachments=tuple(files[-TOPIC_PICTURES:]))

    async def _looked_up(self, asking: Awaitable[list[JsonObject]]) -> list[JsonObject]:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                return await asking
        except (PlatformError, TimeoutError) as error:
            # In groups the scope im:message.group_msg may be missing; the question stands without it.
            log.info("quoted message not read", extra={"error": f"{type(error).__name__}: {error}"[:200]})
            return []


def _is_ours(item: JsonObject) -> bool:
    return text_at(object_at(item, "sender"), "sender_type") == "app"


def _lacks_words(message: IncomingMessage, heard: HeardMessage) -> bool:
    """Tell whether a question is still to come; a voice message is one, if not one we can hear."""
    if heard.is_forward:
        return bool(message.text)
    if message.text or not message.attachments:
        return False
    try:
        check_attachments(message.attachments)
    except MediaError:
        return False  # that it cannot be used is told at once
    return True


def _takes_files(message: IncomingMessage) -> bool:
    return not is_command(message.text) or message.text.lower().startswith("/ask")
