"""What is known of each reply's messages on Slack, in Redis, so that any worker can go on with them."""

import hashlib
import secrets
from importlib.resources import files
from typing import Literal

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.platforms.slack.askers import Asker
from bots.drafts import Draft, Placement
from bots.errors import LeaseLost, PlatformUnavailable
from bots.messages import Conversation, Record

SCRIPT = files("adapters.platforms.slack").joinpath("replies.lua").read_text(encoding="utf-8")
KEPT_SECONDS = 30 * 24 * 3600  # as long as somebody may press a button under it
CLAIM_SECONDS = 20.0  # longer than one call may take

PartKind = Literal["stream", "edit"]
Rung = Literal["stream", "edit", "post"]  # in the order in which a reply may step down


class Part(Record):
    """One message of a reply, showing the text from ``start`` up to ``end`` (characters)."""

    ts: str
    kind: PartKind
    start: int = 0
    end: int = 0
    opened_at: float = 0.0  # seconds since 1970
    size: int = 0  # bytes streamed into it
    is_closed: bool = False  # nothing more will be added


class Opening(Record):
    """A message that is being posted: until its ``ts`` is known it may or may not be there."""

    number: int
    kind: PartKind
    begun_at: float  # seconds since 1970
    end: int = 0


class ReplyRecord(Record):
    """Everything about one reply; ``shown`` is the digest of the text that its messages show."""

    parts: tuple[Part, ...] = ()
    rung: Rung | None = None
    opening: Opening | None = None
    dropped: tuple[str, ...] = ()  # messages that a shorter text leaves over
    shown: str = ""
    concluded: str = ""  # the digest of the last final state that is surely shown
    status: str = ""  # the words that stand under the thread for it
    is_stopped: bool = False  # by Slack's own stop button: nothing may be added
    writer: str = ""  # the process that last added to it
    thinking: Literal["", "open", "done"] = ""
    asker: Asker | None = None
    is_asker_known: bool = False

    @property
    def has_content(self) -> bool:
        """Tell whether a reader would miss something if this were cleared."""
        return bool(self.concluded or self.end or self.thinking)

    @property
    def cuts(self) -> list[int]:
        """Tell where messages begin that are there, or that must follow a full one."""
        after = [self.parts[-1].end] if self.parts and self.parts[-1].is_closed else []
        return [part.start for part in self.parts] + after

    @property
    def end(self) -> int:
        """Tell how much of the text is shown, in characters."""
        return self.parts[-1].end if self.parts else 0

    def with_part(self, number: int, **changes: object) -> "ReplyRecord":
        """Change one of its messages."""
        parts = list(self.parts)
        parts[number] = parts[number].model_copy(update=changes)
        return self.model_copy(update={"parts": tuple(parts)})


class Turn:
    """One write's hold on a reply: from ``begin`` to ``finish`` or ``leave``."""

    def __init__(self, store: "ReplyStore", draft: Draft, placement: Placement, record: ReplyRecord) -> None:
        self._store = store
        self._draft = draft
        self._placement = placement
        self.owner = ""
        self.record = record
        self.is_finished = False

    @property
    def reply_id(self) -> str:
        """Name the reply."""
        return self._placement.reply_id

    async def note(self, **changes: object) -> None:
        """Store a change before or after a call; raises LeaseLost, PlatformUnavailable."""
        self.record = self.record.model_copy(update=changes)
        await self._run("note")

    async def finish(self) -> None:
        """Store the record as that of this draft's revision."""
        await self._run("finish")
        self.is_finished = True

    async def leave(self) -> None:
        """Let another write in, without having done this one."""
        if not self.is_finished:
            await self._run("leave")

    async def _run(self, operation: str) -> None:
        outcome, _ = await self._store.run(operation, self._draft, self._placement, self.owner, self.record)
        if outcome == "lost":
            raise LeaseLost


class ReplyStore:
    """Keeps the records; ``redis`` must answer in bytes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(SCRIPT)

    async def own(self, place: Conversation, ts: str, reply_id: str) -> bool:
        """Note whose a message is; False if it is another reply's. Raises PlatformUnavailable."""
        key = f"glimmer:slack:owner:{{{place.tenant_id}:{place.channel_id}:{ts}}}"
        try:
            await self._redis.set(key, reply_id, ex=KEPT_SECONDS, nx=True)
            owner = await self._redis.get(key)
        except RedisError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        return bool(owner == reply_id.encode())

    async def begin(self, draft: Draft, placement: Placement) -> Turn | int:
        """Claim a reply for one write; for a late draft the revision that stands.

        Raises LeaseLost when a newer fence has written, PlatformUnavailable while another write is under way
        or Redis is away.
        """
        turn = Turn(self, draft, placement, ReplyRecord())
        turn.owner = secrets.token_hex(8)
        outcome, stored = await self.run("begin", draft, placement, turn.owner, turn.record)
        if outcome == "lost":
            raise LeaseLost
        if outcome == "busy":
            detail = "another write of this reply is under way"
            raise PlatformUnavailable(detail, retry_after=0.5)
        if outcome == "late":
            return int(stored)
        turn.record = _read(stored)
        return turn

    async def run(
        self, operation: str, draft: Draft, placement: Placement, owner: str, record: ReplyRecord
    ) -> tuple[str, bytes]:
        """Run the script; raises PlatformUnavailable."""
        arguments: list[str | int] = [
            operation, placement.fence, draft.revision, int(draft.is_final), owner,
            round(CLAIM_SECONDS * 1000), record.model_dump_json(exclude_defaults=True), KEPT_SECONDS,
        ]  # fmt: skip
        try:
            outcome, stored = await self._script(keys=[_key(placement.reply_id)], args=arguments)
        except RedisError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        return outcome.decode(), stored


def digest(text: str) -> str:
    """Name a text without keeping it."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _read(stored: bytes) -> ReplyRecord:
    """Read a record; of one that a future version wrote nothing can be known."""
    if not stored:
        return ReplyRecord()
    try:
        return ReplyRecord.model_validate_json(stored)
    except ValidationError:
        return ReplyRecord()


def _key(reply_id: str) -> str:
    return f"glimmer:slack:{{{reply_id}}}"
