"""What hearing asks of Lark and says by itself; each call counts in the monthly quota, so they are few."""

import asyncio
import json
import logging
from dataclasses import dataclass

from adapters.platforms.lark.client import CREATE, Endpoint, Json
from adapters.platforms.lark.events_fields import JsonObject, object_at, objects_at, text_at
from adapters.platforms.lark.sending import LarkApi
from bots.errors import PlatformError
from bots.ports import Clock

log = logging.getLogger(__name__)

BOT_INFO = Endpoint("bot.info", "GET", "/open-apis/bot/v3/info", changes=False)
MESSAGE_GET = Endpoint("message.get", "GET", "/open-apis/im/v1/messages/{message_id}", changes=False)
MESSAGE_LIST = Endpoint("message.list", "GET", "/open-apis/im/v1/messages", changes=False)
TOPIC_MESSAGES = 20
ASK_AGAIN_SECONDS = 30.0
BOT_INFO_SECONDS = 1.0  # an event waits for it, and Lark for the event


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message the bot has sent by itself."""

    message_id: str
    chat_id: str


class Lookups:
    """Asks for the bot's own id once, for messages that are quoted, and sends greetings."""

    def __init__(self, api: LarkApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._bot_open_id = ""
        self._ask_again_at = float("-inf")

    async def bot_open_id(self) -> str:
        """Give the bot's own id; empty while Lark does not tell it."""
        if not self._bot_open_id and self._clock.monotonic() >= self._ask_again_at:
            self._ask_again_at = self._clock.monotonic() + ASK_AGAIN_SECONDS
            try:
                async with asyncio.timeout(BOT_INFO_SECONDS):
                    answer = await self._api.call(BOT_INFO, BOT_INFO.path, {})
                self._bot_open_id = text_at(object_at(answer, "bot"), "open_id")
            except (PlatformError, TimeoutError) as error:
                log.warning("the bot's own id is not known", extra={"error": str(error)})
        return self._bot_open_id

    async def message(self, message_id: str) -> list[JsonObject]:
        """Read a message, with those in it if it is a bundle; raises PlatformError.

        In groups this needs the scope im:message.group_msg (code 230027).
        """
        answer = await self._api.call(MESSAGE_GET, MESSAGE_GET.at(message_id=message_id), {})
        return list(objects_at(answer, "items"))

    async def topic(self, topic_id: str) -> list[JsonObject]:
        """Read the latest messages of a topic, oldest first; raises PlatformError.

        Like ``message`` it needs im:message.group_msg in groups.
        """
        query = {
            "container_id_type": "thread",
            "container_id": topic_id,
            "sort_type": "ByCreateTimeDesc",
            "page_size": str(TOPIC_MESSAGES),
        }
        answer = await self._api.call(MESSAGE_LIST, MESSAGE_LIST.path, {}, query=query)
        return list(reversed(objects_at(answer, "items")))

    async def say(self, receive_id: str, text: str, *, once: str) -> SentMessage:
        """Send a text to a person (ou_…) or a chat (oc_…), within an hour only once under the key ``once``.

        Raises PlatformError.
        """
        kind = "open_id" if receive_id.startswith("ou_") else "chat_id"
        content = json.dumps({"text": text}, ensure_ascii=False)
        body: Json = {"receive_id": receive_id, "msg_type": "text", "content": content, "uuid": once[:50]}
        answer = await self._api.call(CREATE, CREATE.path, body, query={"receive_id_type": kind})
        return SentMessage(text_at(answer, "message_id"), text_at(answer, "chat_id"))
