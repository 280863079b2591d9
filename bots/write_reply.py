"""Use case: a question becomes an answer that grows in the thread."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bots.deltas import Finished, Usage
from bots.drafts import Outcome
from bots.errors import ModelAnsweredNothing, PromptRefused, PromptTooLong
from bots.jobs import AnswerJob
from bots.line import StartedJob
from bots.mark_picture import GroundingMarker
from bots.models import ModelSpec
from bots.past import Past
from bots.persisting import persistently
from bots.ports import (
    Catalog,
    ChatModel,
    Clock,
    Lease,
    Platform,
    TranscriptEntry,
    Transcripts,
    UsageLedger,
)
from bots.progress import ProgressiveMessage
from bots.prompt_building import build_prompt
from bots.read_attachments import AttachmentsReader, Readings
from bots.wording import note, sentence_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Reads the question's files, asks the model, shows the answer and remembers it."""

    model: ChatModel
    catalog: Catalog
    files: AttachmentsReader
    marker: GroundingMarker
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
            await message.conclude("answered", pictures=started.checkpoint.pictures)
            await self._remember(job, started.checkpoint.markdown, lease)
            return "answered"
        spec = self.catalog.spec(started.model)
        conversation = job.message.conversation
        recent = await persistently(
            lambda: self.transcripts.recent(conversation, before=job.reply_id), lease, self.clock
        )
        readings = await self.files.read(job, recent, spec, platform)
        await self.clock.sleep(started.wait)
        past = Past(recent)
        finished = await self._ask(job, started, spec, past, readings, message)
        await lease.free_slot()
        await self._forget(job, past.refused_ids, lease)
        return await self._close(_Answered(job, spec, readings, platform), finished, message, lease)

    async def _ask(
        self,
        job: AnswerJob,
        started: StartedJob,
        spec: ModelSpec,
        past: Past,
        readings: Readings,
        message: ProgressiveMessage,
    ) -> Finished:
        while True:
            prompt = build_prompt(job, spec, started.account, past.turns, readings.by_handle)
            try:
                async with self.model.stream(prompt) as deltas:
                    return await message.follow(deltas)
            except (PromptTooLong, PromptRefused) as error:
                # The past may be what is too long or what the filter dislikes; the question alone may pass.
                if message.has_text or not past.narrow(error):
                    raise

    async def _forget(self, job: AnswerJob, exchange_ids: Sequence[str], lease: Lease) -> None:
        if exchange_ids:
            conversation = job.message.conversation
            await persistently(
                lambda: self.transcripts.forget(conversation, exchange_ids), lease, self.clock
            )

    async def _close(
        self, about: "_Answered", finished: Finished, message: ProgressiveMessage, lease: Lease
    ) -> Outcome:
        job, spec = about.job, about.spec
        usage = finished.usage or Usage()
        if finished.reason == "sensitive":
            # What was shown must be withdrawn (GLM docs, security audit).
            message.withdraw()
            await message.conclude("refused", notice=sentence_for(PromptRefused(), job.language))
            # A former answer that was to be written anew would bring the subject back.
            await self._forget(job, (job.reply_id,), lease)
        elif not message.has_text:
            raise ModelAnsweredNothing
        else:
            await message.rest()
            lease.check()
            marked = await self.marker.marked(job, about.readings, message.growth.markdown, about.platform)
            await message.complete(marked)
            notices = about.readings.notices
            notices = [*notices, note("length", job.language)] if finished.reason == "length" else notices
            await message.conclude("answered", notice="\n".join(notices), pictures=marked)
            await self._remember(job, message.growth.markdown, lease)
        await persistently(
            lambda: self.ledger.add(job.job_id, spec.name, job.user_key, usage), lease, self.clock
        )
        return "refused" if finished.reason == "sensitive" else "answered"

    async def _remember(self, job: AnswerJob, answer: str, lease: Lease) -> None:
        entries = (
            TranscriptEntry(
                role="user",
                text=job.message.text,
                attachments=job.message.attachments,
                exchange_id=job.reply_id,
            ),
            TranscriptEntry(role="assistant", text=answer, exchange_id=job.reply_id),
        )
        conversation = job.message.conversation
        await persistently(
            lambda: self.transcripts.remember(conversation, job.reply_id, entries), lease, self.clock
        )


@dataclass(frozen=True, slots=True)
class _Answered:
    job: AnswerJob
    spec: ModelSpec
    readings: Readings
    platform: Platform
