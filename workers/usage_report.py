"""What was used lately and what it costs at list prices, for ``glimmer usage`` and the operator's page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.clock import SystemClock
from adapters.glm.models import MODELS
from adapters.redis.connection import open_redis
from adapters.redis.settings import RedisSettings
from adapters.redis.usage import RedisUsageLedger, UsageRow
from bots.deltas import Usage
from bots.errors import StoreUnavailable
from workers.redis_choice import check_reachable, choose_redis
from workers.settings import ENV_FILE, ProcessSettings

HEADINGS = ("model", "requests", "prompt", "cached", "completion", "reasoning", "pictures", "yuan")
NOT_RUNNING = (
    "Glimmer's own Redis does not run, and REDIS_URL is not set. Start `glimmer up` and ask again, "
    "or set REDIS_URL to the Redis that Glimmer uses."
)


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """One model's sums; ``yuan`` is None where the model is not in the table."""

    model: str
    requests: int
    usage: Usage
    yuan: float | None


async def report_usage(settings: ProcessSettings, days: int) -> list[str]:
    """Write the report as lines of text; raises StoreUnavailable with a sentence for the operator."""
    url = choose_redis(settings.redis_url, settings.glimmer_data_dir).url
    try:
        await check_reachable(url)
    except StoreUnavailable as error:
        if settings.redis_url:
            raise
        raise StoreUnavailable(NOT_RUNNING) from error
    clock = SystemClock()
    own = RedisSettings(_env_file=ENV_FILE).model_copy(update={"url": url})
    async with open_redis(own, socket_timeout=5.0) as redis:
        rows = await RedisUsageLedger(redis, clock).by_model(last_days(clock.now(), days))
    return usage_lines(sum_by_model(rows), days)


def last_days(now: datetime, days: int) -> tuple[str, ...]:
    """Name the last days in UTC, today included, newest first."""
    return tuple((now - timedelta(days=back)).strftime("%Y-%m-%d") for back in range(days))


def sum_by_model(rows: Iterable[UsageRow]) -> list[ModelUsage]:
    """Add up the days of each model; models in the order of their names."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        sums.setdefault(row.model, Counter()).update(row.counts)
    return [_model_usage(model, counts) for model, counts in sorted(sums.items())]


def usage_lines(models: Sequence[ModelUsage], days: int) -> list[str]:
    """Write the table, columns aligned, with the sum of the prices below."""
    period = "today (UTC)" if days == 1 else f"in the last {days} days (UTC)"
    if not models:
        return [f"Nothing was used {period}."]
    rows = [usage_cells(each) for each in models]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    table = [_aligned(row, widths) for row in (HEADINGS, *rows)]
    total = sum(each.yuan or 0.0 for each in models)
    return [f"Used {period}:", "", *table, "", f"{total:.2f} yuan at list prices, where they are known."]


def usage_cells(each: ModelUsage) -> tuple[str, ...]:
    """Write one model's row."""
    used = each.usage
    tokens = (used.prompt_tokens, used.cached_tokens, used.completion_tokens, used.reasoning_tokens)
    counts = (each.requests, *tokens, used.pictures)
    return (each.model, *(f"{count:,}" for count in counts), "?" if each.yuan is None else f"{each.yuan:.4f}")


def _model_usage(model: str, counts: Counter[str]) -> ModelUsage:
    usage = Usage(
        prompt_tokens=counts["prompt"],
        completion_tokens=counts["completion"],
        cached_tokens=counts["cached"],
        reasoning_tokens=counts["reasoning"],
        pictures=counts["pictures"],
    )
    spec = MODELS.get(model)
    return ModelUsage(model, counts["requests"], usage, spec.list_price(usage) if spec else None)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers = row
    return "  ".join([name.ljust(widths[0]), *(n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True))])
