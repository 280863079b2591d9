"""When to try a model again, and when to say that it will not work."""

import random
from dataclasses import dataclass

from bots.errors import ConcurrencyExceeded, ModelError, ModelOverloaded
from bots.line import RequeueReason


@dataclass(frozen=True, slots=True)
class Retry:
    """Back to the head of the line; ``pause`` in seconds holds everybody who wants this model."""

    reason: RequeueReason
    pause: float


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently; GLM sends no Retry-After, so we back off with jitter (its error docs)."""

    overloaded_tries: int = 5
    overloaded_first: float = 2.0  # seconds
    overloaded_longest: float = 60.0
    unavailable_tries: int = 3
    unavailable_first: float = 1.0
    refused_tries: int = 50  # each only means that the line was longer than we knew

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
        return Retry("overloaded", _jittered(self.unavailable_first, refusals, self.overloaded_longest))


def _jittered(first: float, refusals: int, longest: float) -> float:
    ceiling = min(longest, first * float(2**refusals))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
