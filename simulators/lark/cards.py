"""Card entities and the rules every CardKit operation meets (CardKit streaming overview)."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from simulators.lark.card_json import check
from simulators.lark.card_markdown import Findings, Surroundings
from simulators.lark.clock import Clock
from simulators.lark.config import Config
from simulators.lark.errors import CardRefused, Refused
from simulators.lark.fields import Json, dump, obj
from simulators.lark.ids import new_card_id
from simulators.lark.limits import Limits

LIFETIME_SECONDS = 14 * 86_400
MAX_SEQUENCE = 2**31 - 1
MAX_UUID = 64


@dataclass(frozen=True)
class CardChange:
    """One attempted operation: `code` is 0 when it was done, `note` tells what the user saw."""

    at: float
    operation: str
    sequence: int
    uuid: str
    detail: Json
    code: int = 0
    note: str = ""


@dataclass(frozen=True)
class Applied:
    """What an operation did: a note for the history, and whether it opened or closed streaming."""

    note: str = ""
    streaming: bool | None = None


@dataclass
class CardEntity:
    """One card; `card` is its JSON now, `sequence` the highest seen."""

    card_id: str
    card: Json
    created_at: float
    sequence: int = 0
    message_id: str = ""
    is_interacting: bool = False  # somebody clicked and the bot has not answered yet
    streaming_since: float | None = None  # when streaming was last enabled; None when it was closed
    uuids: dict[str, str] = field(default_factory=dict)  # uuid -> digest of the operation
    history: list[CardChange] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    def put(self, card: Json, findings: Findings) -> None:
        """Take another content."""
        self.card, self.findings = card, findings

    def set_streaming(self, *, is_on: bool, now: float) -> None:
        """Open streaming (its ten minutes start again) or close it."""
        self.streaming_since = now if is_on else None
        config = self.card.setdefault("config", {})
        obj(config)["streaming_mode"] = is_on


@dataclass
class CallbackToken:
    """The right to update a card after a click: 30 minutes, two times, after the click was answered."""

    message_id: str
    expires_at: float
    uses_left: int = 2
    is_answered: bool = False


Apply: TypeAlias = Callable[[CardEntity, Json], Applied]


class Cards:
    """All card entities of the app."""

    def __init__(self, clock: Clock, limits: Limits, surroundings: Callable[[str], Surroundings]) -> None:
        self._clock = clock
        self._limits = limits
        self._surroundings = surroundings
        self.entities: dict[str, CardEntity] = {}
        self.on_change: Callable[[CardEntity], None] = lambda _entity: None

    def create(self, card: Json) -> CardEntity:
        """Make an entity; raises CardRefused when the card is not acceptable."""
        findings = check(card, self._surroundings(""))
        entity = CardEntity(new_card_id(), card, self._clock.now(), findings=findings)
        if obj(card.get("config")).get("streaming_mode") is True:
            entity.set_streaming(is_on=True, now=self._clock.now())
        self.entities[entity.card_id] = entity
        self._note(entity, CardChange(self._clock.now(), "create", 0, "", {"card": copy.deepcopy(card)}))
        return entity

    def entity(self, card_id: str) -> CardEntity:
        """Find an entity that is still alive; raises CardRefused 200740, 200750."""
        if not (entity := self.entities.get(card_id)):
            raise CardRefused(200740, "card entity does not exist")
        if self._clock.now() - entity.created_at > LIFETIME_SECONDS:
            raise CardRefused(200750, "card entity has expired")
        return entity

    def is_streaming(self, entity: CardEntity, config: Config) -> bool:
        """Tell whether the typewriter still runs: opened, not closed, and not ten minutes ago."""
        since = entity.streaming_since
        return since is not None and self._clock.now() - since < config.streaming_seconds

    def operate(self, card_id: str, operation: str, body: Json, apply: "Apply") -> None:
        """Do one CardKit operation: rate, uuid, interaction, sequence, then `apply` on a copy of the card.

        `apply` changes the copy. A sequence is used up even when the
        operation then fails: the documents do not say, and a client that counts on has nothing to fear.

        Raises:
            Refused: 99991400, 10002.
            CardRefused: 200740, 200750, 200770, 200810, 300317, or what `apply` and the card check raise.
        """
        entity = self.entity(card_id)
        self._limits.check_card(card_id)
        sequence, uuid = _sequence(body), _uuid(body)
        detail = {name: value for name, value in body.items() if name not in {"sequence", "uuid"}}
        change = CardChange(self._clock.now(), operation, sequence, uuid, detail)
        digest = hashlib.sha256(f"{operation}{dump(detail)}".encode()).hexdigest()
        try:
            if uuid in entity.uuids:
                if entity.uuids[uuid] != digest:
                    raise CardRefused(200770, "uuid conflict")
                self._note(entity, replace(change, note="repeated, not done again"))
                return
            if entity.is_interacting:
                raise CardRefused(200810, "card is in an ongoing interaction")
            if sequence <= entity.sequence:
                raise CardRefused(300317, f"sequence {sequence} is not greater than {entity.sequence}")
            entity.sequence = sequence
            draft = copy.deepcopy(entity.card)
            applied = apply(entity, draft)
            entity.put(draft, check(draft, self._surroundings(entity.message_id)))
        except Refused as refusal:
            self._note(entity, replace(change, code=refusal.code))
            raise
        if applied.streaming is not None:
            entity.set_streaming(is_on=applied.streaming, now=self._clock.now())
        if uuid:
            entity.uuids[uuid] = digest
        self._note(entity, replace(change, note=applied.note))

    def replace(self, entity: CardEntity, card: Json, operation: str) -> None:
        """Put a whole new content, as a message PATCH or a callback's answer does; raises CardRefused."""
        findings = check(card, self._surroundings(entity.message_id))
        entity.put(card, findings)
        entity.set_streaming(
            is_on=obj(card.get("config")).get("streaming_mode") is True, now=self._clock.now()
        )
        detail: Json = {"card": copy.deepcopy(card)}
        self._note(entity, CardChange(self._clock.now(), operation, entity.sequence, "", detail))

    def set_interacting(self, entity: CardEntity, *, is_on: bool) -> None:
        """Lock the card while the bot answers a click, or free it."""
        entity.is_interacting = is_on
        self.on_change(entity)

    def _note(self, entity: CardEntity, change: CardChange) -> None:
        entity.history.append(change)
        self.on_change(entity)


def _sequence(body: Json) -> int:
    value = body.get("sequence")
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value <= MAX_SEQUENCE:
        raise Refused(10002, "invalid parameter: sequence")
    return value


def _uuid(body: Json) -> str:
    value = body.get("uuid", "")
    if not isinstance(value, str) or len(value) > MAX_UUID:
        raise Refused(10002, "invalid parameter: uuid")
    return value
