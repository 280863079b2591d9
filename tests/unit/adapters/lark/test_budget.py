"""How fast replies grow, by their age and by what is left of the month."""

import math
from datetime import UTC, datetime

from adapters.platforms.lark.budget import frame_interval

EARLY = datetime(2026, 1, 2, tzinfo=UTC)
LATE = datetime(2026, 1, 30, tzinfo=UTC)


def interval(age: float = 10, used: int = 0, monthly: int = 10_000, now: datetime = EARLY) -> float:
    """Tell the interval; infinite where no frame is sent at all."""
    found = frame_interval(usual=1.0, age=age, used=used, monthly=monthly, now=now)
    return math.inf if found is None else found


def test_a_young_reply_grows_fast_and_an_old_one_slowly():
    assert [interval(age) for age in (0, 10, 60)] == [0.7, 1.5, 3.0]


def test_half_of_the_months_calls_may_be_spent_at_any_time():
    assert interval(used=5000) == 1.5


def test_streaming_slows_down_more_and_more_before_the_calls_run_out():
    slower = [interval(used=used) for used in (5000, 6000, 7000, 8000, 9000, 9499)]
    assert slower == sorted(slower)
    assert slower[1] > 1.5
    assert slower[-1] > 10


def test_near_the_end_of_the_month_more_may_be_spent():
    assert interval(used=8500, now=LATE) == 1.5
    assert interval(used=8500, now=EARLY) > 5


def test_the_last_calls_are_kept_for_openings_and_final_states():
    assert interval(used=9500) == math.inf
    assert interval(used=9500, now=LATE) == math.inf


def test_an_edition_without_a_quota_never_slows_down():
    assert interval(used=10**7, monthly=0) == 1.5
