"""Keeps every waiting reply's place in line true."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bots.drafts import Draft, Place, Placement
from bots.errors import BotError, StoreUnavailable
from bots.line import LineKeeper, WaitingReply
from bots.ports import Clock, Platform
from bots.progress import revision_now

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
AT_ONCE = 10  # edits in flight
PER_TICK = 40  # edits; those at the head of the line come first, the others with the next ticks
NEAR = 10  # up to this place every step is told; behind it only steps of a tenth


@dataclass(slots=True)
class Announcer:
    """Shows places as they change; of all workers, one at a time does it."""

    keeper: LineKeeper
    platforms: Mapping[str, Platform]
    clock: Clock
    is_leader: Callable[[], Awaitable[bool]]
    _shown: dict[str, Place] = field(default_factory=dict)

    async def announce(self) -> None:
        """Announce for ever; while Redis is away, nothing moves and nothing is said."""
        while True:
            try:
                if await self.is_leader():
                    await self._tell_places()
                else:
                    self._shown.clear()
            except StoreUnavailable:
                log.debug("redis is away")
            await self.clock.sleep(TICK_SECONDS)

    async def _tell_places(self) -> None:
        places = {waiting.job_id: waiting.place for waiting in await self.keeper.waiting()}
        self._shown = {job_id: place for job_id, place in self._shown.items() if job_id in places}
        moved = [job_id for job_id, place in places.items() if _has_moved(self._shown.get(job_id), place)]
        moved = sorted(moved, key=lambda job_id: places[job_id].position)[:PER_TICK]
        self._shown |= {job_id: places[job_id] for job_id in moved}
        if not moved:
            return
        gate = asyncio.Semaphore(AT_ONCE)
        replies = await self.keeper.replies(moved)
        await asyncio.gather(*(self._tell(reply, places[reply.job.job_id], gate) for reply in replies))

    async def _tell(self, reply: WaitingReply, place: Place, gate: asyncio.Semaphore) -> None:
        job, former = reply.job, reply.checkpoint.placement
        placement = Placement(
            reply_id=job.reply_id,
            fence=reply.token,
            handle=former.handle if former else {},
            revision=former.revision if former else 0,
        )
        draft = Draft(
            markdown=reply.checkpoint.markdown,
            reasoning=reply.checkpoint.reasoning,
            place=place,
            buttons=("stop",),
            model=job.route[0],
            revision=max(placement.revision + 1, revision_now(job, self.clock)),
        )
        platform = self.platforms.get(job.message.conversation.platform)
        if platform is None:
            return  # it was switched off; the job says so when its turn comes
        writer = platform.writer
        async with gate:
            try:
                write = writer.edit if former else writer.post
                await write(job.message.conversation, draft, placement)
            except BotError as error:
                # A worker has begun meanwhile, or the platform is away: the next change is told again.
                log.debug("place not shown", extra={"job": job.job_id, "error": type(error).__name__})


def _has_moved(shown: Place | None, place: Place) -> bool:
    """Tell whether a reader would notice: the line's end need not be redrawn at every step of its head."""
    if shown is None:
        return True
    step = abs(shown.position - place.position)
    return step > 0 if place.position <= NEAR else step * 10 >= shown.position
