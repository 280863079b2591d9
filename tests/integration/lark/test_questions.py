"""What becomes a question: pictures before words, quotations, bundles, follow-ups, menus."""

import json

import pytest

from bots.events import ButtonPressed, MessageEdited, MessageRecalled
from simulators.lark.config import DEFAULT_SCOPES
from tests.integration.lark.hearing import Scene, open_scene, picture, until

pytestmark = pytest.mark.redis

GROUP_MESSAGES = DEFAULT_SCOPES | {"im:message.group_msg"}


def keys(scene: Scene, index: int = -1) -> list[str]:
    """Name the messages from which a question's pictures come."""
    return [one.handle.partition("/")[0] for one in scene.heard.messages[index].attachments]


async def count(scene: Scene, number: int) -> None:
    await until(lambda: len(scene.heard.messages) >= number)


async def test_words_after_pictures_are_about_them(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 30}) as scene:
        first = await scene.lark.send_picture()
        second = await scene.lark.send_picture()
        for sent in (first, second):
            await scene.lark.until_acknowledged(sent["event_id"])
        words = await scene.lark.send("Which is larger?")
        await count(scene, 1)

    assert scene.heard.messages[0].message_id == words["message_id"]
    assert keys(scene) == [first["message_id"], second["message_id"]]


async def test_pictures_alone_become_one_question_after_a_while(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 2.5}) as scene:
        sent = [await scene.lark.send_picture() for _ in range(2)]
        await count(scene, 1)
        again = sent[0]["event_id"]
        await scene.lark.act("events/repeat", event_id=again)
        await until(lambda: _attempts(scene, again, 2))

    [question] = scene.heard.messages
    assert question.text == ""
    assert question.message_id == sent[0]["message_id"]
    assert keys(scene) == [one["message_id"] for one in sent]


async def _attempts(scene: Scene, event_id: str, number: int) -> bool:
    return len((await scene.lark.delivery(event_id))["receipts"]) >= number


async def test_words_that_come_late_while_the_picture_is_answered_are_about_it_too(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 0.2}) as scene:
        sent = await scene.lark.send_picture()
        await count(scene, 1)
        await scene.lark.send("What colour is it?")
        await count(scene, 2)

    assert keys(scene) == [sent["message_id"]]


async def test_repeated_events_take_the_same_pictures_again(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 30}) as scene:
        sent = await scene.lark.send_picture(manner={"times": 3})
        await scene.lark.until_acknowledged(sent["event_id"])
        await scene.lark.send("What is it?", manner={"times": 3})
        await count(scene, 3)

    assert {message.action_id for message in scene.heard.messages} == {scene.heard.messages[0].action_id}
    assert all(keys(scene, index) == [sent["message_id"]] for index in range(3))


async def test_a_picture_is_not_lost_when_the_words_could_not_be_kept(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 30}, retry_delays=(0.2,)) as scene:
        sent = await scene.lark.send_picture()
        await scene.lark.until_acknowledged(sent["event_id"])
        scene.heard.refusals = 1
        await scene.lark.send("What is it?")
        await count(scene, 1)

    assert keys(scene) == [sent["message_id"]]


async def test_a_command_leaves_the_picture_to_its_own_question(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 2.5}) as scene:
        sent = await scene.lark.send_picture()
        await scene.lark.until_acknowledged(sent["event_id"])
        await scene.lark.send("／imagine a fox")
        await count(scene, 2)

    imagine, question = scene.heard.messages
    assert (imagine.text, imagine.attachments) == ("/imagine a fox", ())
    assert (question.text, keys(scene)) == ("", [sent["message_id"]])


async def test_a_recalled_picture_is_forgotten(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 30}) as scene:
        sent = await scene.lark.send_picture()
        await scene.lark.until_acknowledged(sent["event_id"])
        await scene.lark.act("recall", message_id=sent["message_id"])
        await until(lambda: any(isinstance(event, MessageRecalled) for event in scene.heard.events))
        await scene.lark.send("What is it?")
        await count(scene, 1)

    assert not keys(scene)


async def test_a_voice_message_is_passed_on_at_once(redis_url: str):
    voice = {**picture(), "name": "v.opus", "media_type": "audio/opus", "duration_ms": 2000}
    async with open_scene(redis_url, own={"picture_wait": 600}) as scene:
        await scene.lark.send(type="audio", attachments=[voice])
        await count(scene, 1)

    assert scene.heard.messages[0].attachments[0].media_type == "audio/opus"


