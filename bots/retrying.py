"""When to try a model again, and when to say that it will not work."""

import random
from dataclasses import dataclass

from bots.errors import (
    BotError,
    ConcurrencyExceeded,
    KeyRejected,
    ModelError,
    ModelOverloaded,
    OutOfMoney,
    QuotaExhausted,
)
from bots.line import RequeueReason


@dataclass(frozen=True, slots=True)
class Retry:
    """Back to the head of the line; ``pause`` in seconds holds everybody who wants this model."""

    reason: RequeueReason
    pause: float


@dataclass(frozen=True, slots=True)
class Bar:
    """An account that cannot answer: for how many seconds it is left out, for one model or everywhere."""

    seconds: float
    everywhere: bool


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently; GLM sends no Retry-After, so we back off with jitter (its error docs)."""

    overloaded_tries: int = 5
    overloaded_first: float = 2.0  # seconds
    overloaded_longest: float = 60.0
    unavailable_tries: int = 3
    unavailable_first: float = 1.0
    refused_tries: int = 50  # each only means that the line was longer than we knew
    barred_seconds: float = 300.0  # an operator who tops up or mends a key waits no longer than this

    def decide(self, error: ModelError, refusals: int) -> Retry | None:
        """Choose what follows a failure before any text was shown; None means to tell the user."""
        if not error.is_transient:
            return None
        if isinstance(error, ConcurrencyExceeded):
            return Retry("refused", _jittered(1.0, refusals, 30.0)) if refusals < self.refused_tries else None
        if isinstance(error, ModelOverloaded):
            if refusals >= self.overloaded_tries:
                return None
            return Retry("overloaded", _jittered(self.overloaded_first, refusals, self.overloaded_longest))
        if refusals >= self.unavailable_tries:
            return None
        return Retry("unavailable", _jittered(self.unavailable_first, refusals, self.overloaded_longest))

    def bar(self, error: BotError) -> Bar | None:
        """Tell whether this failure is the account's own, which another account may not have."""
        match error:
            case KeyRejected():
                return Bar(self.barred_seconds, everywhere=True)
            case OutOfMoney() | QuotaExhausted():
                # The free models answer without money, and quotas are counted by model.
                return Bar(self.barred_seconds, everywhere=False)
            case _:
                return None


def _jittered(first: float, refusals: int, longest: float) -> float:
    ceiling = min(longest, first * float(2**refusals))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
