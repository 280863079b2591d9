"""Use case: whatever a job is, take it to its end; here alone failures are retried or told to the user."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from bots.drafts import Outcome
from bots.errors import (
    BotError,
    JobAbandoned,
    LeaseLost,
    ModelError,
    ModelTimedOut,
    PlatformError,
    StoreUnavailable,
)
from bots.jobs import AnswerJob, ImagineJob
from bots.line import StartedJob
from bots.paint_picture import PicturePainter
from bots.ports import Clock, Lease, Meter, Platform
from bots.progress import ProgressiveMessage
from bots.retrying import Retry, RetryPolicy
from bots.wording import note, sentence_for
from bots.write_reply import AnswerWriter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobPerformer:
    """Performs one job under its lease."""

    platforms: Mapping[str, Platform]
    answers: AnswerWriter
    pictures: PicturePainter
    clock: Clock
    meter: Meter
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    deadline: float = 600.0  # seconds for one try
    max_attempts: int = 3

    async def perform(self, started: StartedJob, lease: Lease) -> Outcome | Retry:
        """Do the work to its visible end; raises LeaseLost, StoreUnavailable."""
        platform = self.platforms.get(started.job.message.conversation.platform)
        if platform is None:
            # It was switched off while the job waited: there is nobody left to tell.
            log.error("no such platform", extra={"job": started.job.job_id})
            return "failed"
        message = self._message(started, lease)
        if started.stop_requested:
            return await self._stopped(started, message)
        if started.attempts >= self.max_attempts and not started.checkpoint.is_complete:
            return await self._failed(started, message, JobAbandoned())
        try:
            async with asyncio.timeout(self.deadline):
                outcome = await self._until_stopped(started, platform, lease, message)
        except TimeoutError:
            return await self._failed(started, message, ModelTimedOut())
        except (LeaseLost, StoreUnavailable):
            raise
        except BotError as error:
            return await self._retry_or_tell(started, lease, message, error)
        return outcome or await self._stopped(started, message)

    async def apologise(self, started: StartedJob, lease: Lease) -> Outcome:
        """Tell the user that a defect of ours ended the work; raises like ``perform``."""
        return await self._failed(started, self._message(started, lease), BotError())

    def _message(self, started: StartedJob, lease: Lease) -> ProgressiveMessage:
        writer = self.platforms[started.job.message.conversation.platform].writer
        return ProgressiveMessage(started, writer, lease, self.clock, self.meter)

    async def _until_stopped(
        self, started: StartedJob, platform: Platform, lease: Lease, message: ProgressiveMessage
    ) -> Outcome | None:
        """Work until it is done or the user pressed Stop (None)."""
        work = asyncio.create_task(self._work(started, platform, lease, message))
        ended = asyncio.create_task(lease.ended())
        # Beside the work, not before it: the model need not wait until the reply is open.
        opening = asyncio.create_task(message.open())
        try:
            await asyncio.wait((work, ended), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            ended.result()
            return None
        finally:
            for task in (work, ended, opening):
                task.cancel()
            await asyncio.gather(work, ended, opening, return_exceptions=True)
            await message.rest()

    async def _work(
        self, started: StartedJob, platform: Platform, lease: Lease, message: ProgressiveMessage
    ) -> Outcome:
        match started.job:
            case AnswerJob() as job:
                return await self.answers.write(job, started, platform, lease, message)
            case ImagineJob() as job:
                return await self.pictures.paint(job, started, platform, lease, message)
            case _ as unreachable:
                assert_never(unreachable)

    async def _retry_or_tell(
        self, started: StartedJob, lease: Lease, message: ProgressiveMessage, error: BotError
    ) -> Outcome | Retry:
        bar = None if message.has_text else self.policy.bar(error)
        if bar is not None and await lease.bar_account(bar.seconds, everywhere=bar.everywhere):
            log.error(
                "account left out",
                extra={"account": started.account, "model": started.model, "error": type(error).__name__},
            )
            return Retry("barred", 0.0)
        if isinstance(error, ModelError) and not message.has_text:
            retry = self.policy.decide(error, started.refusals)
            if retry is not None:
                log.info(
                    "model turned the job away",
                    extra={"job": started.job.job_id, "code": error.code, "pause": round(retry.pause, 1)},
                )
                if retry.reason in ("overloaded", "unavailable"):
                    with contextlib.suppress(PlatformError):  # only a courtesy: the job waits all the same
                        await message.wait_in_line(note("busy", started.job.language))
                return retry
        if isinstance(error, PlatformError):
            log.error("platform refused", extra={"job": started.job.job_id, "error": str(error)})
        return await self._failed(started, message, error)

    async def _failed(self, started: StartedJob, message: ProgressiveMessage, error: BotError) -> Outcome:
        job = started.job
        code = getattr(error, "code", "")
        log.warning("job failed", extra={"job": job.job_id, "error": type(error).__name__, "code": code})
        return await self._conclude(started, message, "failed", sentence_for(error, job.language))

    async def _stopped(self, started: StartedJob, message: ProgressiveMessage) -> Outcome:
        return await self._conclude(started, message, "stopped", note("stopped", started.job.language))

    async def _conclude(
        self, started: StartedJob, message: ProgressiveMessage, outcome: Outcome, notice: str
    ) -> Outcome:
        try:
            await message.conclude(outcome, notice=notice)
        except PlatformError as error:
            # Nowhere left to say it: the job is over all the same, and must not be done again and again.
            log.warning("end not shown", extra={"job": started.job.job_id, "error": type(error).__name__})
        return outcome
