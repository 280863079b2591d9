"""Meeting the bot, its menu, and the buttons under its answers."""

import json

import pytest

from bots.events import ButtonPressed
from tests.integration.lark.hearing import Scene, open_scene, until

pytestmark = pytest.mark.redis


async def count(scene: Scene, number: int) -> None:
    await until(lambda: len(scene.heard.messages) >= number)


async def test_a_menu_entry_becomes_a_command_in_the_direct_chat(redis_url: str):
    async with open_scene(redis_url) as scene:
        await scene.lark.act("menu", event_key="glm")
        await count(scene, 1)
        shown = (await scene.lark.see("messages"))["messages"]

    [command] = scene.heard.messages
    assert command.text == "/glm"
    assert [one["message_id"] for one in shown] == [command.message_id]


async def test_everybody_is_greeted_once(redis_url: str):
    async with open_scene(redis_url) as scene:
        for _ in range(2):
            await scene.lark.act("enter", name="Alice")
        await scene.lark.act("chats", name="Design", has_bot=False)
        await scene.lark.act("chats", name="Design", has_bot=True)

        async def greetings() -> list[str]:
            return [one["chat_id"] for one in (await scene.lark.see("messages"))["messages"]]

        async def are_two() -> bool:
            return len(await greetings()) == 2

        await until(are_two)
        told = await scene.lark.act("enter", name="Alice")
        assert told["chat_id"] in await greetings()

        async def are_acknowledged() -> bool:
            found = (await scene.lark.see("deliveries"))["deliveries"]
            return all(one["state"] == "acknowledged" for one in found)

        await until(are_acknowledged)
        assert len(await greetings()) == 2


async def _card_with_stop(scene: Scene, reply_to: str, reply_id: str) -> str:
    token = await scene.lark.http.post(
        "/open-apis/auth/v3/tenant_access_token/internal",
        json={"app_id": scene.lark.config.app_id, "app_secret": scene.lark.config.app_secret},
    )
    value = {"action": "stop", "reply": reply_id, "value": ""}
    button = {
        "tag": "button",
        "element_id": "stop",
        "text": {"tag": "plain_text", "content": "Stop"},
        "behaviors": [{"type": "callback", "value": value}],
    }
    content = json.dumps({"schema": "2.0", "body": {"elements": [button]}})
    answer = await scene.lark.http.post(
        f"/open-apis/im/v1/messages/{reply_to}/reply",
        json={"msg_type": "interactive", "content": content},
        headers={"Authorization": f"Bearer {token.json()['tenant_access_token']}"},
    )
    return str(answer.json()["data"]["message_id"])


async def test_only_the_asker_or_an_admin_may_stop(redis_url: str):
    async with open_scene(redis_url) as scene:
        asked = await scene.lark.send("why?", chat="Design", mention_bot=True)
        await count(scene, 1)
        reply_id = scene.heard.messages[0].action_id
        card = await _card_with_stop(scene, asked["message_id"], reply_id)
        strangers = await scene.lark.act("press", message_id=card, button="stop", user="Bob")
        own = await scene.lark.act("press", message_id=card, button="stop", user="Alice")

    presses = [event for event in scene.heard.events if isinstance(event, ButtonPressed)]
    assert [(press.action, press.reply_id) for press in presses] == [("stop", reply_id)]
    assert strangers["code"] == own["code"] == 0
    assert strangers["toast"]["type"] == "warning"
    assert own["toast"]["content"] == "Stopping."


async def test_a_press_that_could_not_be_kept_is_told(redis_url: str):
    async with open_scene(redis_url) as scene:
        asked = await scene.lark.send("why?")
        await count(scene, 1)
        card = await _card_with_stop(scene, asked["message_id"], scene.heard.messages[0].action_id)
        scene.heard.refusals = 1
        shown = await scene.lark.act("press", message_id=card, button="stop")

    assert shown["toast"]["type"] == "error"
