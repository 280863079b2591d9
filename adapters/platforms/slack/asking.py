"""Questions that come without a message of their own: commands, shortcuts, modals.

The bot posts the question first, so that others see what the answer is about, the answer has a thread to
stand in, and what is asked there next is heard.
"""

from typing import NamedTuple

from redis.asyncio import Redis

from adapters.platforms.slack.events import PLATFORM, time_of
from adapters.platforms.slack.hearing_parts import HearingParts, Json
from adapters.platforms.slack.sentences import say
from adapters.platforms.slack.store_errors import reaching_store
from bots.errors import PlatformDenied, PlatformRateLimited
from bots.events import MessageSent
from bots.messages import Attachment, Conversation, IncomingMessage, Sender, language_of

CLAIM_SECONDS = 3600
POSTS = 10  # times that Slack may say "later"
SHOWN_CHARACTERS = 2500  # Slack advises 4,000 for a message's text; escaping makes it longer


class Question(NamedTuple):
    """What a person asks; ``shown`` is what of it the others see."""

    tenant_id: str
    channel_id: str
    user_id: str
    text: str
    shown: str = ""
    thread_ts: str = ""
    attachments: tuple[Attachment, ...] = ()


class Asking:
    """Posts questions and hands them to the bot."""

    def __init__(self, parts: HearingParts) -> None:
        self._parts = parts
        self._redis: Redis = parts.services.redis

    async def claim(self, claim_id: str) -> bool:
        """Take a command or a submission; False if it was taken before. Raises StoreUnavailable."""
        with reaching_store():
            taken = await self._redis.set(
                f"glimmer:slack:claim:{{{claim_id}}}", b"", nx=True, ex=CLAIM_SECONDS
            )
        return bool(taken)

    async def ask(self, question: Question) -> None:
        """Post the question and hand it over; raises PlatformError, StoreUnavailable."""
        parts = self._parts
        ts = await self._post(question)
        place = Conversation(
            platform=PLATFORM,
            tenant_id=question.tenant_id,
            channel_id=question.channel_id,
            thread_id=question.thread_ts or ts,
        )
        message = IncomingMessage(
            message_id=ts,
            conversation=place,
            sender=Sender(user_id=question.user_id),
            text=question.text,
            attachments=question.attachments,
            sent_at=time_of(ts),
        )
        await parts.askers.remember(message)
        await parts.services.handle(MessageSent(message=message))
        await parts.threads.join(message)

    async def direct_channel(self, tenant_id: str, user_id: str) -> str:
        """Open the direct conversation with a person; raises PlatformError, StoreUnavailable."""
        answer = await self._parts.api.call(tenant_id, "conversations.open", {"users": user_id})
        channel = answer.get("channel") or {}
        return str(channel.get("id") or "")

    async def _post(self, question: Question) -> str:
        arguments = {
            "channel": question.channel_id,
            "text": _shown(question),
            "thread_ts": question.thread_ts or None,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await self._posted(question.tenant_id, arguments)
        ts = str(answer.get("ts") or "")
        if not ts:
            detail = "no ts"
            raise PlatformDenied(detail)
        return ts

    async def _posted(self, tenant_id: str, arguments: Json) -> Json:
        """Post when Slack next allows it; the person was told nothing that would have them ask again."""
        for _ in range(POSTS):
            try:
                return await self._parts.api.call(tenant_id, "chat.postMessage", arguments)
            except PlatformRateLimited as error:
                await self._parts.services.clock.sleep(error.retry_after or 1.0)
        return await self._parts.api.call(tenant_id, "chat.postMessage", arguments)


def _shown(question: Question) -> str:
    """Quote the question under its asker's name; nothing in it can mention or link."""
    text = question.shown or question.text
    if len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS]}…"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quoted = "\n".join(f"> {line}" for line in escaped.splitlines())
    return f"{say('asked', language_of(text)).format(user=question.user_id)}\n{quoted}"
