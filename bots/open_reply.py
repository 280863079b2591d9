"""Puts a job in line and gives its reply an early sign of life."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from bots.drafts import Draft, Placement
from bots.errors import LeaseLost, PlatformError, StoreUnavailable
from bots.jobs import Job
from bots.line import Acceptance, Doorbell, JobIntake, StoppedJob
from bots.messages import IncomingMessage
from bots.ports import Clock, Platform
from bots.progress import AFTER, revision_now
from bots.wording import note

log = logging.getLogger(__name__)

EARLY_SECONDS = 0.5  # platforms want their acknowledgement within three seconds, however slow they are


@dataclass(frozen=True, slots=True)
class ReplyOpener:
    """The gateway's own writing: places in line, and replies that need no model."""

    intake: JobIntake
    doorbell: Doorbell
    platforms: Mapping[str, Platform]
    clock: Clock
    # Early replies that are still being shown; a task that nobody holds may vanish.
    _late: set[asyncio.Task[None]] = field(default_factory=set, init=False, compare=False)

    async def open(self, job: Job) -> None:
        """Accept the job once and show its place, soon or a little later; raises StoreUnavailable."""
        acceptance = await self.intake.accept(job)
        await self.doorbell.ring(acceptance.grants)
        if not acceptance.is_new:
            log.info("duplicate", extra={"job": job.job_id})
            return
        told = {"kind": job.kind, "model": job.route[0], "place": acceptance.place.position}
        log.info("accepted", extra={"job": job.job_id, **told})
        showing = asyncio.create_task(self._show_place(job, acceptance))
        self._late.add(showing)
        showing.add_done_callback(self._late.discard)
        await asyncio.wait({showing}, timeout=EARLY_SECONDS)

    async def say(
        self, message: IncomingMessage, sentence: str, *, is_failure: bool, reply_id: str = ""
    ) -> None:
        """Reply in our own words; under another ``reply_id`` where the message has its reply already."""
        if is_failure:
            draft = Draft(notice=sentence, outcome="failed", is_final=True, revision=1)
        else:
            draft = Draft(markdown=sentence, outcome="answered", is_final=True, revision=1)
        placement = Placement(reply_id=reply_id or message.action_id, fence=0)
        writer = self.platforms[message.conversation.platform].writer
        await self._show(writer.post(message.conversation, draft, placement), message.action_id)

    async def conclude_waiting(self, stopped: StoppedJob) -> None:
        """Show that a job was stopped before its turn came."""
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

    async def _show_place(self, job: Job, acceptance: Acceptance) -> None:
        """Open the reply at once; a worker that is already at it has a higher fence and wins."""
        revision = revision_now(job, self.clock)
        draft = Draft(place=acceptance.place, buttons=("stop",), model=job.route[0], revision=revision)
        placement = Placement(reply_id=job.reply_id, fence=acceptance.token)
        writer = self.platforms[job.message.conversation.platform].writer
        # A reply that is written anew loses its old text at once; a new one is opened.
        write = writer.post if job.job_id == job.reply_id else writer.edit
        try:
            await self._show(write(job.message.conversation, draft, placement), job.job_id)
        except StoreUnavailable:
            log.warning("early reply not shown: redis is away", extra={"job": job.job_id})

    async def _show(self, write: Awaitable[Placement], job_id: str) -> None:
        try:
            await write
        except LeaseLost:
            log.debug("a worker was quicker", extra={"job": job_id})
        except PlatformError as error:
            # The job is safe in line and its worker opens the reply; only the early sign of life is missing.
            log.warning("early reply not shown", extra={"job": job_id, "error": type(error).__name__})
