"""Receives events: decides with Redis what the pure reading could not, and hands over what is for the bot."""

import logging
from collections.abc import Awaitable

from pydantic import ValidationError

from adapters.platforms.slack.earlier import with_earlier_messages, with_known_files
from adapters.platforms.slack.events import PLATFORM, read_message
from adapters.platforms.slack.greeting import suggest_prompts, title_thread
from adapters.platforms.slack.hearing_parts import HearingParts, Json
from adapters.platforms.slack.home import HomeTab
from adapters.platforms.slack.installations import InstallationStore
from adapters.platforms.slack.payloads import EventBody, SlackMessage
from bots.errors import PlatformError
from bots.events import ButtonPressed, MessageEdited, MessageSent
from bots.messages import Conversation, IncomingMessage, Sender

log = logging.getLogger(__name__)


class EventReceiver:
    """Handles one event's envelope; what it raises must not be acknowledged."""

    def __init__(self, parts: HearingParts, home: HomeTab, installations: InstallationStore | None) -> None:
        self._parts = parts
        self._home = home
        self._installations = installations  # None where the only token is in the settings
        self._bot_users: dict[str, str] = {}

    async def receive(self, body: Json) -> None:
        """Do what an event asks for; raises StoreUnavailable, all else would not get better by a retry."""
        try:
            envelope = EventBody.model_validate(body)
            await self._note_organisation(envelope)
            await self._dispatch(envelope)
        except ValidationError as error:
            places = sorted({".".join(map(str, each["loc"])) for each in error.errors(include_input=False)})
            log.warning("slack: an event of unknown shape", extra={"fields": places})

    async def _dispatch(self, envelope: EventBody) -> None:
        match envelope.event.get("type"):
            case "app_mention" | "message":
                await self._hear_message(envelope)
            case "app_home_opened":
                self._open_app(envelope)
            case "agent_session_stopped":
                await self._stop(envelope)
            case "app_uninstalled":
                await self._forget(envelope.tenant_id)
            case "tokens_revoked" if (envelope.event.get("tokens") or {}).get("bot"):
                await self._forget(envelope.tenant_id)
            case other:
                log.debug("slack: ignored %s", other)

    async def _forget(self, tenant_id: str) -> None:
        if self._installations is not None:
            await self._installations.forget(tenant_id)
            log.info("slack: uninstalled", extra={"team": tenant_id})

    async def _note_organisation(self, envelope: EventBody) -> None:
        """Keep which organisation's token speaks for this workspace; interactions do not always say."""
        installation = envelope.installation
        if self._installations is not None and installation.is_enterprise_install and installation.team_id:
            await self._installations.belongs_to(installation.team_id, installation.enterprise_id)

    async def _hear_message(self, envelope: EventBody) -> None:
        bot_user = await self._bot_user(envelope)
        event = read_message(envelope, bot_user)
        if isinstance(event, MessageSent):
            await self._take(event, SlackMessage.model_validate(envelope.event), bot_user)
        elif isinstance(event, MessageEdited):
            await self._change(event, SlackMessage.model_validate(envelope.event).message)
        elif event is not None:
            await self._parts.services.handle(event)

    async def _take(self, event: MessageSent, raw: SlackMessage, bot_user: str) -> None:
        """Hand a message to the bot if it is for it."""
        parts, place = self._parts, event.message.conversation
        known = await parts.threads.questions(place)
        is_bots_thread = bool(known) or (bool(bot_user) and raw.parent_user_id == bot_user)
        if not event.message.addressed_to_bot and not is_bots_thread:
            return
        message = await self._completed(event.message, known)
        message = message.model_copy(update={"addressed_to_bot": True})
        await parts.askers.remember(message, raw.user_team or raw.team)
        await parts.services.handle(MessageSent(message=message))
        await parts.threads.join(message)
        if place.channel_id.startswith("D") and place.thread_id == message.message_id:
            parts.background.spawn(title_thread(message, parts.api), "setting a title")

    async def _change(self, event: MessageEdited, raw: SlackMessage | None) -> None:
        """Hand over the edit of a question; most edits in a channel are of something else."""
        known = await self._parts.threads.questions(event.message.conversation)
        if event.message.action_id not in known:
            return
        message = await self._completed(event.message, known)
        await self._parts.askers.remember(message, (raw.user_team or raw.team) if raw else "")
        await self._parts.services.handle(event.model_copy(update={"message": message}))

    async def _completed(self, message: IncomingMessage, known: tuple[str, ...]) -> IncomingMessage:
        """Add what the message only refers to; what came before its first question the bot has not heard."""
        message = await with_known_files(message, self._parts.api)
        is_first = not known or known[0] == message.action_id
        if is_first and message.conversation.thread_id != message.message_id:
            return await with_earlier_messages(message, self._parts.api)
        return message

    async def _bot_user(self, envelope: EventBody) -> str:
        """Tell the bot's user id, which the envelope nearly always names; empty if it cannot be had."""
        installation, tenant_id = envelope.installation, envelope.tenant_id
        if installation.is_bot and installation.user_id:
            return installation.user_id
        if tenant_id not in self._bot_users:
            try:
                answer = await self._parts.api.call(tenant_id, "auth.test", {})
            except PlatformError:
                return ""
            self._bot_users[tenant_id] = str(answer.get("user_id") or "")
        return self._bot_users[tenant_id]

    def _open_app(self, envelope: EventBody) -> None:
        event, tenant_id = envelope.event, envelope.tenant_id
        user_id, channel = str(event.get("user") or ""), str(event.get("channel") or "")
        if event.get("tab") == "home":
            self._parts.background.spawn(self._home.publish(tenant_id, user_id), "showing the Home tab")
        elif event.get("tab") == "messages" and channel:
            self._parts.background.spawn(
                suggest_prompts(channel, tenant_id, self._parts.api), "suggesting prompts"
            )

    async def _stop(self, envelope: EventBody) -> None:
        """Stop whatever runs in a thread: Slack's own Stop names the thread, not the answer."""
        event = envelope.event
        place = Conversation(
            platform=PLATFORM,
            tenant_id=envelope.tenant_id,
            channel_id=str(event.get("channel") or ""),
            thread_id=str(event.get("thread_ts") or ""),
        )
        sender = Sender(user_id=str(event.get("user") or ""))
        for reply_id in await self._parts.threads.questions(place):
            pressed = ButtonPressed(
                conversation=place,
                sender=sender,
                reply_id=reply_id,
                action="stop",
                press_id=str(event.get("event_ts") or ""),
            )
            await self._parts.services.handle(pressed)
        arguments = {"channel_id": place.channel_id, "thread_ts": place.thread_id, "status": "active"}
        work = self._parts.api.call(place.tenant_id, "agents.sessions.setStatus", arguments)
        self._parts.background.spawn(_done(work), "ending a session")


async def _done(work: Awaitable[object]) -> None:
    await work
