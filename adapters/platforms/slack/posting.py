"""The lower rungs: messages that are posted and updated, or posted once at the end."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from adapters.platforms.slack import blocks
from adapters.platforms.slack.budget import DELETE, POST, UPDATE
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import Json
from adapters.platforms.slack.formatting_mrkdwn import to_mrkdwn
from adapters.platforms.slack.layout import Chunk, layout
from adapters.platforms.slack.refusals import ContentRefused, EditRefused
from adapters.platforms.slack.replies import Opening, Part, digest
from adapters.platforms.slack.scene import Scene
from bots.errors import (
    MessageNotEditable,
    PlatformDenied,
    PlatformError,
    PlatformOutcomeUnknown,
    StoreUnavailable,
)

log = logging.getLogger(__name__)

MAX_PLAIN = 3_900  # characters; chat.update refuses more than 4,000 (Slack docs)


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts and updates whole messages; doing so twice leaves what doing it once does."""

    calls: PacedCalls
    process: str

    async def open(self, scene: Scene) -> bool:
        """Post the first message with what there is; False when the budget is for others just now."""
        if not await self.calls.budget.hold(scene.place.tenant_id, UPDATE, scene.reply_id):
            return False
        await scene.turn.note(rung="edit")
        chunks = layout(scene.text)
        await self._post(scene, chunks[0], self._running(scene, is_last=True), must=False)
        return True

    async def grow(self, scene: Scene) -> None:
        """Show more in the last message, and go on in a new one where it is full."""
        chunks = layout(scene.text, scene.record.cuts)
        number = len(scene.record.parts) - 1
        part = scene.record.parts[number]
        is_full = len(chunks) > number + 1
        if not part.is_closed:
            # Where nothing is new, the call would show nothing.
            if scene.is_continuation and chunks[number].end <= part.end and not is_full:
                return
            tail = self._running(scene, is_last=not is_full)
            await self._update(scene, number, chunks[number], tail, must=False)
            await self._note(scene, number, chunks[number], is_closed=is_full)
        if not is_full:
            return
        if not await self.calls.budget.hold(scene.place.tenant_id, UPDATE, scene.reply_id):
            await scene.turn.note(rung="post")  # the rest comes at the end
        else:
            await self._post(scene, chunks[number + 1], self._running(scene, is_last=True), must=False)

    async def conclude(self, scene: Scene) -> None:
        """Bring every message to its last state, and take away those that are left over."""
        chunks = layout(scene.text, scene.record.cuts)
        for number, chunk in enumerate(chunks):
            is_last = number == len(chunks) - 1
            tail = blocks.ending(scene.draft, scene.reply_id, scene.language) if is_last else []
            if number >= len(scene.record.parts):
                await self._post(scene, chunk, tail, must=True)
                continue
            part = scene.record.parts[number]
            if is_last or not (part.is_closed and part.end == chunk.end):
                await self._replace(scene, number, chunk, tail)
        await self._tidy(scene, len(chunks))

    async def clear(self, scene: Scene) -> None:
        """Take the old answer away and say that a new one comes, in the same message."""
        chunk = Chunk(0, 0, "", "")
        await self._update(scene, 0, chunk, self._running(scene, is_last=True), must=False)
        first = scene.record.parts[0].model_copy(
            update={"kind": "edit", "start": 0, "end": 0, "is_closed": False}
        )
        left = tuple(part.ts for part in scene.record.parts[1:])
        await scene.turn.note(
            parts=(first,), shown=digest(""), concluded="", rung="edit", thinking="", is_stopped=False,
            dropped=scene.record.dropped + left, writer=self.process,
        )  # fmt: skip
        await self._tidy(scene, 1)

    async def realign(self, scene: Scene) -> None:
        """Give the messages new places in a text that is another than the one they show."""
        chunks = layout(scene.text)
        parts = tuple(
            part.model_copy(update={"kind": "edit", "start": chunk.start, "end": 0, "is_closed": False})
            for part, chunk in zip(scene.record.parts, chunks, strict=False)
        )
        left = tuple(part.ts for part in scene.record.parts[len(parts) :])
        await scene.turn.note(
            parts=parts, shown="", concluded="", rung="edit", is_stopped=False,
            dropped=scene.record.dropped + left, writer=self.process,
        )  # fmt: skip

    def _running(self, scene: Scene, *, is_last: bool) -> list[blocks.Block]:
        return blocks.running(scene.draft, scene.reply_id, scene.language) if is_last else []

    async def _post(self, scene: Scene, chunk: Chunk, tail: list[blocks.Block], *, must: bool) -> None:
        number = len(scene.record.parts)
        began = self.calls.clock.now().timestamp()
        await scene.turn.note(opening=Opening(number=number, kind="edit", begun_at=began))
        arguments = {
            **self._content(scene, chunk, tail),
            "thread_ts": scene.place.thread_id,
            "metadata": scene.metadata(number),
        }
        try:
            answer = await self._send(scene, POST, arguments, chunk, must=must)
        except PlatformOutcomeUnknown:
            raise  # it may be there: the opening stays, and the next write looks for it
        except (PlatformError, StoreUnavailable):
            await scene.turn.note(opening=None)
            raise
        part = Part(ts=str(answer["ts"]), kind="edit", start=chunk.start, end=chunk.end, opened_at=began)
        await scene.turn.note(
            parts=(*scene.record.parts, part), opening=None, shown=digest(scene.text[: chunk.end]),
            writer=self.process, status="",
        )  # fmt: skip

    async def _replace(self, scene: Scene, number: int, chunk: Chunk, tail: list[blocks.Block]) -> None:
        """Update a message for good; where Slack lets nobody edit any more, its end is posted anew."""
        try:
            await self._update(scene, number, chunk, tail, must=True)
        except EditRefused as error:
            log.warning("message may not be edited, posted anew", extra={"error": error.detail})
            old = scene.record.parts[number].ts
            kept = scene.record.parts[:number]
            await scene.turn.note(parts=kept, dropped=(*scene.record.dropped, old))
            await self._post(scene, chunk, tail, must=True)
            return
        await self._note(scene, number, chunk, is_closed=True)

    async def _update(
        self, scene: Scene, number: int, chunk: Chunk, tail: list[blocks.Block], *, must: bool
    ) -> None:
        arguments = {**self._content(scene, chunk, tail), "ts": scene.record.parts[number].ts}
        await self._send(scene, UPDATE, arguments, chunk, must=must)

    async def _send(self, scene: Scene, method: str, arguments: Json, chunk: Chunk, *, must: bool) -> Json:
        """Make the call; content that Slack refuses is sent as plain text, which is better than nothing."""
        call = self.calls.insist if must else self.calls.offer
        try:
            return await call(scene.place, method, arguments, scene.reply_id)
        except ContentRefused as error:
            told = {"job": scene.reply_id, "error": error.detail}
            log.error("slack refused our blocks", extra=told)  # noqa: TRY400 - the code says it; no traceback
            text = to_mrkdwn(chunk.text, limit=MAX_PLAIN) or arguments["text"]
            return await call(scene.place, method, {**arguments, "text": text, "blocks": []}, scene.reply_id)

    async def _note(self, scene: Scene, number: int, chunk: Chunk, *, is_closed: bool) -> None:
        changed = scene.record.with_part(number, end=chunk.end, is_closed=is_closed)
        shown = digest(scene.text[: changed.end])
        await scene.turn.note(parts=changed.parts, shown=shown, writer=self.process)

    async def _tidy(self, scene: Scene, count: int) -> None:
        """Delete messages that the text no longer needs; one that stays behind is no reason to fail."""
        left = (*scene.record.dropped, *(part.ts for part in scene.record.parts[count:]))
        if not left:
            return
        for ts in left:
            with suppress(MessageNotEditable, PlatformDenied):
                await self.calls.insist(scene.place, DELETE, {"channel": scene.place.channel_id, "ts": ts})
        await scene.turn.note(parts=scene.record.parts[:count], dropped=())

    def _content(self, scene: Scene, chunk: Chunk, tail: list[blocks.Block]) -> Json:
        text = chunk.text
        body = [blocks.markdown(text)] if text.strip() else []
        return {
            "channel": scene.place.channel_id,
            "text": blocks.fallback(text, scene.draft, scene.language),
            "blocks": [*body, *tail],
            # A link that Slack fetches for a preview tells its host what stands in it.
            "unfurl_links": False,
            "unfurl_media": False,
        }
