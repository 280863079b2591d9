"""When a model is tried again."""

import re

import pytest

from bots import errors
from bots.errors import (
    BotError,
    ConcurrencyExceeded,
    KeyRejected,
    ModelAnsweredNothing,
    ModelError,
    ModelNotFound,
    ModelOverloaded,
    ModelRejectedRequest,
    ModelStreamBroken,
    ModelTimedOut,
    ModelUnavailable,
    OutOfMoney,
    PromptRefused,
    PromptTooLong,
    QuotaExhausted,
)
from bots.retrying import RetryPolicy

POLICY = RetryPolicy()


@pytest.mark.parametrize(
    ("error", "reason", "tries"),
    [
        (ConcurrencyExceeded(), "refused", 50),
        (ModelOverloaded(), "overloaded", 5),
        (ModelUnavailable(), "unavailable", 3),
    ],
)
def test_a_passing_failure_is_tried_again_so_many_times(error: ModelError, reason: str, tries: int):
    decisions = [POLICY.decide(error, refusals) for refusals in range(tries + 2)]

    assert [decision.reason for decision in decisions if decision is not None] == [reason] * tries
    assert decisions[tries:] == [None, None]


@pytest.mark.parametrize(
    "error",
    [
        KeyRejected(),
        ModelAnsweredNothing(),
        ModelNotFound(),
        ModelRejectedRequest(),
        ModelStreamBroken(),
        ModelTimedOut(),
        OutOfMoney(),
        PromptRefused(),
        PromptTooLong(),
        QuotaExhausted(),
    ],
)
def test_what_waiting_does_not_mend_is_not_tried_again(error: ModelError):
    assert POLICY.decide(error, 0) is None


@pytest.mark.parametrize(("error", "first"), [(ModelOverloaded(), 2.0), (ModelUnavailable(), 1.0)])
def test_each_pause_is_about_twice_the_former(error: ModelError, first: float):
    for refusals in range(3):
        decision = POLICY.decide(error, refusals)

        assert decision is not None
        ceiling = first * 2**refusals
        assert ceiling / 2 <= decision.pause <= ceiling


def test_no_pause_is_longer_than_a_user_would_wait():
    patient = RetryPolicy(overloaded_tries=99)

    pauses = [
        decision.pause for refusals in range(99) if (decision := patient.decide(ModelOverloaded(), refusals))
    ]

    assert max(pauses) <= 60
    assert min(pauses[10:]) >= 30


def test_pauses_differ_so_that_not_everybody_comes_back_at_once():
    pauses = {decision.pause for _ in range(20) if (decision := POLICY.decide(ModelOverloaded(), 3))}

    assert len(pauses) > 10


def test_what_passes_is_what_the_tree_of_errors_marks():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BotError)]

    passing = {kind.__name__ for kind in kinds if kind.is_transient}
    assert passing == set(re.findall(r"(\w+) †", errors.__doc__ or ""))
