"""The writing side of Lark: one reply is one or more messages that grow (MessageWriter)."""

import contextlib
import logging

from adapters.platforms.lark.budget import frame_interval
from adapters.platforms.lark.cards import CardFace
from adapters.platforms.lark.client import RECALL
from adapters.platforms.lark.errors import (
    CardGone,
    CardRefused,
    CardTooLarge,
    ContentRefused,
    EditsUsedUp,
    OurDefect,
    QuotaUsedUp,
    ScopeMissing,
)
from adapters.platforms.lark.faces import faces_of, has_content, is_prefix_of, superseded, withheld
from adapters.platforms.lark.memory import LarkMemory
from adapters.platforms.lark.pictures import send_pictures
from adapters.platforms.lark.replies import Part, ReplyState, ReplyStore, Rung
from adapters.platforms.lark.sending import LarkApi, Write
from adapters.platforms.lark.settings import FEISHU, LarkSettings
from adapters.platforms.lark.writer_cards import show_card
from adapters.platforms.lark.writer_plain import show_patched, show_post, show_text
from bots.drafts import Draft, EditLimits, Placement
from bots.errors import LeaseLost, PlatformDenied, PlatformError, PlatformOutcomeUnknown, PlatformRateLimited
from bots.messages import Conversation, Language
from bots.ports import Clock

log = logging.getLogger(__name__)

BELOW: dict[Rung, Rung] = {"cardkit": "patch", "patch": "post", "post": "text"}
MOST_TRIES = 6  # of showing one part, each a rung lower or as a new message
PLACES_SLOWER = 4  # times a frame: many wait at once, and all of them move when one is served
SAVING_SECONDS = 30.0  # between looks at a budget that allows no frames
HOPELESS_SECONDS = 10.0  # before a frame is tried again that was refused for good


