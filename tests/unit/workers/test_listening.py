"""A platform's listener that ends is told, shown and started again."""

import asyncio
import logging

import pytest

from tests.fakes.clock import FakeClock
from workers.listening import LONGEST_PAUSE_SECONDS, Listening


class Failing:
    """A listener that fails or ends so often before it listens."""

    def __init__(self, times: int, error: Exception | None) -> None:
        self.left = times
        self.error = error
        self.is_listening = asyncio.Event()
        self.was_cancelled = False

    async def listen(self) -> None:
        if self.left:
            self.left -= 1
            if self.error is not None:
                raise self.error
            return
        self.is_listening.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


class PausedClock(FakeClock):
    """A clock on which whoever sleeps stays asleep."""

    def __init__(self) -> None:
        super().__init__()
        self.is_slept_on = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.is_slept_on.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("error", [RuntimeError("a defect"), None], ids=["fails", "returns"])
async def test_a_listener_that_ends_is_started_again_after_longer_and_longer_pauses(error, caplog):
    clock, listener = FakeClock(), Failing(9, error)
    listening = Listening({"slack": listener.listen}, clock)
    task = asyncio.create_task(listening.run())
    await asyncio.wait_for(listener.is_listening.wait(), 5)
    assert clock.slept == [1, 2, 4, 8, 16, 32, *[LONGEST_PAUSE_SECONDS] * 3]
    assert listening.problem("slack") == ""
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 9
    assert told[0].platform == "slack"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert listener.was_cancelled


async def test_a_listener_that_is_down_is_shown_and_the_others_go_on():
    clock, broken, fine = PausedClock(), Failing(1, ValueError("secret words")), Failing(0, None)
    listening = Listening({"lark": broken.listen, "slack": fine.listen}, clock)
    task = asyncio.create_task(listening.run())
    await asyncio.wait_for(clock.is_slept_on.wait(), 5)
    await asyncio.wait_for(fine.is_listening.wait(), 5)
    assert listening.problem("lark") == "the listener failed (ValueError); it starts again"
    assert listening.problem("slack") == ""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
