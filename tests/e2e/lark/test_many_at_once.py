"""Many people at once: each gets the whole answer in the right place, and Lark has nothing to complain of."""

import asyncio
import json

import pytest

from tests.e2e.lark.conftest import LarkGlimmer, StartLark

pytestmark = pytest.mark.e2e

CHATS, IN_GROUP = 30, 10
MODEL = "glm-4.7-flash"


async def ask_everywhere(bot: LarkGlimmer) -> dict[str, str]:
    """Ask in thirty chats and ten times in one group; gives each question by its message_id."""
    for number in range(CHATS):
        await bot.act("chats", name=f"Person {number}", mode="p2p", members=[f"Person {number}"])
    asks = [
        bot.say(f"[[sim:seconds=4]] question {number}", chat=f"Person {number}", user=f"Person {number}")
        for number in range(CHATS)
    ]
    asks += [
        bot.say(f"[[sim:seconds=4]] group question {number}", chat="Design", mention_bot=True)
        for number in range(IN_GROUP)
    ]
    sent = await asyncio.gather(*asks)
    return {one["message_id"]: str(number) for number, one in enumerate(sent)}


async def test_forty_questions_at_once_are_all_answered_in_their_places(start_lark: StartLark):
    slots = json.dumps({MODEL: CHATS + IN_GROUP})
    lark = ("--quota", "0")
    bot = await start_lark(workers=2, lark=lark, LARK_MONTHLY_CALLS="0", GLM_CONCURRENCY=slots)
    await bot.glimmer.set_limits({MODEL: CHATS + IN_GROUP})
    asked = await ask_everywhere(bot)

    cards = await bot.finals(len(asked), seconds=90)

    assert len(cards) == len(asked)  # one message each
    assert {card["root_id"] for card in cards} == set(asked)
    answers = [request["answer"].strip()[-40:] for request in await bot.glimmer.requests()]
    texts = "\n".join(card["card"]["text"] for card in cards)
    assert len(answers) == len(asked)
    assert all(answer in texts for answer in answers)
    in_group = [card for card in cards if card["thread_id"]]
    assert len({card["thread_id"] for card in in_group}) == IN_GROUP
    # A slow machine may acknowledge an event late; what is counted here is what the bot called.
    assert [one for one in await bot.see("violations") if one["where"] != "event"] == []
