"""The shortcuts and what is entered in their modals: "Ask about this" and "Create an image"."""

import logging
import secrets

from adapters.platforms.slack.asking import Asking, Question
from adapters.platforms.slack.events import PLATFORM, attachments_of
from adapters.platforms.slack.hearing_parts import HearingParts, Json
from adapters.platforms.slack.modal_views import (
    ASK,
    COUNT,
    PAINT,
    PROMPT,
    QUESTION,
    SIZE,
    ask_view,
    paint_view,
)
from adapters.platforms.slack.payloads import Interaction, View
from adapters.platforms.slack.sentences import say
from adapters.platforms.slack.store_errors import reaching_store
from adapters.platforms.slack.texts import to_markdown
from bots.errors import PlatformDenied, PlatformError, StoreUnavailable
from bots.messages import Attachment, Conversation, Language, Record, Sender, language_of, person_key

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600  # a modal may stay open as long as its reader likes, but hardly longer
ANSWER_SECONDS = 2.0  # after 3 s Slack says that it had trouble connecting
QUOTED_CHARACTERS = 8000


class AskedAbout(Record):
    """The message that a question in a modal is about."""

    channel_id: str
    thread_ts: str
    text: str
    attachments: tuple[Attachment, ...] = ()


class Modals:
    """Opens modals and takes what was entered."""

    def __init__(self, parts: HearingParts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking

    async def open(self, used: Interaction) -> None:
        """Open the modal of a shortcut; raises PlatformError, StoreUnavailable."""
        language = await self._language(used)
        if used.callback_id == PAINT:
            view = paint_view(language)
        elif used.callback_id == ASK and used.message is not None:
            view = ask_view(await self._keep(used), language)
        else:
            return
        await self._parts.api.call(
            used.tenant_id, "views.open", {"trigger_id": used.trigger_id, "view": view}
        )

    async def submit(self, used: Interaction, view: View) -> Json:
        """Take what was entered; gives the acknowledgement's payload: nothing, or what is wrong."""
        take = self._take(used, view)
        return await self._parts.background.within(ANSWER_SECONDS, take, otherwise={})

    async def _take(self, used: Interaction, view: View) -> Json:
        is_about = view.callback_id == ASK
        field = QUESTION if is_about else PROMPT
        language = language_of(view.entered(field))
        try:
            about = await self._kept(view) if is_about else None
            if is_about and about is None:
                return _wrong(field, say("modal_gone", language))
            if await self._asking.claim(f"{used.tenant_id}:{view.id}"):
                await (self._ask(used, view, about) if about else self._paint(used, view))
        except StoreUnavailable:
            return _wrong(field, say("store_away", language))
        except PlatformError as error:
            log.warning("slack: a modal could not be followed", extra={"error": type(error).__name__})
            return _wrong(field, say("failed", language))
        return {}

    async def _paint(self, used: Interaction, view: View) -> None:
        prompt = " ".join(view.entered(PROMPT).split())
        text = f"/imagine {prompt} --size {view.entered(SIZE)} --n {view.entered(COUNT)}"
        await self._ask_directly(Question(used.tenant_id, "", used.user.id, text))

    async def _ask(self, used: Interaction, view: View, about: AskedAbout) -> None:
        """Ask where the message stands, or in private where the bot may not write."""
        asked = view.entered(QUESTION).strip()
        quoted = "\n".join(f"> {line}" for line in about.text[:QUOTED_CHARACTERS].splitlines())
        question = Question(
            tenant_id=used.tenant_id,
            channel_id=about.channel_id,
            user_id=used.user.id,
            text=f"{asked}\n\n{quoted}".strip(),
            shown=asked,
            thread_ts=about.thread_ts,
            attachments=about.attachments,
        )
        try:
            await self._asking.ask(question)
        except PlatformDenied:
            await self._ask_directly(question)

    async def _ask_directly(self, question: Question) -> None:
        channel = await self._asking.direct_channel(question.tenant_id, question.user_id)
        await self._asking.ask(question._replace(channel_id=channel, thread_ts=""))

    async def _keep(self, used: Interaction) -> str:
        """Keep what the question will be about, because a modal carries no more than 3,000 characters."""
        message = used.message
        if message is None:
            return ""
        about = AskedAbout(
            channel_id=used.channel.id,
            thread_ts=message.thread_ts or message.ts,
            text=to_markdown(message.text),
            attachments=attachments_of(message, used.tenant_id),
        )
        name = secrets.token_urlsafe(16)
        with reaching_store():
            await self._parts.services.redis.set(_key(name), about.model_dump_json(), ex=KEPT_SECONDS)
        return name

    async def _kept(self, view: View) -> AskedAbout | None:
        with reaching_store():
            kept = await self._parts.services.redis.get(_key(view.private_metadata))
        return AskedAbout.model_validate_json(kept) if kept else None

    async def _language(self, used: Interaction) -> Language:
        place = Conversation(platform=PLATFORM, tenant_id=used.tenant_id, channel_id="")
        person = person_key(place, Sender(user_id=used.user.id))
        return (await self._parts.services.preferences.read(person)).language or "en"


def _wrong(field: str, sentence: str) -> Json:
    return {"response_action": "errors", "errors": {field: sentence}}


def _key(name: str) -> str:
    return f"glimmer:slack:modal:{{{name}}}"
