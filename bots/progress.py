"""A message that grows: from a model's deltas to paced edits of one reply."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from bots.deltas import Delta, Finished, ReasoningDelta, Restarted, TextDelta, ToolCallDelta
from bots.drafts import Button, Checkpoint, Draft, Outcome, Place, Placement, ShownPicture
from bots.errors import MessageNotEditable, ModelStreamBroken, PlatformError, StoreUnavailable
from bots.jobs import Job
from bots.line import StartedJob
from bots.ports import Clock, Lease, MessageWriter, Meter

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0  # seconds between tries of an edit that must get through
AFTER: tuple[Button, ...] = ("regenerate", "like", "dislike")


@dataclass(frozen=True, slots=True)
class Growth:
    """What the model has said so far."""

    markdown: str = ""
    reasoning: str = ""

    def plus(self, delta: Delta) -> "Growth":
        """Add a piece; a restart begins with nothing."""
        match delta:
            case TextDelta(text):
                return replace(self, markdown=self.markdown + text)
            case ReasoningDelta(text):
                return replace(self, reasoning=self.reasoning + text)
            case Restarted():
                return Growth()
            case ToolCallDelta() | Finished():
                return self


def revision_now(job: Job, clock: Clock) -> int:
    """Number a draft by the tenths of a second since the question was asked.

    So the number exceeds every earlier one whoever wrote that: a worker that takes over from a dead one, or
    writes the reply anew, starts above it without knowing where that had got to.
    """
    age = clock.now() - job.message.sent_at
    return max(0, int(age.total_seconds() * 10))


class ProgressiveMessage:
    """One reply on one platform, written under a lease.

    Edits are paced by the platform's own interval, and a pause of the model shows what came before it. A
    reply that a dead worker began keeps its text until the new one is longer.
    """

    def __init__(
        self, started: StartedJob, writer: MessageWriter, lease: Lease, clock: Clock, meter: Meter
    ) -> None:
        self._job = started.job
        self._conversation = started.job.message.conversation
        self._model = started.model
        self._writer = writer
        self._lease = lease
        self._clock = clock
        self._meter = meter
        self._began_at = clock.monotonic()
        self._has_shown_text = False
        self._is_open = False
        former = started.checkpoint.placement
        self._placement = Placement(
            reply_id=started.job.reply_id,
            fence=started.token,
            handle=former.handle if former else {},
            revision=max(former.revision if former else 0, revision_now(started.job, clock)),
        )
        self._kept = Growth(started.checkpoint.markdown, started.checkpoint.reasoning)
        self.growth = Growth()
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()
        self._pacer: asyncio.Task[None] | None = None
        self._saved_at = float("-inf")

    async def open(self) -> None:
        """Show that the work has begun: place 0, and whatever a former worker had shown."""
        await self._insist(self._draft(place=Place(position=0)), is_opening=True)

    async def follow(self, deltas: AsyncIterator[Delta]) -> Finished:
        """Show deltas as they come; raises ModelStreamBroken if they end without Finished.

        Returns at the model's last word, which need not be shown yet: so the slot is free a little sooner.
        """
        if self._pacer is None:
            self._pacer = asyncio.create_task(self._pace())
        async for delta in deltas:
            if self._pacer.done():
                self._pacer.result()  # the lease is lost: stop reading
            self.growth = self.growth.plus(delta)
            if isinstance(delta, Finished):
                return delta
            if self._changed.is_set():
                self._meter.edits_merged(1)
            self._changed.set()
        raise ModelStreamBroken

    async def rest(self) -> None:
        """Make no more edits by itself."""
        if self._pacer is None:
            return
        # Not in the middle of an edit: it would cost the connection, and the outcome were unknown.
        async with self._writing:
            self._pacer.cancel()
        await asyncio.gather(self._pacer, return_exceptions=True)
        self._pacer = None

    async def complete(self, pictures: tuple[ShownPicture, ...] = ()) -> None:
        """Remember that the model's part is done, so that nobody pays for it again."""
        await self.rest()
        self._kept = Growth()
        await self._save(is_complete=True, pictures=pictures)

    async def conclude(
        self, outcome: Outcome, *, notice: str = "", pictures: tuple[ShownPicture, ...] = ()
    ) -> None:
        """Make the final edit and see it through; raises LeaseLost."""
        await self.rest()
        draft = self._draft(notice=notice, outcome=outcome, pictures=pictures, is_final=True)
        await self._insist(draft)

    async def wait_in_line(self, notice: str) -> None:
        """Show why the work goes back into the line."""
        await self.rest()
        await self._insist(self._draft(notice=notice))
        await self._save(is_complete=False)

    def withdraw(self) -> None:
        """Take back what was shown."""
        self.growth = self._kept = Growth()

    @property
    def has_text(self) -> bool:
        """Tell whether this worker has shown any of the answer."""
        return bool(self.growth.markdown)

    async def _pace(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            pause = self._writer.limits.min_interval
            try:
                async with self._writing:
                    await self._show(self._draft(buttons=("stop",)))
                    if self._clock.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
                        await self._save(is_complete=False)
            except (PlatformError, StoreUnavailable) as error:
                # An edit between is only a courtesy: the next one shows the same and more.
                pause = max(pause, error.retry_after or FIRST_PAUSE)
                self._changed.set()
            await self._clock.sleep(pause)

    async def _insist(self, draft: Draft, *, is_opening: bool = False) -> None:
        """Write until it stands: an opening or a final edit may be late but not missing."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._writing:
                    if is_opening and self._is_open:
                        return  # an opening that had to wait would take back the text shown meanwhile
                    await self._show(draft)
            except MessageNotEditable:
                log.warning("reply is gone", extra={"job": self._job.job_id})
                return
            except (PlatformError, StoreUnavailable) as error:
                if not error.is_transient:
                    raise
                await self._clock.sleep(error.retry_after or pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return

    async def _show(self, draft: Draft) -> None:
        self._lease.check()
        revision = max(self._placement.revision + 1, revision_now(self._job, self._clock))
        draft = draft.model_copy(update={"revision": revision})
        write = self._writer.edit if self._is_open else self._writer.post
        placed = await write(self._conversation, draft, self._placement)
        self._placement = placed.model_copy(update={"revision": revision})
        self._is_open = True
        if not self._has_shown_text and (self.growth.markdown or self.growth.reasoning):
            self._has_shown_text = True
            self._meter.first_text_visible(self._clock.monotonic() - self._began_at)

    async def _save(self, *, is_complete: bool, pictures: tuple[ShownPicture, ...] = ()) -> None:
        shown = self._visible()
        self._saved_at = self._clock.monotonic()
        checkpoint = Checkpoint(
            placement=self._placement,
            markdown=shown.markdown,
            reasoning=shown.reasoning,
            pictures=pictures,
            is_complete=is_complete,
            model=self._model,
        )
        try:
            await self._lease.save(checkpoint)
        except StoreUnavailable:
            log.warning("checkpoint not saved", extra={"job": self._job.job_id})

    def _visible(self) -> Growth:
        """Keep the dead worker's text until ours is longer: a reader's text never shrinks on a resume."""
        if self.growth.markdown and len(self.growth.markdown) >= len(self._kept.markdown):
            self._kept = Growth()
        return self._kept if self._kept.markdown else self.growth

    def _draft(
        self,
        *,
        notice: str = "",
        outcome: Outcome | None = None,
        place: Place | None = None,
        pictures: tuple[ShownPicture, ...] = (),
        buttons: tuple[Button, ...] = ("stop",),
        is_final: bool = False,
    ) -> Draft:
        shown = self.growth if is_final and self.growth.markdown else self._visible()
        return Draft(
            markdown=shown.markdown,
            reasoning=shown.reasoning,
            notice=notice,
            outcome=outcome,
            place=place,
            pictures=pictures,
            is_illustrated=bool(pictures and shown.markdown),
            buttons=AFTER if is_final else buttons,
            is_final=is_final,
            model=self._model,
        )
