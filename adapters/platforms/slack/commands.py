"""Slash commands: ``/imagine``, ``/ask`` and ``/glm``."""

import logging

from pydantic import ValidationError

from adapters.platforms.slack.asking import Asking, Question
from adapters.platforms.slack.events import PLATFORM
from adapters.platforms.slack.hearing_parts import HearingParts, Json
from adapters.platforms.slack.payloads import Command
from adapters.platforms.slack.sentences import say
from adapters.platforms.slack.texts import to_markdown
from bots.commands import parse_imagine
from bots.errors import CommandMistaken, EmptyQuestion, PlatformDenied, PlatformError, StoreUnavailable
from bots.glm_command import answer_glm
from bots.messages import Conversation, Language, Sender, language_of, person_key
from bots.wording import note, sentence_for

log = logging.getLogger(__name__)

# Slack shows an error after 3 s without an acknowledgement and does not send a command again.
ANSWER_SECONDS = 2.0


class CommandReceiver:
    """Follows commands; what it says is for the asker's eyes only."""

    def __init__(self, parts: HearingParts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking

    async def receive(self, body: Json) -> str:
        """Follow a command; gives what to tell the asker, in Slack's mrkdwn, often nothing."""
        try:
            command = Command.model_validate(body)
        except ValidationError:
            log.warning("slack: a command of unknown shape")
            return ""
        text = f"{command.command} {to_markdown(command.text)}".strip()
        return await self._parts.background.within(ANSWER_SECONDS, self._follow(command, text), otherwise="")

    async def _follow(self, command: Command, text: str) -> str:
        language = language_of(text)
        try:
            said = await self._settings(command, text, language)
            if said is not None:
                return said
            mistake = _mistake(text, language)
            if mistake or not await self._asking.claim(f"{command.tenant_id}:{command.trigger_id}"):
                return mistake
            await self._asking.ask(
                Question(
                    tenant_id=command.tenant_id,
                    channel_id=command.channel_id,
                    user_id=command.user_id,
                    text=text,
                )
            )
        except StoreUnavailable:
            return say("store_away", language)
        except PlatformDenied as error:
            log.info("slack: a command where the bot may not post", extra={"error": error.detail})
            return say("not_here", language)
        except PlatformError as error:
            log.warning("slack: a command could not be shown", extra={"error": type(error).__name__})
            return say("failed", language)
        return ""

    async def _settings(self, command: Command, text: str, language: Language) -> str | None:
        """Follow ``/glm`` in private; None for the other commands."""
        place = Conversation(platform=PLATFORM, tenant_id=command.tenant_id, channel_id=command.channel_id)
        person = person_key(place, Sender(user_id=command.user_id))
        services = self._parts.services
        preferences = await services.preferences.read(person)
        spoken = preferences.language or language
        answer = answer_glm(text, spoken, preferences, services.models)
        if answer is None or answer.asks_usage:
            return None
        if answer.forgets:
            return note("forget_where", spoken)  # a command of Slack's stands in no thread
        if answer.changed is not None:
            await services.preferences.write(person, answer.changed)
        return answer.sentence.replace("**", "*")


def _mistake(text: str, language: Language) -> str:
    """Say what is wrong with a command before everybody sees it; empty if nothing is."""
    try:
        is_picture = parse_imagine(text, language) is not None
    except CommandMistaken as error:
        return error.detail
    if not is_picture and not text.partition(" ")[2].strip():
        return sentence_for(EmptyQuestion(), language)
    return ""