async def test_a_picture_in_the_same_post_belongs_to_the_question(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send(
            "what is this?", chat="Design", type="post", mention_bot=True, attachments=[picture()]
        )
        await count(scene, 1)

    assert scene.heard.messages[0].text == "what is this?"
    assert keys(scene) == [sent["message_id"]]


async def test_a_quoted_picture_is_seen_in_a_direct_chat(redis_url: str):
    async with open_scene(redis_url, own={"picture_wait": 0.1}) as scene:
        sent = await scene.lark.send_picture()
        await count(scene, 1)
        await scene.redis.flushall()
        await scene.lark.send("and this?", reply_to=sent["message_id"])
        await count(scene, 2)

    assert keys(scene) == [sent["message_id"]]
    assert scene.heard.messages[-1].conversation.thread_id is None


async def test_a_quoted_picture_in_a_group_needs_no_sensitive_scope_if_it_was_heard(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send(
            "look", chat="Design", type="post", mention_bot=True, attachments=[picture()]
        )
        await count(scene, 1)
        await scene.lark.send("bigger?", chat="Design", mention_bot=True, reply_to=sent["message_id"])
        await count(scene, 2)
        calls = await scene.lark.see("calls", name="message.get")

    assert keys(scene) == [sent["message_id"]]
    assert calls["calls"] == []


async def test_a_question_stands_where_its_quotation_may_not_be_read(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send("The launch is on Friday.", chat="Design", user="Bob")
        await scene.lark.send("is that so?", chat="Design", mention_bot=True, reply_to=sent["message_id"])
        await count(scene, 1)

    assert scene.heard.messages[0].text == "is that so?"


async def test_quoted_words_of_somebody_else_come_with_the_question(redis_url: str):
    async with open_scene(redis_url, scopes=GROUP_MESSAGES) as scene:
        sent = await scene.lark.send("The launch is on Friday.", chat="Design", user="Bob")
        await scene.lark.send("translate this", chat="Design", mention_bot=True, reply_to=sent["message_id"])
        await count(scene, 1)

    assert scene.heard.messages[0].text == "translate this\n\n> The launch is on Friday."


async def test_who_is_called_into_a_topic_of_others_knows_what_was_said_there(redis_url: str):
    async with open_scene(redis_url, scopes=GROUP_MESSAGES) as scene:
        root = await scene.lark.send("The launch is on Friday.", chat="Questions", user="Bob")
        later = {"chat": "Questions", "reply_to": root["message_id"], "in_thread": True}
        shown = await scene.lark.send(type="image", attachments=[picture()], user="Chen", **later)
        await scene.lark.send("Too early, I think.", user="Chen", **later)
        await scene.lark.send("who is right?", mention_bot=True, **later)
        await count(scene, 1)
        await scene.lark.send("and why?", mention_bot=True, **later)
        await count(scene, 2)

    first, second = scene.heard.messages
    assert first.text == (
        "who is right?\n\n> Person 1: The launch is on Friday.\n"
        "> Person 2: [image.jpg]\n> Person 2: Too early, I think."
    )
    assert keys(scene, 0) == [shown["message_id"]]
    assert (second.text, second.attachments) == ("and why?", ())  # the transcript has the rest


async def test_forwarded_messages_are_read_with_the_words_that_follow(redis_url: str):
    children = [
        {"chat": "Alice", "user": "Alice", "text": "Shall we meet?"},
        {"chat": "Alice", "user": "Bob", "text": "Yes,\nat nine."},
    ]
    async with open_scene(redis_url, own={"picture_wait": 30}) as scene:
        sent = await scene.lark.send(type="merge_forward", children=children)
        await scene.lark.until_acknowledged(sent["event_id"])
        await scene.lark.send("When do they meet?")
        await count(scene, 1)

    wanted = "When do they meet?\n\n> Person 1: Shall we meet?\n> Person 2: Yes,\n> at nine."
    assert scene.heard.messages[0].text == wanted


async def test_only_the_asker_goes_on_in_a_topic_without_a_mention(redis_url: str):
    async with open_scene(redis_url, scopes=GROUP_MESSAGES) as scene:
        asked = await scene.lark.send("why?", chat="Questions", mention_bot=True)
        await count(scene, 1)
        for user, text in (("Bob", "I know why"), ("Alice", "@Bob really?"), ("Alice", "and then?")):
            sent = await scene.lark.send(
                text, chat="Questions", user=user, reply_to=asked["message_id"], in_thread=True
            )
            await scene.lark.until_acknowledged(sent["event_id"])

    assert [message.text for message in scene.heard.messages] == ["why?", "and then?"]
    assert len({message.conversation.key for message in scene.heard.messages}) == 1


async def test_an_edit_is_told_and_an_old_message_is_left_alone(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send("why is the sky bleu?")
        await count(scene, 1)
        await scene.lark.act("edit", message_id=sent["message_id"], text="why is the sky blue?")
        await until(lambda: any(isinstance(event, MessageEdited) for event in scene.heard.events))
        old = await scene.lark.send("asked yesterday", age_seconds=3600)
        await scene.lark.until_acknowledged(old["event_id"])
        changed = await scene.lark.act("edit", message_id=old["message_id"], text="asked today")
        await scene.lark.until_acknowledged(changed["event_id"])

    edits = [event.message.text for event in scene.heard.events if isinstance(event, MessageEdited)]
    asked = [message.text for message in scene.heard.messages]
    assert edits == ["why is the sky blue?", "asked today"]
    assert asked == ["why is the sky bleu?", "why is the sky blue?"]


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
