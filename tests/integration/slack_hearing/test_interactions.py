"""Commands, shortcuts, modals, buttons and the Home tab."""

import asyncio
from typing import Any

from redis.asyncio import Redis

from adapters.platforms.slack.buttons import action_id, button_value
from adapters.redis.preferences import RedisPreferences
from bots.events import ButtonPressed
from tests.integration.slack_hearing.ears import Ears
from tests.integration.slack_hearing.script import ALICE, ALICE_DM, GENERAL, PAYROLL, TEAM, Script
from tests.integration.slack_hearing.test_messages import PICTURE


async def slash(slack: Script, command: str, text: str, channel: str = "general") -> str:
    """Type a command and give what its asker alone is told."""
    done = await slack.act("slash", command=command, text=text, channel=channel)
    delivery = done["deliveries"][0]
    assert delivery["acked"], delivery
    return str((delivery["reply"] or {}).get("text", ""))


async def bot_messages(slack: Script, channel: str) -> list[dict[str, Any]]:
    said = (await slack.get("messages", channel=channel, author="bot"))["messages"]
    return [message for message in said if not message["ephemeral_to"]]


async def test_a_command_is_shown_and_its_answer_goes_into_that_thread(ears: Ears, slack: Script):
    assert await slash(slack, "/imagine", "a red fox &lt;in&gt; snow --n 2") == ""
    message = await ears.hear_message()
    (shown,) = await bot_messages(slack, GENERAL)
    assert message.text == "/imagine a red fox <in> snow --n 2"
    assert message.conversation.thread_id == shown["ts"] == message.message_id
    assert message.sender.user_id == ALICE
    assert "a red fox &lt;in&gt; snow" in shown["text"]


async def test_what_follows_a_command_in_its_thread_is_heard(ears: Ears, slack: Script):
    await slash(slack, "/ask", "why?")
    asked = await ears.hear_message()
    await slack.say("and why not?", channel="general", thread_ts=asked.message_id)
    followed = await ears.hear_message(2)
    assert followed.conversation == asked.conversation


async def test_a_mistaken_command_is_explained_to_its_asker_only(ears: Ears, slack: Script):
    assert "--n" not in await slash(slack, "/imagine", "a fox --n 9")
    assert "paint" in await slash(slack, "/imagine", "a fox --n 9")
    assert await slash(slack, "/ask", "") != ""
    assert await bot_messages(slack, GENERAL) == []
    assert ears.events == []


async def test_settings_are_changed_in_private(ears: Ears, slack: Script, redis: Redis):
    said = await slash(slack, "/glm", "model glm-4.6")
    kept = await RedisPreferences(redis).read(f"slack:{TEAM}:{ALICE}")
    assert "glm-4.6" in said
    assert kept.model == "glm-4.6"
    assert ears.events == []


async def test_a_command_where_the_bot_may_not_write_says_so(ears: Ears, slack: Script):
    assert "Invite me" in await slash(slack, "/ask", "why?", channel=PAYROLL)
    assert ears.events == []


async def test_a_command_that_could_not_be_kept_says_so(ears: Ears, slack: Script):
    ears.failures = 1
    assert "try again" in await slash(slack, "/ask", "why?")


async def test_a_command_is_acknowledged_in_time_and_followed_however_slow_slack_is(
    ears: Ears, slack: Script
):
    await slack.post("faults", method="chat.postMessage", kind="slow", seconds=3.5)
    done = await slack.act("slash", command="/ask", text="why?", channel="general")
    assert done["deliveries"][0]["acked"]
    assert ears.events == []
    assert (await ears.hear_message()).text == "/ask why?"


async def test_many_commands_in_one_channel_are_all_followed_without_a_429(ears: Ears, slack: Script):
    """Slack takes about one message a second and channel."""
    await asyncio.gather(*(slash(slack, "/ask", f"why {number}?") for number in range(7)))
    await ears.hear(7)
    counts = await slack.get("counts")
    assert counts["rate_limited"] == 0
    assert len(await bot_messages(slack, GENERAL)) == 7


async def test_a_repeated_command_is_asked_once(ears: Ears, slack: Script):
    done = await slack.act("slash", command="/ask", text="why?", channel="general")
    copies = await slack.post(f"deliveries/{done['deliveries'][0]['id']}/replay", times=3)
    for copy in copies["deliveries"]:
        await slack.until(f"deliveries/{copy}", lambda answer: bool(answer["settled"]))
    assert len(ears.events) == 1
    assert len(await bot_messages(slack, GENERAL)) == 1


