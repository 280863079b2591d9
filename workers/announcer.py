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
AT_ONCE = 20  # edits in flight


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
        moved = [
            job_id
            for job_id, place in places.items()
            if job_id not in self._shown or self._shown[job_id].position != place.position
        ]
        self._shown = places
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
        async with gate:
            try:
                writer = self.platforms[job.message.conversation.platform].writer
                write = writer.edit if former else writer.post
                await write(job.message.conversation, draft, placement)
            except BotError as error:
                # A worker has begun meanwhile, or the platform is away: the next change is told again.
                log.debug("place not shown", extra={"job": job.job_id, "error": type(error).__name__})
