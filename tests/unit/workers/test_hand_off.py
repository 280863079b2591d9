"""Freed slots are handed on, mostly within the process."""

from bots.line import Grant
from tests.fakes.memory import FakeDoorbell
from workers.hand_off import SHARED, HandOff

GRANTS = [Grant(f"job-{number}", number) for number in range(1, 5 * SHARED + 1)]


async def test_one_grant_in_eight_goes_to_whoever_answers_the_bell():
    bell, taken = FakeDoorbell(), list[Grant]()

    def take(grant: Grant) -> bool:
        taken.append(grant)
        return True

    hand_off = HandOff(bell, take)
    for grant in GRANTS:
        await hand_off.ring([grant])

    assert SHARED == 8
    assert bell.rung == GRANTS[SHARED - 1 :: SHARED]
    assert sorted(taken + bell.rung, key=lambda grant: grant.token) == GRANTS


async def test_several_at_once_are_shared_alike():
    bell, taken = FakeDoorbell(), list[Grant]()

    def take(grant: Grant) -> bool:
        taken.append(grant)
        return True

    await HandOff(bell, take).ring(GRANTS)

    assert len(bell.rung) == len(GRANTS) // SHARED
    assert len(taken) + len(bell.rung) == len(GRANTS)


async def test_a_worker_that_is_leaving_rings_for_all():
    bell = FakeDoorbell()

    await HandOff(bell, lambda _grant: False).ring(GRANTS)

    assert bell.rung == GRANTS
