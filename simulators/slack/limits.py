"""How often a method may be called: Slack's tiers, per method, workspace and app."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import Enum

from simulators.slack.clock import ScriptedClock
from simulators.slack.wire import SlackError


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many calls in so many seconds."""

    calls: int
    window_seconds: float = 60.0


class Tier(Enum):
    """Slack's rate limit tiers; a tier promises "N+ per minute", and here N is all there is."""

    ONE = Allowance(1)
    TWO = Allowance(20)
    THREE = Allowance(50)
    FOUR = Allowance(100)
    # Slack says "special" and gives no number; hundreds per minute is what auth.test's page words.
    SPECIAL = Allowance(300)


# "Generally one message per second per channel, short bursts allowed" (Slack docs, rate limits).
POST_PER_CHANNEL = Allowance(4, 4.0)
# Non-Marketplace apps that are distributed commercially (changelog of 2025-05-29).
HISTORY_COMMERCIAL = Tier.ONE.value
HISTORY_COMMERCIAL_LIMIT = 15


class RateLimiter:
    """Counts calls in sliding windows; a refused call does not count against the window."""

    def __init__(self, clock: ScriptedClock, *, enabled: bool) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, ...], deque[float]] = defaultdict(deque)
        self.enabled = enabled

    def admit(self, key: tuple[str, ...], allowance: Allowance) -> None:
        """Count one call; raises SlackError ``ratelimited`` (429) with whole seconds to wait."""
        if not self.enabled:
            return
        now = self._clock.now()
        calls = self._calls[key]
        while calls and calls[0] <= now - allowance.window_seconds:
            calls.popleft()
        if len(calls) >= allowance.calls:
            wait_seconds = calls[0] + allowance.window_seconds - now
            raise rate_limited(max(1, math.ceil(wait_seconds)))
        calls.append(now)

    def used(self) -> dict[str, int]:
        """Tell how many calls each window holds now, for the control API."""
        now = self._clock.now()
        return {"/".join(key): sum(at > now - 60.0 for at in calls) for key, calls in self._calls.items()}


def rate_limited(retry_after_seconds: int) -> SlackError:
    """Word a 429."""
    return SlackError(code="ratelimited", status=429, retry_after=retry_after_seconds)
