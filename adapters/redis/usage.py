"""What has been spent, per day and model and per day and user."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from adapters.redis.connection import text_of, translated
from bots.deltas import Usage
from bots.ports import Clock

KEEP_SECONDS = 400 * 24 * 3600
_COUNT_ONCE = """
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', 172800) then return 0 end
for i = 3, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[2], ARGV[2] .. '|' .. ARGV[i], ARGV[i + 1])
  redis.call('HINCRBY', KEYS[3], ARGV[2] .. '|' .. ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[3], ARGV[1])
return 1
"""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One day's sums of one model; tokens and pieces."""

    day: str
    model: str
    counts: dict[str, int]  # requests, prompt, completion, cached, reasoning, pictures


class RedisUsageLedger:
    """UsageLedger on Redis; a job is counted once even if two workers finish it."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._count_once = redis.register_script(_COUNT_ONCE)

    async def add(self, job_id: str, model: str, user_key: str, usage: Usage) -> None:
        """Count one finished request; raises StoreUnavailable."""
        day = self._clock.now().strftime("%Y-%m-%d")
        counts = {
            "requests": 1,
            "prompt": usage.prompt_tokens,
            "completion": usage.completion_tokens,
            "cached": usage.cached_tokens,
            "reasoning": usage.reasoning_tokens,
            "pictures": usage.pictures,
        }
        arguments = [str(part) for pair in counts.items() if pair[1] for part in pair]
        keys = [f"{{glimmer:usage}}:job:{job_id}", _models_key(day), _user_key(day, user_key)]
        with translated():
            await self._count_once(keys=keys, args=[KEEP_SECONDS, model, *arguments])

    async def by_model(self, days: tuple[str, ...]) -> tuple[UsageRow, ...]:
        """Read the sums of these days (``YYYY-MM-DD``); raises StoreUnavailable."""
        rows: list[UsageRow] = []
        for day in days:
            with translated():
                cells = await self._redis.hgetall(_models_key(day))
            rows.extend(UsageRow(day, model, counts) for model, counts in sorted(_sums(cells).items()))
        return tuple(rows)

    async def of_user(self, user_key: str, days: Sequence[str]) -> Mapping[str, Usage]:
        """Read what a person used on these days, in one round trip; raises StoreUnavailable."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for day in days:
                    pipe.hgetall(_user_key(day, user_key))
                found = await pipe.execute()
        total: dict[str, Counter[str]] = {}
        for cells in found:
            for model, counts in _sums(cells).items():
                total.setdefault(model, Counter()).update(counts)
        return {
            model: Usage(
                prompt_tokens=counts["prompt"],
                completion_tokens=counts["completion"],
                cached_tokens=counts["cached"],
                reasoning_tokens=counts["reasoning"],
                pictures=counts["pictures"],
            )
            for model, counts in total.items()
        }


def _sums(cells: Mapping[Any, Any]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for field, value in cells.items():
        model, _, what = text_of(field).rpartition("|")
        sums.setdefault(model, {})[what] = int(value)
    return sums


def _user_key(day: str, user_key: str) -> str:
    return f"{{glimmer:usage}}:user:{day}:{user_key}"


def _models_key(day: str) -> str:
    return f"{{glimmer:usage}}:models:{day}"
