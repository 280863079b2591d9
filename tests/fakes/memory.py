"""What is remembered, set, spent, noted and rung, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from adapters.redis.usage import UsageRow
from bots.deltas import Usage
from bots.errors import StoreUnavailable
from bots.line import Grant
from bots.messages import Conversation
from bots.ports import Clock, TranscriptEntry
from bots.preferences import Preferences


class _Store:
    """Something that can be away: for good with ``is_away``, or for the next ``failures`` calls."""

    def __init__(self) -> None:
        self.is_away = False
        self.failures = 0

    def _reach(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        if self.is_away:
            raise StoreUnavailable


class FakeTranscripts(_Store):
    """Transcripts in a dictionary per thread."""

    def __init__(self) -> None:
        super().__init__()
        self._threads: dict[str, dict[str, tuple[TranscriptEntry, ...]]] = {}

    async def recent(
        self, conversation: Conversation, *, before: str | None = None
    ) -> tuple[TranscriptEntry, ...]:
        self._reach()
        found: list[TranscriptEntry] = []
        for exchange_id, entries in self._threads.get(conversation.key, {}).items():
            if exchange_id == before:
                break
            found += entries
        return tuple(found)

    async def remember(
        self, conversation: Conversation, exchange_id: str, entries: Sequence[TranscriptEntry]
    ) -> None:
        self._reach()
        self._threads.setdefault(conversation.key, {})[exchange_id] = tuple(entries)

    async def forget(
        self, conversation: Conversation, exchange_ids: Collection[str] | None = None
    ) -> None:
        self._reach()
        thread = self._threads.get(conversation.key, {})
        for exchange_id in list(thread) if exchange_ids is None else exchange_ids:
            thread.pop(exchange_id, None)


class FakePreferences(_Store):
    """PreferenceStore in a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, Preferences] = {}

    async def read(self, user_key: str) -> Preferences:
        self._reach()
        return self._chosen.get(user_key, Preferences())

    async def write(self, user_key: str, preferences: Preferences) -> None:
        self._reach()
        self._chosen[user_key] = preferences


class FakeLedger(_Store):
    """UsageLedger whose sums can be read as Redis tells them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._counted: set[str] = set()
        self._used: list[tuple[str, str, str, Usage]] = []  # by whom, when, of which model
        self._sums: dict[tuple[str, str], dict[str, int]] = {}

    async def add(self, job_id: str, model: str, user_key: str, usage: Usage) -> None:
        self._reach()
        if job_id in self._counted:
            return
        self._counted.add(job_id)
        day = f"{self._clock.now():%Y-%m-%d}"
        self._used.append((user_key, day, model, usage))
        sums = self._sums.setdefault((f"{self._clock.now():%Y-%m-%d}", model), {})
        for name, count in {"requests": 1, **asdict(usage)}.items():
            what = name.removesuffix("_tokens")
            if count:
                sums[what] = sums.get(what, 0) + count

    async def of_user(self, user_key: str, days: Sequence[str]) -> Mapping[str, Usage]:
        self._reach()
        total: dict[str, Usage] = {}
        for user, day, model, usage in self._used:
            if user == user_key and day in days:
                former = asdict(total.get(model, Usage()))
                total[model] = Usage(**{name: former[name] + count for name, count in asdict(usage).items()})
        return total

    async def by_model(self, days: tuple[str, ...]) -> tuple[UsageRow, ...]:
        self._reach()
        return tuple(
            UsageRow(day, model, dict(counts))
            for (day, model), counts in sorted(self._sums.items())
            if day in days
        )


class FakeMeter:
    """Meter that keeps what it was told."""

    def __init__(self) -> None:
        self.first_texts: list[float] = []  # seconds
        self.merged = 0

    def first_text_visible(self, seconds: float) -> None:
        self.first_texts.append(seconds)

    def edits_merged(self, count: int) -> None:
        self.merged += count


class FakeDoorbell:
    """Doorbell that keeps what was rung; a broker that is away hears nothing, and nobody is told."""

    def __init__(self) -> None:
        self.is_away = False
        self.rung: list[Grant] = []

    async def ring(self, grants: Sequence[Grant]) -> None:
        if not self.is_away:
            self.rung += grants
