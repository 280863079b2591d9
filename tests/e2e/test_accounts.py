"""Several accounts: one that cannot answer is left out, and nobody who asks notices."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import StartGlimmer

pytestmark = pytest.mark.e2e

GOOD = {"name": "good", "key": "demo.secret"}


def accounts(other_key: str) -> dict[str, str]:
    """Two accounts, of which the other one has more slots and is therefore tried first."""
    other = {"name": "other", "key": other_key, "concurrency": {"glm-4.7-flash": 2}}
    return {"GLM_API_KEY": "", "GLM_ACCOUNTS": json.dumps([GOOD, other])}


async def answers(glimmer, open_playground, thread: str, text: str) -> dict[str, Any]:
    person = open_playground(glimmer)
    async with person.watch(thread) as watcher:
        await person.send(thread, text)
        [reply] = await watcher.final()
    return dict(reply)


async def test_an_empty_accounts_question_is_answered_by_the_other_account(
    start_glimmer: StartGlimmer, open_playground
):
    simulator = ("--pace", "0", "--key", "poor.secret", "--account", "poor=broke", "--empty-account", "broke")
    glimmer = await start_glimmer(simulator=simulator, **accounts("poor.secret"))

    first = await answers(glimmer, open_playground, "t1", "[[sim:text=Here you are.]]")
    second = await answers(glimmer, open_playground, "t2", "[[sim:text=And again.]]")

    assert (first["markdown"], second["markdown"]) == ("Here you are.", "And again.")
    assert (await glimmer.stats())["refusals"] == {"1113": 1}  # the second question did not even try


async def test_a_dead_accounts_question_is_answered_by_the_other_and_the_dead_one_is_tried_again_later(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(
        simulator=("--pace", "0"), **accounts("wrong.secret"), LINE_BARRED_SECONDS="0.5"
    )

    first = await answers(glimmer, open_playground, "t1", "[[sim:text=Here you are.]]")
    assert first["markdown"] == "Here you are."
    assert (await glimmer.stats())["refusals"] == {"1000": 1}

    for number in range(40):  # half a second passes in one of them
        again = await answers(glimmer, open_playground, f"again{number}", "[[sim:text=And again.]]")
        assert again["outcome"] == "answered"
        if (await glimmer.stats())["refusals"]["1000"] > 1:
            return
    pytest.fail("the account was never tried again")


async def test_when_every_account_is_empty_the_person_is_told_at_once(
    start_glimmer: StartGlimmer, open_playground
):
    simulator = ("--key", "poor.secret", "--account", "poor=broke", "--account", "demo=broke")
    glimmer = await start_glimmer(
        simulator=(*simulator, "--empty-account", "broke"), **accounts("poor.secret")
    )

    reply = await answers(glimmer, open_playground, "t1", "Anybody?")

    assert reply["outcome"] == "failed"
    assert "no balance" in json.dumps(reply)