class LarkWriter:
    """Implements MessageWriter; what a reply consists of is kept in Redis, for whoever goes on."""

    def __init__(
        self, api: LarkApi, store: ReplyStore, memory: LarkMemory, settings: LarkSettings, clock: Clock
    ) -> None:
        self._api = api
        self._store = store
        self._memory = memory
        self._settings = settings
        self._clock = clock
        self._language: Language = "zh" if settings.domain == FEISHU else "en"

    @property
    def limits(self) -> EditLimits:
        """Tell how often a young reply may be edited; older ones are held back by ``edit``."""
        return EditLimits(min_interval=0.7 * self._settings.frame_interval)

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Open the reply, or take it up: text that is already there stays until there is more.

        Raises LeaseLost, PlatformError.
        """
        return await self._write(conversation, draft, placement, is_opening=True)

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Show the whole draft; a late one is left aside.

        Raises LeaseLost, PlatformError; PlatformRateLimited without a call when the next frame is not due.
        """
        return await self._write(conversation, draft, placement, is_opening=False)

    async def _write(
        self, conversation: Conversation, draft: Draft, placement: Placement, *, is_opening: bool
    ) -> Placement:
        is_patient = is_opening or draft.is_final
        claim = await self._store.claim(placement, draft, is_patient=is_patient)
        if isinstance(claim, int):
            return placement.model_copy(update={"revision": claim})
        written = placement.model_copy(update={"revision": draft.revision})
        write = Write(self._api, claim, self._clock, conversation, is_patient)
        try:
            draft = self._prepare(write, draft, is_opening=is_opening)
            if not is_patient:
                self._check_due(claim.state, draft, write.now)
            await self._show(write, draft)
        except (LeaseLost, PlatformError) as error:
            # After a cancellation in the middle of a call the claim ends by itself, when the call surely has.
            with contextlib.suppress(LeaseLost, PlatformError):
                await claim.end(None)
            if isinstance(error, PlatformError):
                _give_pause(error, is_final=draft.is_final)
            raise
        await claim.end(written, is_final=draft.is_final)
        return written

    def _prepare(self, write: Write, draft: Draft, *, is_opening: bool) -> Draft:
        """Work out what is to be seen: a reply that is taken up keeps its text, one written anew loses it."""
        state, kept = write.claim.state, write.claim.state.draft
        if not state.parts:
            write.claim.state = state.model_copy(update={"began_at": write.now})
            return draft
        if draft.is_final:
            return draft
        if kept.is_final and not has_content(draft):
            update = {"generation": state.generation + 1, "began_at": write.now, "draft": Draft()}
            write.claim.state = state.model_copy(update=update)
            return draft
        if is_opening and not has_content(kept):
            write.claim.state = state.model_copy(update={"began_at": write.now})
        if is_opening and has_content(kept) and is_prefix_of(draft, kept):
            shown = {"markdown": kept.markdown, "reasoning": kept.reasoning, "place": None}
            return draft.model_copy(update=shown)
        return draft

    def _check_due(self, state: ReplyState, draft: Draft, now: float) -> None:
        """Let frames with more text wait, and places even longer; a notice is told at once."""
        interval = frame_interval(
            usual=self._settings.frame_interval,
            age=now - state.began_at,
            used=self._api.budget.used,
            monthly=self._settings.monthly_calls,
            now=self._clock.now(),
        )
        detail = "the next frame is not due"
        is_frame = has_content(draft) and has_content(state.draft) and draft.notice == state.draft.notice
        if interval is None and state.parts and (is_frame or draft.place is not None):
            raise PlatformRateLimited(detail, retry_after=SAVING_SECONDS)
        is_place = draft.place is not None and state.draft.place is not None and not has_content(draft)
        left = state.framed_at + (interval or 0) * (PLACES_SLOWER if is_place else 1) - now
        if (is_frame or is_place) and left > 0.02:
            raise PlatformRateLimited(detail, retry_after=left)

    async def _show(self, write: Write, draft: Draft) -> None:
        draft = await self._with_pictures(write, draft)
        state = write.claim.state
        faces = faces_of(draft, write.claim.reply_id, state, now=write.now, default=self._language)
        for index, face in enumerate(faces):
            is_streaming = not draft.is_final and index == len(faces) - 1
            await self._show_part(write, index, face, is_streaming=is_streaming)
        for index in range(len(write.claim.state.parts) - 1, len(faces) - 1, -1):
            await self._retire(write, index, faces[0])
        # A finished answer is not needed any more to go on; what the cards show is known by digest.
        kept = draft.model_copy(update={"markdown": "", "reasoning": ""}) if draft.is_final else draft
        write.claim.state = write.claim.state.model_copy(update={"draft": kept, "framed_at": write.now})

    async def _with_pictures(self, write: Write, draft: Draft) -> Draft:
        """Send pictures as messages of their own, which can be quoted; the card shows the others."""
        if not draft.pictures or not draft.is_final:
            return draft
        left = await send_pictures(write, draft.pictures, self._memory)
        return draft.model_copy(
            update={"pictures": left, "markdown": draft.markdown or draft.pictures[0].alt}
        )

    async def _show_part(self, write: Write, index: int, face: CardFace, *, is_streaming: bool) -> None:
        for _ in range(MOST_TRIES):
            state = write.claim.state
            part = (
                state.parts[index] if index < len(state.parts) else Part(rung=self._first_rung(state, face))
            )
            try:
                await self._show_on(write, index, part, face, is_streaming=is_streaming)
            except EditsUsedUp:
                # Nothing more can be done to this message, so another one takes its place.
                fresh = Part(rung=part.rung, attempt=part.attempt + 1)
                await write.keep(index, fresh)
            except ContentRefused as error:
                if face.answer == "" and not face.thinking:
                    raise
                log.warning("words refused", extra={"job": write.claim.reply_id, "error": str(error)[:300]})
                face = withheld(face)
            except (CardGone, CardRefused, CardTooLarge, OurDefect, ScopeMissing) as error:
                if part.rung not in BELOW:
                    raise
                await self._step_down(write, index, part, error)
            else:
                return
        detail = "no way to show a part of the reply"
        raise PlatformDenied(detail)

    def _first_rung(self, state: ReplyState, face: CardFace) -> Rung:
        """Choose how a message begins: what is final at once needs no streaming, and one call less."""
        if state.rung == "cardkit" and face.is_final and not state.parts:
            return "patch"
        return state.rung

    async def _show_on(
        self, write: Write, index: int, part: Part, face: CardFace, *, is_streaming: bool
    ) -> None:
        match part.rung:
            case "cardkit":
                await show_card(write, index, part, face, is_streaming=is_streaming)
            case "patch":
                await show_patched(write, index, part, face)
            case "post":
                await show_post(write, index, part, face)
            case "text":
                await show_text(write, index, part, face)

    async def _step_down(self, write: Write, index: int, part: Part, error: PlatformError) -> None:
        rung = BELOW[part.rung]
        told = {"job": write.claim.reply_id, "from": part.rung, "to": rung, "error": str(error)[:300]}
        log.warning("a reply steps down", extra=told)
        state = write.claim.state
        known = state.parts[index] if index < len(state.parts) else part
        is_same_message = rung == "patch" and known.message_id
        lower = (
            Part(rung=rung, message_id=known.message_id, card_id=known.card_id, attempt=known.attempt)
            if is_same_message
            else Part(rung=rung, attempt=known.attempt + 1)
        )
        if known.message_id and not is_same_message:
            await self._recall(write, known)
        write.claim.state = state.model_copy(update={"rung": rung})
        await write.keep(index, lower)

    async def _retire(self, write: Write, index: int, like: CardFace) -> None:
        """Take back a message the reply does not need any more."""
        part = write.claim.state.parts[index]
        if part.message_id and not await self._recall(write, part):
            await self._show_part(write, index, superseded(like), is_streaming=False)
        parts = write.claim.state.parts[:index]
        await write.claim.save(write.claim.state.model_copy(update={"parts": parts}))

    async def _recall(self, write: Write, part: Part) -> bool:
        try:
            await write.call(RECALL, RECALL.at(message_id=part.message_id), {})
        except PlatformRateLimited:
            raise
        except PlatformOutcomeUnknown as error:
            raise PlatformRateLimited(str(error), retry_after=1.0) from error
        except PlatformError as error:
            log.info("not recalled", extra={"job": write.claim.reply_id, "error": str(error)[:300]})
            return False
        return True


def _give_pause(error: PlatformError, *, is_final: bool) -> None:
    """Give an error its pause: a frame that is refused for good is not to be tried again at once."""
    if not is_final and isinstance(error, PlatformDenied):
        wait = SAVING_SECONDS if isinstance(error, QuotaUsedUp) else HOPELESS_SECONDS
        error.retry_after = error.retry_after or wait
