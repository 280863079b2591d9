"""How much a person may use, and how they are told."""

import pytest

from adapters.glm.models import MODELS
from bots.deltas import Usage
from bots.errors import DailyPicturesSpent, DailyTokensSpent
from bots.jobs import ImagineJob
from bots.usage import DailyLimits, UsageBook
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import make_job
from tests.fakes.memory import FakeLedger

DAY_SECONDS = 24 * 3600.0
QUESTION = make_job()


def imagine_job() -> ImagineJob:
    values = QUESTION.model_dump(exclude={"kind", "thinking"})
    return ImagineJob(**{**values, "prompt": "a fox", "route": ("cogview-3-flash",)})


def book(clock: FakeClock, ledger: FakeLedger, *, tokens: int = 0, pictures: int = 0) -> UsageBook:
    return UsageBook(ledger, clock, DailyLimits(tokens, pictures), MODELS)


async def test_tokens_are_limited_by_day_and_free_again_on_the_next():
    clock = FakeClock()
    ledger = FakeLedger(clock)
    limited = book(clock, ledger, tokens=100)
    await ledger.add("a", "glm-4.7-flash", QUESTION.user_key, Usage(60, 39))
    await limited.check((QUESTION,))
    await ledger.add("b", "glm-4.6v-flash", QUESTION.user_key, Usage(1, 0))

    with pytest.raises(DailyTokensSpent):
        await limited.check((QUESTION,))
    clock.advance(DAY_SECONDS)
    await limited.check((QUESTION,))


async def test_pictures_are_limited_beforehand_by_how_many_are_asked_for():
    clock = FakeClock()
    ledger = FakeLedger(clock)
    limited = book(clock, ledger, tokens=1, pictures=3)
    await ledger.add("a", "cogview-3-flash", QUESTION.user_key, Usage(pictures=1))

    await limited.check((imagine_job(), imagine_job()))
    with pytest.raises(DailyPicturesSpent):
        await limited.check((imagine_job(), imagine_job(), imagine_job()))


async def test_without_limits_nobody_is_asked_what_was_spent():
    clock = FakeClock()
    ledger = FakeLedger(clock)
    ledger.is_away = True

    await book(clock, ledger).check((QUESTION,))


async def test_a_person_is_told_todays_and_the_months_use_with_its_price():
    clock = FakeClock()
    ledger = FakeLedger(clock)
    await ledger.add("a", "glm-4v-plus-0111", QUESTION.user_key, Usage(1_000_000, 500_000))
    clock.advance(DAY_SECONDS)
    await ledger.add("b", "glm-4.7-flash", QUESTION.user_key, Usage(1000, 234, cached_tokens=512))

    told = await book(clock, ledger).told(QUESTION.user_key, "en")

    assert "Today: 1,234 tokens (512 cached), 0 pictures, ¥0.00" in told
    assert "This month: 1,501,234 tokens (512 cached), 0 pictures, ¥6.00" in told
    assert "本月：1,501,234 个 token" in await book(clock, ledger).told(QUESTION.user_key, "zh")
