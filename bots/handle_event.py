"""Use case: what a platform tells us becomes a job in line, or is dealt with at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bots.bot import Asked, Bot
from bots.errors import BotError, StoreUnavailable
from bots.events import BotEvent, ButtonPressed, MessageEdited, MessageRecalled, MessageSent
from bots.glm_command import GlmAnswer, answer_glm
from bots.messages import Conversation, IncomingMessage, Language, language_of, person_key
from bots.open_reply import ReplyOpener
from bots.ports import Clock, Transcripts
from bots.preferences import PreferenceStore
from bots.press_button import ButtonHandler
from bots.usage import UsageBook
from bots.wording import sentence_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventHandler:
    """Decides what an event means; when it returns, the event may be acknowledged."""

    bots: Sequence[Bot]
    models: Sequence[str]  # those a person may choose for questions in words
    opener: ReplyOpener
    buttons: ButtonHandler
    transcripts: Transcripts
    preferences: PreferenceStore
    clock: Clock
    usage: UsageBook

    async def handle(self, event: BotEvent) -> None:
        """Accept, stop or write anew; raises StoreUnavailable, on which nothing may be acknowledged."""
        match event:
            case MessageSent(message=message):
                await self._answer(message)
            case MessageEdited(message=message, edit_id=edit_id):
                await self.buttons.ask_anew(message, edit_id)
            case MessageRecalled(conversation=conversation, message_id=message_id):
                await self.buttons.stop(_reply_to(conversation, message_id))
            case ButtonPressed():
                await self.buttons.press(event)
            case _ as unreachable:
                assert_never(unreachable)

    async def _answer(self, message: IncomingMessage) -> None:
        user_key = person_key(message.conversation, message.sender)
        preferences = await self.preferences.read(user_key)
        language = preferences.language or language_of(message.text, message.sender.locale)
        command = answer_glm(message.text, language, preferences, self.models)
        if command is not None:
            await self._follow(command, message, user_key, language)
            return
        recent = await self.transcripts.recent(message.conversation)
        asked = Asked(message, language, recent, preferences, self.clock.now())
        try:
            jobs = next(jobs for bot in self.bots if (jobs := bot.jobs_for(asked)))
            await self.usage.check(jobs)
        except StoreUnavailable:
            raise
        except BotError as error:
            log.info("question refused", extra={"job": message.action_id, "error": type(error).__name__})
            await self.opener.say(message, sentence_for(error, language), is_failure=True)
            return
        for job in jobs:
            await self.opener.open(job)

    async def _follow(
        self, command: GlmAnswer, message: IncomingMessage, user_key: str, language: Language
    ) -> None:
        sentence = command.sentence
        if command.changed is not None:
            await self.preferences.write(user_key, command.changed)
        if command.forgets:
            await self.transcripts.forget(message.conversation)
        if command.asks_usage:
            sentence = await self.usage.told(user_key, language)
        await self.opener.say(message, sentence, is_failure=False)


def _reply_to(conversation: Conversation, message_id: str) -> str:
    return f"{conversation.platform}:{conversation.tenant_id}:{conversation.channel_id}:{message_id}"
