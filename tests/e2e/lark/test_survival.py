"""Workers die in the middle of a card, one after the other."""

import asyncio
from typing import Any

import pytest

from tests.e2e.lark.conftest import LarkGlimmer, StartLark
from tests.processes import ChildProcess

pytestmark = pytest.mark.e2e


async def working(bot: LarkGlimmer) -> ChildProcess:
    """Wait until a worker that is alive has shown text, and give it."""

    async def look() -> ChildProcess | None:
        alive = [worker for worker in bot.glimmer.workers if worker.exit_code is None]
        started = [worker for worker in alive if "INFO workers.runner started" in worker.log]
        return started[0] if started else None

    found: ChildProcess = await bot.until(look, 20)
    return found


async def shown(bot: LarkGlimmer, more_than: int) -> int:
    """Wait until the only card shows more characters than so many."""

    async def look() -> int:
        replies = await bot.replies()
        length = len(replies[0]["card"]["text"]) if replies else 0
        return length if length > more_than else 0

    length: int = await bot.until(look, 20)
    return length


async def test_a_card_is_finished_though_two_workers_die_over_it(start_lark: StartLark):
    bot = await start_lark(workers=2)
    await bot.say("[[sim:seconds=5]] [[sim:chunks=60]] Tell me about quorums")

    length = await shown(bot, 60)
    (await working(bot)).kill9()
    await bot.glimmer.start_worker()
    length = await shown(bot, length)
    (await working(bot)).kill9()
    [card] = await bot.finals(1, seconds=40)

    [request] = [one for one in await bot.glimmer.requests() if one["outcome"] == "completed"]
    assert request["answer"].strip()[-60:] in card["card"]["text"]
    assert len(await bot.replies()) == 1
    refused = [found for found in await bot.see("violations") if found["code"]]
    assert refused == []
    everything: list[dict[str, Any]] = await bot.see("cards")
    assert not any(one["is_streaming"] for one in everything)
    sequences = [change["sequence"] for change in everything[0]["history"] if change["sequence"]]
    assert sequences == sorted(set(sequences))


async def test_an_answer_of_many_pages_is_whole_over_several_cards(start_lark: StartLark):
    bot = await start_lark()
    await bot.say("[[sim:chars=30000]] [[sim:chunks=60]] [[sim:seconds=4]] 请写一篇很长的文章")

    async def whole() -> bool:
        replies = await bot.finals(1)
        return bool(replies) and "regenerate" in str(replies[-1]["card"]["card"])

    await bot.until(whole, 40)
    cards = await bot.replies()
    assert len(cards) > 2
    await asyncio.sleep(0)
    assert not any(card["card"]["is_streaming"] for card in cards)
    assert await bot.see("violations") == []
