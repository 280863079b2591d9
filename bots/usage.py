"""What people have spent, and how much they may."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bots.deltas import Usage
from bots.errors import DailyPicturesSpent, DailyTokensSpent
from bots.jobs import AnswerJob, Job
from bots.messages import Language
from bots.models import ModelSpec
from bots.ports import Clock, UsageLedger


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """What one person may spend on one day; 0 is no limit."""

    tokens: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class UsageBook:
    """Answers questions about one person's use."""

    ledger: UsageLedger
    clock: Clock
    limits: DailyLimits = field(default_factory=DailyLimits)
    specs: Mapping[str, ModelSpec] = field(default_factory=dict)

    async def check(self, jobs: tuple[Job, ...]) -> None:
        """Refuse what goes beyond the day's limit; raises LimitReached, StoreUnavailable.

        Only what is finished counts: nobody knows beforehand how long an answer gets.
        """
        are_answers = all(isinstance(job, AnswerJob) for job in jobs)
        limit = self.limits.tokens if are_answers else self.limits.pictures
        if not jobs or not limit:
            return
        today = [f"{self.clock.now():%Y-%m-%d}"]
        spent = (await self.ledger.of_user(jobs[0].user_key, today)).values()
        if are_answers and sum(map(tokens_of, spent)) >= limit:
            raise DailyTokensSpent(limit=limit)
        if not are_answers and sum(one.pictures for one in spent) + len(jobs) > limit:
            raise DailyPicturesSpent(limit=limit)

    async def told(self, user_key: str, language: Language) -> str:
        """Tell a person what they used today and this month; raises StoreUnavailable."""
        now = self.clock.now()
        today = self._line(await self.ledger.of_user(user_key, [f"{now:%Y-%m-%d}"]), language)
        month = self._line(await self.ledger.of_user(user_key, _month_of(now)), language)
        if language == "zh":
            return f"**你的用量**\n- 今天：{today}\n- 本月：{month}"
        return f"**Your use**\n- Today: {today}\n- This month: {month}"

    def _line(self, spent: Mapping[str, Usage], language: Language) -> str:
        total = Usage()
        for usage in spent.values():
            total = replace(
                total,
                prompt_tokens=total.prompt_tokens + usage.prompt_tokens,
                completion_tokens=total.completion_tokens + usage.completion_tokens,
                cached_tokens=total.cached_tokens + usage.cached_tokens,
                pictures=total.pictures + usage.pictures,
            )
        yuan = sum(self.specs[name].list_price(usage) for name, usage in spent.items() if name in self.specs)
        tokens, cached = tokens_of(total), total.cached_tokens
        if language == "zh":
            return f"{tokens:,} 个 token（其中缓存 {cached:,}），{total.pictures} 张图，按列表价 ¥{yuan:.2f}"
        return f"{tokens:,} tokens ({cached:,} cached), {total.pictures} pictures, ¥{yuan:.2f} at list prices"


def tokens_of(usage: Usage) -> int:
    """Count the tokens of question and answer; reasoning is a part of the latter."""
    return usage.prompt_tokens + usage.completion_tokens


def _month_of(now: datetime) -> list[str]:
    return [f"{now - timedelta(days=back):%Y-%m-%d}" for back in range(now.day)]
