"""Use case: a question becomes an answer that grows in the thread."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bots.attachments import MOST_BYTES, MOST_TEXT_BYTES, is_picture, kind_of
from bots.deltas import Finished, Usage
from bots.drafts import Outcome
from bots.errors import MediaError, ModelAnsweredNothing, PlatformError, PromptRefused, PromptTooLong
from bots.jobs import AnswerJob
from bots.line import StartedJob
from bots.models import ModelSpec
from bots.persisting import persistently
from bots.picture_question import LOOKS_BACK
from bots.ports import (
    Catalog,
    ChatModel,
    Clock,
    Lease,
    PictureReader,
    Platform,
    TranscriptEntry,
    Transcripts,
    UsageLedger,
)
from bots.progress import ProgressiveMessage
from bots.prompt_building import build_prompt
from bots.prompts import Picture
from bots.wording import note, sentence_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readings:
    """What could be read of the attachments, by handle."""

    pictures: dict[str, Picture]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Reads the question's files, asks the model, shows the answer and remembers it."""

    model: ChatModel
    catalog: Catalog
    pictures: PictureReader
    texts: Callable[[bytes, str], str]  # decodes a plain text file; raises MediaError
    transcripts: Transcripts
    ledger: UsageLedger
    clock: Clock

    async def write(
        self,
        job: AnswerJob,
        started: StartedJob,
        platform: Platform,
        lease: Lease,
        message: ProgressiveMessage,
    ) -> Outcome:
        """Write the answer; raises BotError for what is to be retried or told."""
        if started.checkpoint.is_complete:
            await message.conclude("answered")
            await self._remember(job, started.checkpoint.markdown, lease)
            return "answered"
        spec = self.catalog.spec(started.model)
        conversation = job.message.conversation
        recent = await persistently(
            lambda: self.transcripts.recent(conversation, before=job.reply_id), lease, self.clock
        )
        readings = await self._read(job, recent, spec, platform)
        await self.clock.sleep(started.wait)
        finished = await self._ask(job, started, spec, recent, readings, message)
        await lease.free_slot()
        return await self._close(job, spec, finished, message, lease)

    async def _ask(
        self,
        job: AnswerJob,
        started: StartedJob,
        spec: ModelSpec,
        recent: tuple[TranscriptEntry, ...],
        readings: Readings,
        message: ProgressiveMessage,
    ) -> Finished:
        prompt = build_prompt(job, spec, started.account, recent, readings.pictures, readings.texts)
        try:
            async with self.model.stream(prompt) as deltas:
                return await message.follow(deltas)
        except (PromptTooLong, PromptRefused) as error:
            # The past may be what is too long or what the filter dislikes; the question alone may pass.
            past_is_to_blame = isinstance(error, PromptTooLong) or error.detail == "history"
            if message.has_text or not past_is_to_blame or len(prompt.turns) <= 2:
                raise
        prompt = build_prompt(job, spec, started.account, (), readings.pictures, readings.texts)
        async with self.model.stream(prompt) as deltas:
            return await message.follow(deltas)

    async def _close(
        self, job: AnswerJob, spec: ModelSpec, finished: Finished, message: ProgressiveMessage, lease: Lease
    ) -> Outcome:
        usage = finished.usage or Usage()
        if finished.reason == "sensitive":
            # What was shown must be withdrawn (GLM docs, security audit).
            message.withdraw()
            await message.conclude("refused", notice=sentence_for(PromptRefused(), job.language))
        elif not message.has_text:
            raise ModelAnsweredNothing
        else:
            await message.complete()
            notice = note("length", job.language) if finished.reason == "length" else ""
            await message.conclude("answered", notice=notice)
            await self._remember(job, message.growth.markdown, lease)
        await persistently(
            lambda: self.ledger.add(job.job_id, spec.name, job.user_key, usage), lease, self.clock
        )
        return "refused" if finished.reason == "sensitive" else "answered"

    async def _remember(self, job: AnswerJob, answer: str, lease: Lease) -> None:
        entries = (
            TranscriptEntry(role="user", text=job.message.text, attachments=job.message.attachments),
            TranscriptEntry(role="assistant", text=answer),
        )
        conversation = job.message.conversation
        await persistently(
            lambda: self.transcripts.remember(conversation, job.reply_id, entries), lease, self.clock
        )

    async def _read(
        self, job: AnswerJob, recent: tuple[TranscriptEntry, ...], spec: ModelSpec, platform: Platform
    ) -> Readings:
        readings = Readings({}, {})
        for attachment in job.message.attachments:
            kind = kind_of(attachment)
            if kind == "text":
                data = await platform.attachments.fetch(attachment, max_bytes=MOST_TEXT_BYTES)
                readings.texts[attachment.handle] = self.texts(data, attachment.name)
            else:
                data = await platform.attachments.fetch(attachment, max_bytes=MOST_BYTES)
                readings.pictures[attachment.handle] = await self.pictures.read(data, attachment.name)
        if spec.max_images:
            await self._look_back(recent, readings, spec.max_images, platform)
        return readings

    async def _look_back(
        self, recent: tuple[TranscriptEntry, ...], readings: Readings, most: int, platform: Platform
    ) -> None:
        """Fetch the thread's latest pictures too; one that is gone is simply not there any more."""
        earlier = [one for entry in recent[-LOOKS_BACK:] for one in entry.attachments if is_picture(one)]
        for attachment in reversed(earlier):
            if len(readings.pictures) >= most:
                return
            with contextlib.suppress(MediaError, PlatformError):
                data = await platform.attachments.fetch(attachment, max_bytes=MOST_BYTES)
                readings.pictures[attachment.handle] = await self.pictures.read(data, attachment.name)
