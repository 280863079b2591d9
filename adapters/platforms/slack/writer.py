"""The writing side of Slack: each reply on the rung that the budget allows, stepping down and never up."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.budget import STOP, UPDATE
from adapters.platforms.slack.finding import Finder
from adapters.platforms.slack.posting import Poster
from adapters.platforms.slack.replies import ReplyStore, digest
from adapters.platforms.slack.scene import Scene
from adapters.platforms.slack.statuses import ThreadStatuses
from adapters.platforms.slack.streaming import Streamer
from adapters.platforms.slack.wording import phrase, status_of
from bots.drafts import Draft, EditLimits, Placement
from bots.errors import (
    LeaseLost,
    MessageNotEditable,
    PlatformDenied,
    PlatformOutcomeUnknown,
    PlatformUnavailable,
    StoreUnavailable,
)
from bots.messages import Conversation

log = logging.getLogger(__name__)

LIMITS = EditLimits(min_interval=0.7)  # appends beyond the tier's pace would only be refused by the budget


@dataclass(frozen=True, slots=True)
class SlackWriter:
    """Implements MessageWriter; a message's place is in Redis, found by the reply's id."""

    store: ReplyStore
    askers: Askers
    statuses: ThreadStatuses
    streamer: Streamer
    poster: Poster
    finder: Finder
    process: str

    @property
    def limits(self) -> EditLimits:
        """Tell how often a message may be edited; a long text goes on in further messages."""
        return LIMITS

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Open the reply or take it up: until there are words it is a status under the thread.

        Raises PlatformError, LeaseLost.
        """
        return await self._write(conversation, draft, placement, is_taking_up=True)

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Show the whole draft; a late one is left aside. Raises PlatformError, LeaseLost."""
        return await self._write(conversation, draft, placement, is_taking_up=False)

    async def _write(
        self, place: Conversation, draft: Draft, placement: Placement, *, is_taking_up: bool
    ) -> Placement:
        turn = await self.store.begin(draft, placement)
        if isinstance(turn, int):
            return placement.model_copy(update={"revision": turn})
        scene = Scene.of(place, draft, turn)
        try:
            await self._show(scene, is_taking_up=is_taking_up)
            await turn.finish()
        except PlatformOutcomeUnknown as error:
            raise PlatformUnavailable(error.detail, retry_after=error.retry_after) from error
        except PlatformDenied as error:
            # Nobody may write here (any more): trying again would change nothing.
            log.warning("slack does not let us write", extra={"job": scene.reply_id, "error": error.detail})
            await self._give_back(scene)
            raise MessageNotEditable(error.detail) from error
        except MessageNotEditable:
            await self._give_back(scene)
            raise
        except StoreUnavailable as error:
            raise PlatformUnavailable(error.detail) from error
        finally:
            with suppress(LeaseLost, PlatformUnavailable):
                await turn.leave()
        parts = scene.record.parts
        handle: dict[str, str | int] = {"ts": parts[-1].ts, "rung": scene.record.rung or ""} if parts else {}
        return placement.model_copy(update={"handle": handle, "revision": draft.revision})

    async def _show(self, scene: Scene, *, is_taking_up: bool) -> None:
        draft = scene.draft
        await self._meet_asker(scene)
        await self.finder.resolve(scene)
        if draft.is_final:
            await self._conclude(scene)
        elif draft.place is not None or not (draft.markdown or draft.reasoning):
            await self._wait(scene, is_taking_up=is_taking_up)
        elif scene.record.parts:
            await self._grow(scene)
        elif scene.text or draft.reasoning:
            await self._open(scene)

    async def _wait(self, scene: Scene, *, is_taking_up: bool) -> None:
        """Say what the reply waits for; a reply that is written anew loses its old text first."""
        record, draft = scene.record, scene.draft
        must_clear = not is_taking_up and not (draft.markdown or draft.reasoning) and record.has_content
        if must_clear and record.parts:
            await self._let_go(scene)
            await self.poster.clear(scene)
        await self._say(scene, status_of(draft, scene.language))

    async def _open(self, scene: Scene) -> None:
        await self.statuses.settle(scene.place)
        rung = scene.record.rung or "stream"
        if rung == "stream" and await self.streamer.open(scene):
            await self.statuses.forget(scene.place)
            return
        if rung != "post" and await self.poster.open(scene):
            await self.statuses.forget(scene.place)
            return
        await self._say(scene, phrase("writing", scene.language))
        if rung != "post":
            await scene.turn.note(rung="post")

    async def _grow(self, scene: Scene) -> None:
        if scene.record.is_stopped or scene.record.rung == "post":
            return  # the reader wants no more, or the rest comes at the end
        if scene.record.parts[-1].kind == "stream":
            if self._is_ours(scene) and not scene.record.parts[-1].is_closed:
                if await self.streamer.grow(scene):
                    return
                if scene.record.parts[-1].is_closed:
                    await scene.turn.note(rung="edit")  # the next message is no stream
            await self._let_go(scene)
        if not scene.is_continuation or scene.record.concluded:
            await self.poster.realign(scene)
        await self.poster.grow(scene)

    async def _conclude(self, scene: Scene) -> None:
        state = _state_of(scene.draft)
        if scene.record.concluded != state:
            await self._finish(scene)
        if scene.record.status:
            await self.statuses.clear(scene.place)
        await scene.turn.note(concluded=state, status="")

    async def _finish(self, scene: Scene) -> None:
        parts = scene.record.parts
        is_open = bool(parts) and parts[-1].kind == "stream" and not parts[-1].is_closed
        if is_open and self._is_ours(scene) and await self.streamer.conclude(scene):
            return
        await self.statuses.settle(scene.place)
        await self._let_go(scene)
        if parts and (not scene.is_continuation or scene.record.concluded):
            await self.poster.realign(scene)
        await self.poster.conclude(scene)
        # Where everything was posted, the update that was set aside is free for others.
        await self.poster.calls.budget.release(scene.place.tenant_id, UPDATE, scene.reply_id)

    async def _let_go(self, scene: Scene) -> None:
        """Give a stream that is still open to the rung below."""
        parts = scene.record.parts
        if parts and parts[-1].kind == "stream" and not parts[-1].is_closed:
            await self.streamer.abandon(scene)

    def _is_ours(self, scene: Scene) -> bool:
        """Tell whether all that the messages show was surely written by this process, and goes on."""
        return scene.record.writer == self.process and scene.is_continuation

    async def _say(self, scene: Scene, words: str) -> None:
        if scene.record.status == words:
            return
        await self.statuses.show(scene.place, words)
        await scene.turn.note(status=words)

    async def _meet_asker(self, scene: Scene) -> None:
        if not scene.record.is_asker_known:
            asker = await self.askers.who_asked(scene.reply_id)
            scene.turn.record = scene.record.model_copy(update={"asker": asker, "is_asker_known": True})

    async def _give_back(self, scene: Scene) -> None:
        """Let others have what was held for a message that is gone."""
        with suppress(StoreUnavailable):
            budget, tenant_id = self.poster.calls.budget, scene.place.tenant_id
            await budget.release(tenant_id, UPDATE, scene.reply_id)
            for number in range(len(scene.record.parts) + 1):
                await budget.release(tenant_id, STOP, f"{scene.reply_id}/{number}")


def _state_of(draft: Draft) -> str:
    """Name everything that a final draft shows."""
    return digest(draft.model_dump_json(exclude={"revision", "reasoning", "place"}))
