"""What is known of each reply: its cards, how far they are, and who may write to them just now."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.drafts import Draft, Placement
from bots.errors import LeaseLost, PlatformUnavailable
from bots.messages import Record
from bots.ports import Clock

CLAIM_SCRIPT = files("adapters.platforms.lark").joinpath("claim.lua").read_text(encoding="utf-8")
SAVE_SCRIPT = files("adapters.platforms.lark").joinpath("save.lua").read_text(encoding="utf-8")

CLAIM_MS = 12_000  # longer than any one call takes; a killed process's call is over when its claim is
KEEP_SECONDS = 14 * 24 * 3600  # a card can be updated for 14 days (card update docs)
SEQUENCES = 20  # taken at once; gaps are allowed, repetitions are not (CardKit docs)
PATIENCE_SECONDS = 20.0  # for a write that must get through
POLL_SECONDS = 0.05

# From the best to the plainest: a reply steps down, never up.
Rung = Literal["cardkit", "patch", "post", "text"]


class ShownElement(Record):
    """An element as a card shows it, as far as a comparison needs."""

    element_id: str
    frame: str  # digest of everything but the text
    text: str = ""  # digest of the text


class Part(Record):
    """One message of a reply."""

    rung: Rung
    card_id: str = ""
    message_id: str = ""
    attempt: int = 0  # counts the messages that were sent in this place
    armed_at: float = 0.0  # wall time in seconds at which streaming was last switched on
    is_streaming: bool = False
    is_unsure: bool = False  # an answer was lost: nobody knows what the card shows
    elements: tuple[ShownElement, ...] = ()
    digest: str = ""  # of what was sent as a whole
    edits: int = 0


class ReplyState(Record):
    """One reply."""

    rung: Rung = "cardkit"
    generation: int = 0  # counts how often it was written anew
    parts: tuple[Part, ...] = ()
    draft: Draft = Draft()
    began_at: float = 0.0  # wall time in seconds
    framed_at: float = 0.0  # of the last frame
    pictures: tuple[str, ...] = ()  # keys of those that were sent as messages


@dataclass(slots=True)
class Claim:
    """The right to write to one reply; ``state`` is what is known and is kept by ``save``."""

    store: "ReplyStore"
    reply_id: str
    fence: int
    name: str
    state: ReplyState
    _sequence: int
    _sequences_left: int = SEQUENCES
    _held_at: float = field(default=0.0)

    async def next_sequence(self) -> int:
        """Give a number no write to this reply's cards has had; raises LeaseLost, PlatformUnavailable."""
        if self._sequences_left <= 0:
            await self.save(self.state, sequences=SEQUENCES)
        self._sequences_left -= 1
        self._sequence += 1
        return self._sequence - 1

    async def skip_sequences(self) -> None:
        """Go on above numbers somebody else may have used; raises like ``save``."""
        await self.save(self.state, sequences=5 * SEQUENCES)

    async def hold(self) -> None:
        """Keep the claim alive for another call; raises LeaseLost, PlatformUnavailable."""
        if self.store.clock.monotonic() - self._held_at > CLAIM_MS / 1000 / 4:
            await self.save(self.state)

    async def save(self, state: ReplyState, *, sequences: int = 0) -> None:
        """Keep what was done; raises LeaseLost when a higher fence waits, PlatformUnavailable."""
        self.state = state
        first = await self.store.save(self, hold_ms=CLAIM_MS, sequences=sequences)
        self._held_at = self.store.clock.monotonic()
        if sequences:
            # The numbers left of the former block are lower and stay unused.
            self._sequence, self._sequences_left = first, sequences

    async def end(self, placement: Placement | None, *, is_final: bool = False) -> None:
        """Let go; ``placement`` with its revision when the draft stands. Raises PlatformUnavailable."""
        revision = -1 if placement is None else placement.revision
        await self.store.save(self, hold_ms=0, revision=revision, is_final=is_final)


class ReplyStore:
    """Keeps replies in Redis, one hash each."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self.clock = clock
        self._claim = redis.register_script(CLAIM_SCRIPT)
        self._save = redis.register_script(SAVE_SCRIPT)

    async def claim(self, placement: Placement, draft: Draft, *, is_patient: bool) -> Claim | int:
        """Take a reply for one write; gives the stored revision instead when this draft comes late.

        Raises LeaseLost when a higher fence has written, PlatformUnavailable when others are at it too long.
        """
        name = secrets.token_hex(8)
        deadline = self.clock.monotonic() + (PATIENCE_SECONDS if is_patient else 0.5)
        arguments: list[str | int] = [
            placement.fence, draft.revision, int(draft.is_final), name, CLAIM_MS, KEEP_SECONDS, SEQUENCES,
        ]  # fmt: skip
        while True:
            with reaching_redis():
                outcome, state, first, revision, is_abandoned = await self._claim(
                    keys=[_key(placement.reply_id)], args=arguments
                )
            if outcome == b"lost":
                raise LeaseLost
            if outcome == b"late":
                return int(revision)
            if outcome == b"claimed":
                known = _doubted(_read(state)) if is_abandoned else _read(state)
                return Claim(
                    store=self,
                    reply_id=placement.reply_id,
                    fence=placement.fence,
                    name=name,
                    state=known,
                    _sequence=int(first),
                    _held_at=self.clock.monotonic(),
                )
            if self.clock.monotonic() > deadline:
                detail = "somebody else is writing this reply"
                raise PlatformUnavailable(detail, retry_after=0.5)
            await self.clock.sleep(POLL_SECONDS)

    async def save(
        self, claim: Claim, *, hold_ms: int, sequences: int = 0, revision: int = -1, is_final: bool = False
    ) -> int:
        """Store a claim's state and give the first of the sequences taken; see Claim."""
        arguments: list[str | int] = [
            claim.name, claim.fence, claim.state.model_dump_json(exclude_defaults=True), hold_ms, sequences,
            revision, int(is_final),
        ]  # fmt: skip
        with reaching_redis():
            outcome, first = await self._save(keys=[_key(claim.reply_id)], args=arguments)
        if outcome == b"lost":
            raise LeaseLost
        return int(first)


@contextmanager
def reaching_redis() -> Iterator[None]:
    """Turn a Redis that is away into PlatformUnavailable."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise PlatformUnavailable(type(error).__name__) from error


def _read(state: bytes) -> ReplyState:
    try:
        return ReplyState.model_validate_json(state) if state else ReplyState()
    except ValidationError:
        return ReplyState()  # written by a version that knew other fields


def _doubted(state: ReplyState) -> ReplyState:
    """Trust nothing about what is seen of a reply: the next write shows all of it again."""
    parts = tuple(part.model_copy(update={"is_unsure": True, "digest": ""}) for part in state.parts)
    return state.model_copy(update={"parts": parts})


def _key(reply_id: str) -> str:
    return f"glimmer:lark:reply:{{{reply_id}}}"
