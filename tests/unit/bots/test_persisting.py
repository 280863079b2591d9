"""A store that is away for a moment."""

import pytest

from bots.errors import LeaseLost, StoreUnavailable
from bots.persisting import PAUSE_SECONDS, persistently
from tests.fakes.clock import FakeClock
from tests.fakes.lease import FakeLease


class Store:
    """A store that fails so many times before it answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    async def read(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise StoreUnavailable
        return "here"


async def test_a_store_that_answers_is_asked_once():
    store, clock = Store(failures=0), FakeClock()

    assert await persistently(store.read, FakeLease(), clock) == "here"
    assert (store.calls, clock.slept) == (1, [])


async def test_a_store_that_is_away_is_asked_until_it_answers():
    store, clock = Store(failures=5), FakeClock()

    assert await persistently(store.read, FakeLease(), clock) == "here"
    assert clock.slept == [PAUSE_SECONDS] * 5


async def test_a_job_that_is_no_longer_ours_is_not_worth_waiting_for():
    store, lease = Store(failures=99), FakeLease()
    lease.lose()

    with pytest.raises(LeaseLost):
        await persistently(store.read, lease, FakeClock())
    assert store.calls == 1


async def test_a_defect_is_not_repeated():
    calls: dict[str, str] = {}

    async def defect() -> str:
        return calls["defect"]

    with pytest.raises(KeyError, match="defect"):
        await persistently(defect, FakeLease(), FakeClock())
