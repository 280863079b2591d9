"""The highest rung: Slack's own streamed message (Slack docs, chat.startStream, appendStream, stopStream)."""

from dataclasses import dataclass

from adapters.platforms.slack import blocks
from adapters.platforms.slack.budget import APPEND, START, STOP
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import Json
from adapters.platforms.slack.formatting import closed
from adapters.platforms.slack.formatting_inline import without_pings
from adapters.platforms.slack.layout import MAX_BYTES, chunk_at, head_at
from adapters.platforms.slack.refusals import ContentRefused, StreamEnded, StreamStopped
from adapters.platforms.slack.replies import Opening, Part, ReplyStore, digest
from adapters.platforms.slack.scene import Scene
from adapters.platforms.slack.wording import phrase
from bots.errors import (
    PlatformDenied,
    PlatformError,
    PlatformOutcomeUnknown,
    PlatformRateLimited,
    StoreUnavailable,
)

MAX_SECONDS = 240.0  # a stream dies about five minutes after its start (python-slack-sdk#1859)
MAX_THOUGHT = 240  # characters; a task's fields are documented with 256
THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class Streamer:
    """Appends to streamed messages; what may have been appended twice is given to the rung below."""

    calls: PacedCalls
    store: ReplyStore
    process: str

    async def open(self, scene: Scene) -> bool:
        """Start a stream with what there is; False when it cannot be one."""
        place, asker, number = scene.place, scene.record.asker, len(scene.record.parts)
        is_direct = place.channel_id.startswith("D")
        if place.thread_id is None or not (is_direct or asker):
            return False
        holder = f"{scene.reply_id}/{number}"
        if not await self._has_budget(scene, holder):
            return False
        chunk = chunk_at(scene.text, scene.record.end)
        chunks = [*self._thinking(scene), *_texts(chunk.head + chunk.body)]
        arguments: Json = {"channel": place.channel_id, "thread_ts": place.thread_id, "chunks": chunks}
        if asker is not None:
            arguments |= {"recipient_team_id": asker.team_id, "recipient_user_id": asker.user_id}
        began = self.calls.clock.now().timestamp()
        await scene.turn.note(
            rung="stream", opening=Opening(number=number, kind="stream", begun_at=began, end=chunk.end)
        )
        try:
            answer = await self.calls.client.call(place.tenant_id, START, arguments)
        except PlatformOutcomeUnknown:
            raise  # it may be there: the opening stays, and the next write looks for it
        except (PlatformError, StoreUnavailable) as error:
            await self.calls.budget.release(place.tenant_id, STOP, holder)
            await scene.turn.note(opening=None)
            if isinstance(error, PlatformRateLimited):
                await self.calls.budget.block(place.tenant_id, START, error.retry_after or 1.0)
            if isinstance(error, PlatformRateLimited | PlatformDenied):
                return False
            raise
        ts = str(answer["ts"])
        await self.store.own(place, ts, scene.reply_id)
        size = _weight(chunks)
        part = Part(
            ts=ts, kind="stream", start=chunk.start, end=chunk.end, opened_at=began, size=size
        )  # fmt: skip
        await scene.turn.note(
            parts=(*scene.record.parts, part), opening=None, shown=digest(scene.text[: chunk.end]),
            thinking=_thinking_after(scene), writer=self.process,
        )  # fmt: skip
        return True

    async def grow(self, scene: Scene) -> bool:
        """Append what is new; False when this message must be gone on with by the rung below."""
        number = len(scene.record.parts) - 1
        part = scene.record.parts[number]
        new = scene.text[part.end :]
        age = self.calls.clock.now().timestamp() - part.opened_at
        if age > MAX_SECONDS or part.size + len(new.encode()) > MAX_BYTES:
            return await self._roll(scene)
        chunks = [*self._thinking(scene), *_texts(new)]
        if not chunks:
            return True
        place = scene.place
        arguments = {"channel": place.channel_id, "ts": part.ts, "chunks": chunks}
        try:
            await self.calls.offer(place, APPEND, arguments, scene.reply_id)
        except StreamStopped:
            await scene.turn.note(is_stopped=True)
            return True
        except (StreamEnded, ContentRefused):
            await self._ended(scene, number)
            return False
        except PlatformOutcomeUnknown:
            # Appending again might say it twice; the rung below writes the whole message anew.
            await scene.turn.note(writer="")
            raise
        changed = scene.record.with_part(number, end=len(scene.text), size=part.size + _weight(chunks))
        await scene.turn.note(
            parts=changed.parts, shown=digest(scene.text), thinking=_thinking_after(scene)
        )  # fmt: skip
        return True

    async def conclude(self, scene: Scene) -> bool:
        """Stop the stream with the last words and the buttons; False when the rung below must finish."""
        number = len(scene.record.parts) - 1
        part = scene.record.parts[number]
        new = scene.text[part.end :]
        if part.size + len(new.encode()) > MAX_BYTES:
            await self._stop_full(scene)
            return False  # the rest is posted
        tail = blocks.ending(scene.draft, scene.reply_id, scene.language)
        chunks = [*self._thinking(scene), *_texts(new)]
        if not await self._stop(scene, number, chunks, tail):
            return False
        changed = scene.record.with_part(number, end=len(scene.text), is_closed=True)
        await scene.turn.note(parts=changed.parts, shown=digest(scene.text))
        return True

    async def abandon(self, scene: Scene) -> None:
        """End the stream as it stands, so that its message can be updated."""
        number = len(scene.record.parts) - 1
        await self._stop(scene, number, [], [])
        changed = scene.record.with_part(number, kind="edit", is_closed=False)
        await scene.turn.note(parts=changed.parts, rung="edit", writer="")

    async def _roll(self, scene: Scene) -> bool:
        """Close a full or old message and go on in a new one."""
        if not await self._stop_full(scene):
            return False
        return scene.record.end >= len(scene.text) or await self.open(scene)

    async def _stop_full(self, scene: Scene) -> bool:
        number = len(scene.record.parts) - 1
        part = scene.record.parts[number]
        chunk = chunk_at(scene.text, part.end, room=max(1, MAX_BYTES - part.size))
        end = self._cut(scene, part, chunk.end)
        shown = head_at(scene.text, part.start) + scene.text[part.start : end]
        closing = closed(shown).removeprefix(shown)
        chunks = _texts(scene.text[part.end : end] + closing)
        if not await self._stop(scene, number, chunks, []):
            return False
        changed = scene.record.with_part(number, end=end, is_closed=True)
        await scene.turn.note(parts=changed.parts, shown=digest(scene.text[:end]))
        return True

    @staticmethod
    def _cut(scene: Scene, part: Part, fitting: int) -> int:
        """Choose where a message ends: at the end of a line, if it is not the text's own end."""
        if part.size >= MAX_BYTES:
            return part.end
        if fitting < len(scene.text) or scene.draft.is_final:
            return fitting
        line_end = scene.text.rfind("\n", part.end, fitting)
        return fitting if line_end < 0 else line_end + 1

    async def _stop(self, scene: Scene, number: int, chunks: list[Json], tail: list[blocks.Block]) -> bool:
        """Stop a stream; False when it had ended by itself, or nobody knows."""
        part = scene.record.parts[number]
        arguments: Json = {"channel": scene.place.channel_id, "ts": part.ts}
        if chunks:
            arguments["chunks"] = chunks
        if tail:
            arguments |= {"blocks": tail, "metadata": scene.metadata(number)}
        holder = f"{scene.reply_id}/{number}"
        try:
            await self.calls.insist(scene.place, STOP, arguments, holder)
        except (StreamEnded, ContentRefused):
            await self._ended(scene, number)
            return False
        except PlatformOutcomeUnknown:
            await scene.turn.note(writer="")
            raise
        return True

    async def _ended(self, scene: Scene, number: int) -> None:
        """Note that a message is no stream any more; from now on it is updated."""
        holder = f"{scene.reply_id}/{number}"
        await self.calls.budget.release(scene.place.tenant_id, STOP, holder)
        await scene.turn.note(parts=scene.record.with_part(number, kind="edit").parts, rung="edit")

    async def _has_budget(self, scene: Scene, holder: str) -> bool:
        """Take the start, and hold the stop that will be needed for it."""
        budget, tenant_id = self.calls.budget, scene.place.tenant_id
        if not await budget.hold(tenant_id, STOP, holder):
            return False
        if await budget.take(tenant_id, START):
            await budget.release(tenant_id, STOP, holder)
            return False
        return True

    def _thinking(self, scene: Scene) -> list[Json]:
        """Give the task that stands for the model's thinking, where its state changes."""
        after = _thinking_after(scene)
        if after == scene.record.thinking:
            return []
        task: Json = {"type": "task_update", "id": THINKING}
        if after == "open":
            return [{**task, "title": phrase("thinking", scene.language), "status": "in_progress"}]
        details = without_pings(" ".join(scene.draft.reasoning.split()))[:MAX_THOUGHT]
        return [
            {**task, "title": phrase("thought", scene.language), "status": "complete", "details": details}
        ]


def _thinking_after(scene: Scene) -> str:
    if not scene.draft.reasoning:
        return scene.record.thinking
    return "done" if scene.text or scene.draft.is_final else scene.record.thinking or "open"


def _texts(text: str) -> list[Json]:
    return [{"type": "markdown_text", "text": text}] if text else []


def _weight(chunks: list[Json]) -> int:
    """Weigh what was streamed as Slack seems to: a task's details count twice (openclaw#143882)."""
    plain = sum(len(str(chunk.get(name, "")).encode()) for chunk in chunks for name in ("text", "title"))
    return plain + sum(2 * len(str(chunk.get("details", "")).encode()) for chunk in chunks)
