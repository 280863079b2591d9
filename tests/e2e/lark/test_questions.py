"""People ask in Lark: in a group, with pictures, with commands; over both transports."""

import pytest

from tests.e2e.lark.conftest import StartLark, picture

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("over", ["websocket", "webhook"])
async def test_the_three_uses(start_lark: StartLark, over: str):
    """A mention in a group, a picture question in two messages, a picture painted."""
    bot = await start_lark(over=over)

    asked = await bot.say("What is a quorum?", chat="Design", mention_bot=True)
    [answer] = await bot.finals(1)
    assert answer["root_id"] == asked["message_id"]
    assert answer["thread_id"]
    [request] = await bot.glimmer.requests()
    assert request["answer"].strip()[:40] in answer["card"]["text"]

    await bot.say(type="image", attachments=[picture()])
    await bot.say("What size is this picture?")
    replies = await bot.finals(2)
    assert "640 × 480" in replies[1]["card"]["text"]

    await bot.say("/imagine a red fox in snow --size 1344x768")
    replies = await bot.finals(4)
    assert "image" in [one["msg_type"] for one in replies[2:]]
    assert await bot.see("violations") == []