async def test_a_button_arrives_with_what_it_is_for(ears: Ears, slack: Script):
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Again"},
        "action_id": action_id("regenerate"),
        "value": button_value("slack:T:C:1.2"),
    }
    posted = slack.http.post(
        "/api/chat.postMessage",
        json={"channel": GENERAL, "text": "x", "blocks": [{"type": "actions", "elements": [button]}]},
        headers={"Authorization": "Bearer xoxb-simulated-bot"},
    ).json()
    await slack.act("press", channel="general", ts=posted["ts"], action_id=action_id("regenerate"))
    (pressed,) = await ears.hear(1)
    assert isinstance(pressed, ButtonPressed)
    assert (pressed.action, pressed.reply_id) == ("regenerate", "slack:T:C:1.2")
    assert pressed.conversation.thread_id == posted["ts"]


async def test_a_message_with_a_picture_can_be_asked_about(ears: Ears, slack: Script):
    ts = await slack.say("my holiday", channel="general", user="bob", files=[PICTURE])
    await slack.act("message_shortcut", channel="general", ts=ts, callback_id="glimmer_ask")
    view = await slack.open_view()
    values = {"question": {"entered": {"type": "plain_text_input", "value": "where is this?"}}}
    done = await slack.act("submit_view", view_id=view["id"], values=values)
    assert done["deliveries"][0]["acked"]
    message = await ears.hear_message()
    assert message.text == "where is this?\n\n> my holiday"
    assert [file.name for file in message.attachments] == ["fox.png"]
    assert message.conversation.key == f"slack:{TEAM}:{GENERAL}:{ts}"


async def test_a_question_about_a_message_where_the_bot_is_not_is_answered_in_private(
    ears: Ears, slack: Script
):
    ts = await slack.say("raises for all", channel=PAYROLL)
    await slack.act("message_shortcut", channel=PAYROLL, ts=ts, callback_id="glimmer_ask")
    view = await slack.open_view()
    values = {"question": {"entered": {"type": "plain_text_input", "value": "how much?"}}}
    await slack.act("submit_view", view_id=view["id"], values=values)
    message = await ears.hear_message()
    assert message.conversation.channel_id == ALICE_DM
    assert "raises for all" in message.text


async def test_a_picture_can_be_asked_for_from_anywhere(ears: Ears, slack: Script):
    await slack.act("global_shortcut", callback_id="glimmer_paint")
    view = await slack.open_view()
    values = {
        "prompt": {"entered": {"type": "plain_text_input", "value": "a fox\nin snow"}},
        "size": {"chosen": {"type": "static_select", "selected_option": {"value": "1344x768"}}},
        "count": {"chosen": {"type": "static_select", "selected_option": {"value": "2"}}},
    }
    await slack.act("submit_view", view_id=view["id"], values=values)
    message = await ears.hear_message()
    assert message.text == "/imagine a fox in snow --size 1344x768 --n 2"
    assert message.conversation.channel_id == ALICE_DM


async def test_a_submission_that_could_not_be_kept_leaves_the_modal_open(ears: Ears, slack: Script):
    await slack.act("global_shortcut", callback_id="glimmer_paint")
    view = await slack.open_view()
    ears.failures = 1
    values = {"prompt": {"entered": {"type": "plain_text_input", "value": "a fox"}}}
    done = await slack.act("submit_view", view_id=view["id"], values=values)
    assert "try again" in done["deliveries"][0]["reply"]["errors"]["prompt"]


async def test_the_home_tab_shows_and_changes_settings(ears: Ears, slack: Script, redis: Redis):
    await slack.act("open_app", tab="home")
    await slack.until("calls", lambda answer: len(answer["calls"]) == 1, method="views.publish")
    state = await slack.get("state")
    home = next(shown["view"] for shown in state["workspaces"][0]["views"] if shown["kind"] == "home")
    await slack.act("press", view_id=home["id"], action_id="glimmer-home:thinking", value="off")
    kept = await RedisPreferences(redis).read(f"slack:{TEAM}:{ALICE}")
    assert kept.thinking == "off"
    await slack.until("calls", lambda answer: len(answer["calls"]) == 2, method="views.publish")


async def test_prompts_are_offered_where_a_conversation_begins(ears: Ears, slack: Script):
    await slack.act("open_app", tab="messages")
    method = "assistant.threads.setSuggestedPrompts"
    answer = await slack.until("calls", lambda answer: bool(answer["calls"]), method=method)
    assert answer["calls"][0]["outcome"] == "ok"
