"""How often Lark may be called: one budget in Redis for all processes.

Limits from the frequency control and message documents: 50 calls a second and 1000 a minute per API,
5 messages a second to one chat (shared with other bots), 5 updates a second of one message, 10 operations a
second on one card; and on the free edition 10,000 calls a month in all.
"""

import calendar
import contextlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.errors import PlatformRateLimited, PlatformUnavailable
from bots.ports import Clock

log = logging.getLogger(__name__)

_SETTLE = """
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
"""
SPEND_SCRIPT = files("adapters.platforms.lark").joinpath("spend.lua").read_text(encoding="utf-8")
BEIJING = timedelta(hours=8)  # the quota begins anew on the 1st of Lark's own month

# A little less than allowed: calls that leave in time may arrive closer together.
APP_PER_SECOND, APP_PER_MINUTE = 45, 940
COURTESY_SHARE = 0.75  # what frames between may use; openings and final states always find room
CHAT_PER_SECOND, MESSAGE_PER_SECOND, CARD_PER_SECOND = 4, 4, 8
JITTER_MS = 120  # arrival times usually differ from departure times by no more
HOLD_MS = 10_000  # longer than a call takes; then a killed process's call is over too

EASY_SHARE = 0.5  # of the month's calls; up to here nobody need save
LAST_SHARE = 0.95  # from here on only openings and final states are sent
SLOWEST = 10.0  # times the usual interval, just before that
WARN_AT_SHARES = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``limit`` calls in ``milliseconds``, counted under ``name``.

    With ``hold_ms`` a call counts from its departure until ``milliseconds`` after its answer: somewhere in
    between it arrives. Without, it counts from its departure.
    """

    name: str
    limit: int
    milliseconds: int
    hold_ms: int = 0


def message_window(message_id: str) -> Window:
    """Bound the updates of one message."""
    return Window(f"message:{message_id}", MESSAGE_PER_SECOND, 1000 + JITTER_MS)


def card_window(card_id: str) -> Window:
    """Bound the operations on one card."""
    return Window(f"card:{card_id}", CARD_PER_SECOND, 1000 + JITTER_MS)


def chat_window(chat_id: str) -> Window:
    """Bound the messages to one chat."""
    return Window(f"chat:{chat_id}", CHAT_PER_SECOND, 1000 + JITTER_MS, HOLD_MS)


def frame_interval(*, usual: float, age: float, used: int, monthly: int, now: datetime) -> float | None:
    """Tell the seconds between two frames of a reply; None when only its final state may be sent.

    Young replies grow fast, old ones slowly. Once more of the month's calls are spent than of the month
    itself, all slow down, and stop growing before the calls run out.
    """
    growth = 0.7 if age < 5 else 1.5 if age < 30 else 3.0
    if not monthly:
        return usual * growth
    share = used / monthly
    if share >= LAST_SHARE:
        return None
    easy = max(EASY_SHARE, min(_share_of_month(now), LAST_SHARE - 0.05))
    haste = max(0.0, share - easy) / (LAST_SHARE - easy)
    return usual * growth * (1 + (SLOWEST - 1) * haste)


def _share_of_month(now: datetime) -> float:
    local = now + BEIJING
    days = calendar.monthrange(local.year, local.month)[1]
    return (local.day - 1 + local.hour / 24) / days


class CallBudget:
    """Counts calls before they are made; ``used`` is what this month's calls were at the last one."""

    def __init__(self, redis: Redis, clock: Clock, *, app: str, monthly: int = 0) -> None:
        self._redis = redis
        self._clock = clock
        self._monthly = monthly
        self._warned_at = 0.0  # share of the month's calls
        self._root = f"{{glimmer:lark:{app}}}:"
        self._spend = redis.register_script(SPEND_SCRIPT)
        self._settle = redis.register_script(_SETTLE)
        self.used = 0

    async def spend(self, endpoint: str, windows: Sequence[Window] = (), *, is_courtesy: bool = False) -> str:
        """Count one call and name it; raises PlatformRateLimited with the wait, PlatformUnavailable."""
        share = COURTESY_SHARE if is_courtesy else 1.0
        all_windows = (
            Window(f"{endpoint}:second", int(APP_PER_SECOND * share), 1000 + JITTER_MS),
            Window(f"{endpoint}:minute", int(APP_PER_MINUTE * share), 60_000 + JITTER_MS),
            *windows,
        )
        keys = [self._pause_key(endpoint), self._month_key(), *(self._root + one.name for one in all_windows)]
        numbers = [part for one in all_windows for part in (one.limit, one.milliseconds, one.hold_ms)]
        name = secrets.token_hex(8)
        try:
            wait, used = await self._spend(keys=keys, args=[name, *numbers])
        except (RedisError, OSError) as error:
            raise PlatformUnavailable(type(error).__name__) from error
        self.used = int(used)
        self._warn()
        if wait:
            raise PlatformRateLimited(f"{endpoint}: budget", retry_after=int(wait) / 1000)
        return name

    async def settle(self, name: str, windows: Sequence[Window]) -> None:
        """Note that a call's answer has come; without this it counts for the longest a call may take."""
        for window in windows:
            if window.hold_ms:
                with contextlib.suppress(RedisError, OSError):
                    await self._settle(keys=[self._root + window.name], args=[name])

    async def pause(self, endpoint: str, seconds: float) -> None:
        """Keep all processes from an endpoint for as long as Lark said."""
        try:
            await self._redis.set(self._pause_key(endpoint), 1, px=max(1, int(seconds * 1000)))
        except (RedisError, OSError) as error:
            raise PlatformUnavailable(type(error).__name__) from error

    async def give_back(self) -> None:
        """Uncount a call that was refused: failed calls cost nothing of the month (quota notice)."""
        try:
            self.used = max(0, int(await self._redis.decr(self._month_key())))
        except (RedisError, OSError) as error:
            raise PlatformUnavailable(type(error).__name__) from error

    async def used_this_month(self) -> int:
        """Tell how many calls were counted since the 1st."""
        try:
            return int(await self._redis.get(self._month_key()) or 0)
        except (RedisError, OSError) as error:
            raise PlatformUnavailable(type(error).__name__) from error

    def _warn(self) -> None:
        """Tell the operator once at each mark, before the calls run out."""
        share = self.used / self._monthly if self._monthly else 0.0
        mark = max((mark for mark in WARN_AT_SHARES if share >= mark), default=0.0)
        if mark > self._warned_at:
            told = {"used": self.used, "monthly": self._monthly}
            log.warning("lark's calls of this month run out: answers grow more slowly", extra=told)
        self._warned_at = mark

    def _pause_key(self, endpoint: str) -> str:
        return f"{self._root}pause:{endpoint}"

    def _month_key(self) -> str:
        return f"{self._root}calls:{self._clock.now() + BEIJING:%Y-%m}"
