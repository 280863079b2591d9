"""Places in line are kept true."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from bots.drafts import Checkpoint, Draft, Placement
from bots.errors import PlatformUnavailable
from bots.line import Grant, WaitingReply
from bots.messages import Conversation
from bots.ports import Platform
from tests.fakes.jobs import make_job
from tests.fakes.line import FakeLine
from tests.fakes.stepped_clock import SteppedClock
from tests.fakes.writer import FakeWriter
from tests.unit.bots.scene import Gallery, Shelf
from workers.announcer import AT_ONCE, NEAR, PER_TICK, TICK_SECONDS, Announcer

MODEL = make_job().route[0]


class QuickLine(FakeLine):
    """A line whose head may start just after it was listed."""

    head_starts = False

    async def replies(self, job_ids: Sequence[str]) -> tuple[WaitingReply, ...]:
        if self.head_starts:
            await self.configure({MODEL: {"main": 2}})
            await self.sweep()
        return await super().replies(job_ids)


class Board(FakeWriter):
    """FakeWriter that keeps who was told which place, and how many edits were under way at once."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__()
        self._clock = clock
        self.told: list[tuple[str, Draft]] = []
        self.seconds = 0.0  # for each write
        self._under_way = self.most_at_once = 0

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        await self._clock.sleep(self.seconds)
        self._under_way -= 1
        placed = await super().post(conversation, draft, placement)
        self.told.append((placement.reply_id, draft))
        return placed


class Hall:
    """People in line, what they see, and who tells them."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.line, self.board = QuickLine(self.clock), Board(self.clock)
        self.is_leader = True
        platforms = {"web": Platform("web", self.board, Gallery(), Shelf())}
        self.announcer = Announcer(self.line, platforms, self.clock, self._leads)
        self._running: list[Grant] = []
        self._announcing: asyncio.Task[None] | None = None

    async def _leads(self) -> bool:
        return self.is_leader

    async def fill(self, waiting: int) -> None:
        """Put one to work and so many behind, and tell them."""
        await self.line.configure({MODEL: {"main": 1}})
        for number in range(waiting + 1):
            self._running += (await self.line.accept(person(number))).grants
        self._announcing = asyncio.ensure_future(self.announcer.announce())
        await self.clock.pass_time(0.0)

    async def tick(self) -> None:
        await self.clock.pass_time(TICK_SECONDS)

    async def step(self) -> None:
        """Let the head of the line move up, and the others see it."""
        grant = self._running.pop()
        assert await self.line.start(grant)
        self._running += await self.line.finish(grant, "answered")
        await self.tick()

    def told(self, number: int) -> list[int]:
        """List the places that one person was told, in order."""
        reply = person(number).reply_id
        return [draft.place.position for name, draft in self.board.told if name == reply and draft.place]

    async def close(self) -> None:
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)


def person(number: int):
    return make_job(f"m{number}", user=f"user{number}", thread=f"t{number}")


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    yield made
    await made.close()


async def test_those_near_the_head_see_every_step(hall: Hall):
    await hall.fill(NEAR)

    for _ in range(4):
        await hall.step()

    assert hall.told(5) == [5, 4, 3, 2, 1]
    assert hall.told(NEAR) == [NEAR, 9, 8, 7, 6]


async def test_those_far_behind_see_steps_of_a_tenth(hall: Hall):
    await hall.fill(40)

    for _ in range(9):
        await hall.step()

    assert hall.told(40) == [40, 36, 32]
    assert hall.told(20) == [20, 18, 16, 14, 12]


async def test_nothing_is_said_while_nothing_moves(hall: Hall):
    await hall.fill(3)
    count = len(hall.board.told)

    for _ in range(20):
        await hall.tick()

    assert len(hall.board.told) == count == 3


async def test_whoever_begins_is_told_nothing_more_of_places(hall: Hall):
    await hall.fill(2)

    await hall.step()

    assert hall.told(1) == [1]
    assert hall.told(2) == [2, 1]


async def test_a_job_that_starts_while_places_are_told_is_left_out(hall: Hall):
    await hall.line.configure({MODEL: {"main": 1}})
    hall.line.head_starts = True

    await hall.fill(2)

    assert hall.told(1) == []
    assert hall.told(2) == [2]


async def test_of_many_the_next_ones_are_told_first(hall: Hall):
    await hall.fill(2 * PER_TICK)
    assert [hall.told(number) for number in (1, PER_TICK, PER_TICK + 1)] == [[1], [PER_TICK], []]

    await hall.tick()

    assert hall.told(PER_TICK + 1) == [PER_TICK + 1]
    assert hall.told(1) == [1]


async def test_the_platform_is_not_flooded(hall: Hall):
    hall.board.seconds = 0.2

    await hall.fill(PER_TICK)
    await hall.clock.pass_time(2.0)

    assert hall.board.most_at_once == AT_ONCE
    assert len(hall.board.told) == PER_TICK


async def test_only_the_leader_speaks(hall: Hall):
    hall.is_leader = False
    await hall.fill(2)
    await hall.step()
    assert hall.board.told == []

    hall.is_leader = True
    await hall.tick()

    assert hall.told(2) == [1]


async def test_an_outage_of_redis_only_holds_the_news_back(hall: Hall):
    await hall.fill(2)
    hall.line.is_away = True
    for _ in range(5):
        await hall.tick()
    hall.line.is_away = False

    await hall.step()

    assert hall.told(2) == [2, 1]


async def test_one_reply_that_cannot_be_written_does_not_keep_the_others_in_the_dark(hall: Hall):
    hall.board.failures = [PlatformUnavailable()]

    await hall.fill(3)

    assert sorted(hall.told(number) for number in (1, 2, 3)) == [[], [2], [3]]


async def test_a_reply_that_was_begun_keeps_its_text_while_it_waits_again(hall: Hall):
    await hall.fill(0)
    [grant] = hall._running
    await hall.line.start(grant)
    left = Checkpoint(placement=Placement(reply_id=person(0).reply_id, fence=1, revision=50), markdown="Half")
    await hall.line.save(grant, left)

    await hall.line.requeue(grant, "overloaded", pause=60.0)
    await hall.tick()

    shown = hall.board.replies[person(0).reply_id].draft
    assert (shown.markdown, shown.place is not None and shown.place.position) == ("Half", 1)
    assert shown.revision > 50
    assert shown.buttons == ("stop",)
