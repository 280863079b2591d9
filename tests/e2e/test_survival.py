"""Pull the plug, anywhere: every accepted question is answered, once, in its own message."""

import asyncio
import signal
import time

import pytest
import redis as redis_client

from tests.e2e.conftest import StartGlimmer
from tests.e2e.playground import State, Watcher

pytestmark = pytest.mark.e2e

SLOW = "[[sim:seconds=4]] [[sim:chunks=40]] Tell me about quorums"


def has_text(watcher: Watcher) -> bool:
    return any(reply["markdown"] for reply in watcher.replies.values())


def check_once(messages: list[State], questions: int) -> None:
    """Every question has one reply, final and answered."""
    replies = [message for message in messages if message["author"] == "bot"]
    assert len(replies) == questions
    assert all(reply["is_final"] and reply["outcome"] == "answered" for reply in replies), replies


async def test_a_killed_workers_answer_is_finished_by_the_next_in_the_same_message(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "1"), workers=2)
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", SLOW)
        await watcher.until(has_text)
        [reply_id] = watcher.replies
        victim = next(worker for worker in glimmer.workers if "INFO workers.runner started" in worker.log)
        shown_at_death = len(watcher.replies[reply_id]["markdown"])
        victim.kill9()
        killed_at = time.monotonic()
        [reply] = await watcher.final(timeout=10)

    assert time.monotonic() - killed_at < 10
    requests = await glimmer.requests()
    lengths = [len(state["markdown"]) for state in watcher.of(reply_id)]
    assert reply["id"] == reply_id
    assert reply["markdown"] == requests[-1]["answer"]
    assert lengths[-1] > shown_at_death
    assert min(lengths[lengths.index(shown_at_death) :]) >= shown_at_death  # the reader's text never shrank
    check_once(await person.messages("t1"), 1)
    assert len(requests) == 2


async def test_a_worker_that_is_told_to_leave_hands_its_answer_over_at_once(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "1"), workers=1)
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", SLOW)
        await watcher.until(has_text)
        await glimmer.start_worker()
        first = glimmer.workers[0]
        first.send(signal.SIGTERM)
        assert await first.wait(timeout=5) == 0
        await glimmer.workers[1].wait_for_log("INFO workers.runner started", timeout=2)
        await watcher.final(timeout=10)

    check_once(await person.messages("t1"), 1)
    assert "handed back" in first.log


async def test_a_gateway_killed_after_the_ack_loses_nothing(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(workers=0)
    person = open_playground(glimmer)

    for number in range(5):
        await person.send(f"t{number}", f"Question {number}", user=f"u{number}")
    glimmer.gateway.kill9()
    await glimmer.start_worker()
    await glimmer.start_gateway()

    for number in range(5):
        async with person.watch(f"t{number}") as watcher:
            await watcher.final(timeout=30)
        check_once(await person.messages(f"t{number}"), 1)
    assert len(await glimmer.requests()) == 5


async def test_redis_killed_and_started_again_in_mid_answer(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "1"), workers=2)
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        for number in range(4):
            await person.send("t1", f"[[sim:seconds=3]] Question {number}", user=f"u{number}")
        await watcher.until(has_text)
        glimmer.redis.kill9()
        await asyncio.sleep(1.0)  # how long the outage lasts
        glimmer.redis.start()
        await watcher.final(4, timeout=60)
        await person.send("t1", "And after that?")
        await watcher.final(5, timeout=30)

    check_once(await person.messages("t1"), 5)
    assert all(worker.exit_code is None for worker in glimmer.workers)
    assert len(await glimmer.requests()) == 5  # nothing was generated twice


async def test_every_connection_to_redis_killed_again_and_again(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "0"), workers=2)
    person = open_playground(glimmer)
    killer = redis_client.Redis.from_url(glimmer.redis.url)

    async with person.watch("t1") as watcher:
        for number in range(8):
            await person.send("t1", f"[[sim:seconds=0.7]] Question {number}", user=f"u{number}")
        for _ in range(4):
            for kind in ("normal", "pubsub"):
                killer.client_kill_filter(_type=kind, skipme=True)
            await asyncio.sleep(0.5)  # time to reconnect before the next blow
        await watcher.final(8, timeout=60)
    killer.close()

    check_once(await person.messages("t1"), 8)
    assert all(worker.exit_code is None for worker in glimmer.workers)
    assert len(await glimmer.requests()) == 8


async def test_a_question_that_cannot_be_stored_is_not_acknowledged(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(workers=0)
    person = open_playground(glimmer)
    glimmer.redis.freeze()

    began = time.monotonic()
    with pytest.raises(AssertionError, match="error"):
        await person.send("t1", "Are you there?")

    assert time.monotonic() - began < 3
    glimmer.redis.thaw()


async def test_a_frozen_worker_writes_nothing_after_another_took_over(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "1"), workers=2, LINE_LEASE_SECONDS="3")
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", SLOW)
        await watcher.until(has_text)
        frozen = next(worker for worker in glimmer.workers if "INFO workers.runner started" in worker.log)
        frozen.send(signal.SIGSTOP)
        [reply] = await watcher.final(timeout=20)
        frozen.send(signal.SIGCONT)
        await frozen.wait_for_log("lease lost", timeout=10)

    assert (await person.messages("t1"))[-1] == reply
