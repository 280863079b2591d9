"""Use case: what a platform tells us becomes a job in line, or is dealt with at once."""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bots.bot import Asked, Bot
from bots.drafts import Draft, Placement
from bots.errors import BotError, LeaseLost, PlatformError, StoreUnavailable
from bots.events import BotEvent, ButtonPressed, MessageSent
from bots.jobs import Job
from bots.line import Acceptance, Doorbell, JobIntake, StoppedJob
from bots.messages import IncomingMessage, language_of
from bots.ports import Clock, Platform, Transcripts
from bots.progress import AFTER, revision_now
from bots.wording import note, sentence_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventHandler:
    """Decides what an event means; when it returns, the event may be acknowledged."""

    bots: Sequence[Bot]
    intake: JobIntake
    doorbell: Doorbell
    transcripts: Transcripts
    platforms: Mapping[str, Platform]
    clock: Clock

    async def handle(self, event: BotEvent) -> None:
        """Accept, stop or regenerate; raises StoreUnavailable, on which nothing may be acknowledged."""
        match event:
            case MessageSent(message=message):
                await self._answer(message)
            case ButtonPressed():
                await self._press(event)
            case _ as unreachable:
                assert_never(unreachable)

    async def _press(self, event: ButtonPressed) -> None:
        match event.action:
            case "stop":
                await self._stop(event.reply_id)
            case "regenerate":
                await self._regenerate(event)
            case "like" | "dislike" as opinion:
                log.info("feedback", extra={"job": event.reply_id, "opinion": opinion})
            case _ as unreachable:
                assert_never(unreachable)

    async def _answer(self, message: IncomingMessage) -> None:
        language = language_of(message.text, message.sender.locale)
        recent = await self.transcripts.recent(message.conversation)
        asked = Asked(message, language, recent, self.clock.now())
        try:
            job = next(job for bot in self.bots if (job := bot.job_for(asked)))
        except StoreUnavailable:
            raise
        except BotError as error:
            log.info("question refused", extra={"job": message.action_id, "error": type(error).__name__})
            await self._say(message, sentence_for(error, language))
            return
        await self._enqueue(job)

    async def _enqueue(self, job: Job) -> None:
        acceptance = await self.intake.accept(job)
        await self.doorbell.ring(acceptance.grants)
        if not acceptance.is_new:
            log.info("duplicate", extra={"job": job.job_id})
            return
        log.info(
            "accepted",
            extra={
                "job": job.job_id,
                "kind": job.kind,
                "model": job.route[0],
                "place": acceptance.place.position,
            },
        )
        await self._show_place(job, acceptance)

    async def _show_place(self, job: Job, acceptance: Acceptance) -> None:
        """Open the reply at once; a worker that is already at it has a higher fence and wins."""
        revision = revision_now(job, self.clock)
        draft = Draft(place=acceptance.place, buttons=("stop",), model=job.route[0], revision=revision)
        placement = Placement(reply_id=job.reply_id, fence=acceptance.token)
        writer = self.platforms[job.message.conversation.platform].writer
        # A reply that is written anew loses its old text at once; a new one is opened.
        write = writer.post if job.job_id == job.reply_id else writer.edit
        await self._show(write(job.message.conversation, draft, placement), job.job_id)

    async def _stop(self, reply_id: str) -> None:
        stopped = await self.intake.stop(reply_id)
        if stopped is None or not stopped.was_waiting:
            return  # a running job's worker sees the flag and writes the end itself
        await self._conclude_waiting(stopped)

    async def _conclude_waiting(self, stopped: StoppedJob) -> None:
        job, former = stopped.job, stopped.checkpoint.placement
        placement = Placement(
            reply_id=job.reply_id,
            fence=stopped.token,
            handle=former.handle if former else {},
            revision=former.revision if former else 0,
        )
        draft = Draft(
            markdown=stopped.checkpoint.markdown,
            notice=note("stopped", job.language),
            outcome="stopped",
            is_final=True,
            buttons=AFTER,
            revision=max(placement.revision, revision_now(job, self.clock)) + 1,
        )
        writer = self.platforms[job.message.conversation.platform].writer
        await self._show(writer.edit(job.message.conversation, draft, placement), job.job_id)

    async def _regenerate(self, event: ButtonPressed) -> None:
        former = await self.intake.find(event.reply_id)
        if former is None:
            log.info("nothing to regenerate", extra={"job": event.reply_id})
            return
        await self.intake.stop(event.reply_id)
        update = {"job_id": f"{event.reply_id}~{event.press_id}", "created_at": self.clock.now()}
        await self._enqueue(former.model_copy(update=update))

    async def _say(self, message: IncomingMessage, sentence: str) -> None:
        draft = Draft(notice=sentence, outcome="failed", is_final=True, revision=1)
        placement = Placement(reply_id=message.action_id, fence=0)
        writer = self.platforms[message.conversation.platform].writer
        await self._show(writer.post(message.conversation, draft, placement), message.action_id)

    async def _show(self, write: Awaitable[Placement], job_id: str) -> None:
        try:
            await write
        except (PlatformError, LeaseLost) as error:
            # The job is safe in line and its worker opens the reply; only the early sign of life is missing.
            log.warning("early reply not shown", extra={"job": job_id, "error": type(error).__name__})
