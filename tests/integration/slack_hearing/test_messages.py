"""What people write in Slack arrives, once for each delivery, as what it means to the bot."""

import asyncio
import base64

import pytest

from bots.events import ButtonPressed, MessageEdited, MessageRecalled, MessageSent
from tests.integration.slack_hearing.ears import Ears
from tests.integration.slack_hearing.script import ALICE, ALICE_DM, GENERAL, TEAM, Script

PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
).decode()
PICTURE = {"name": "fox.png", "content_base64": PNG, "mimetype": "image/png"}


async def nothing_more(ears: Ears, slack: Script, count: int) -> None:
    """All that was sent is acknowledged and nothing else was handed over."""
    await slack.until("deliveries", lambda answer: not answer["deliveries"], pending=True)
    assert len(ears.events) == count


async def test_a_mention_arrives_without_the_mention(ears: Ears, slack: Script):
    ts = await slack.say("why is the *sky* blue?", channel="general", mention=True)
    message = await ears.hear_message()
    assert message.text == "why is the **sky** blue?"
    assert message.message_id == ts
    assert message.conversation.key == f"slack:{TEAM}:{GENERAL}:{ts}"
    assert message.sender.user_id == ALICE
    assert message.addressed_to_bot


async def test_the_two_events_of_one_mention_are_one_action(ears: Ears, slack: Script):
    await slack.say("hello", channel="general", mention=True)
    first, second = await ears.hear(2)
    assert isinstance(first, MessageSent)
    assert isinstance(second, MessageSent)
    assert first.message.action_id == second.message.action_id


async def test_a_direct_message_needs_no_mention_and_begins_a_thread(ears: Ears, slack: Script):
    ts = await slack.say("hello")
    message = await ears.hear_message()
    assert message.conversation.channel_id == ALICE_DM
    assert message.conversation.thread_id == ts
    titled = await slack.until("calls", lambda a: bool(a["calls"]), method="assistant.threads.setTitle")
    assert titled["calls"][-1]["arguments"]["title"] == "hello"


async def test_a_picture_without_words_arrives(ears: Ears, slack: Script):
    await slack.say("", files=[PICTURE])
    message = await ears.hear_message()
    assert message.text == ""
    assert [(file.name, file.media_type) for file in message.attachments] == [("fox.png", "image/png")]


async def test_a_file_of_another_organisation_is_looked_up(ears: Ears, slack: Script):
    """Slack Connect sends a stub, which says nothing but its id."""
    await slack.say("and this?", files=[{**PICTURE, "mode": "file_access"}])
    message = await ears.hear_message()
    assert [(file.name, file.media_type) for file in message.attachments] == [("fox.png", "image/png")]


async def test_a_file_that_stays_unknown_is_taken_for_a_picture(ears: Ears, slack: Script):
    await slack.post("faults", method="files.info", kind="error", error="access_denied")
    await slack.say("and this?", files=[{**PICTURE, "mode": "file_access"}])
    message = await ears.hear_message()
    assert [file.media_type for file in message.attachments] == ["image/unknown"]


async def test_a_channel_in_which_nobody_asks_is_left_alone(ears: Ears, slack: Script):
    ts = await slack.say("good morning", channel="general")
    await slack.say("good morning to you", channel="general", thread_ts=ts)
    await nothing_more(ears, slack, 0)


async def test_a_reply_in_the_bots_thread_needs_no_mention(ears: Ears, slack: Script):
    root = await slack.say("hello", channel="general", mention=True)
    await ears.hear(2)
    await slack.say("and then?", channel="general", thread_ts=root, user="bob")
    message = await ears.hear_message(3)
    assert message.text == "and then?"
    assert message.conversation.thread_id == root
    assert message.addressed_to_bot


async def test_a_reply_to_somebody_else_in_the_bots_thread_is_not_for_the_bot(ears: Ears, slack: Script):
    root = await slack.say("hello", channel="general", mention=True)
    await ears.hear(2)
    await slack.say("what do you think, @bob?", channel="general", thread_ts=root, typed=True)
    await nothing_more(ears, slack, 2)


async def test_a_mention_further_down_brings_what_was_said_above_with_its_pictures(ears: Ears, slack: Script):
    root = await slack.say("look", channel="general", files=[PICTURE])
    await slack.say("a *dog*?", channel="general", thread_ts=root, user="bob")
    ts = await slack.say("what is this?", channel="general", thread_ts=root, mention=True)
    message = await ears.hear_message()
    assert [file.name for file in message.attachments] == ["fox.png"]
    assert message.text == (
        "what is this?\n\n(Earlier in this thread:)\n> @U0ALICE001: look\n> @U0BOBBY001: a **dog**?"
    )
    await slack.act("edit", channel="general", ts=ts, text="what was this?")
    await slack.until("deliveries", lambda answer: not answer["deliveries"], pending=True)
    edited = ears.events[-1]
    assert isinstance(edited, MessageEdited)
    assert edited.message.text.startswith("what was this?\n\n(Earlier")
    assert [file.name for file in edited.message.attachments] == ["fox.png"]
    heard = len(ears.events)
    await slack.say("and now?", channel="general", thread_ts=root)
    assert (await ears.hear_message(heard + 1)).text == "and now?"


async def test_a_command_further_down_is_left_as_it_is(ears: Ears, slack: Script):
    root = await slack.say("look", channel="general")
    await slack.say("/imagine a fox", channel="general", thread_ts=root, mention=True)
    assert (await ears.hear_message()).text == "/imagine a fox"


async def test_other_bots_and_unfurled_links_are_ignored(ears: Ears, slack: Script):
    await slack.say("build ok", channel="general", user="ci", mention=True)
    root = await slack.say("see https://example.com", channel="general", mention=True, typed=True)
    await ears.hear(2)
    await slack.act("unfurl", channel="general", ts=root)
    await nothing_more(ears, slack, 2)


async def test_an_edit_and_a_deletion_arrive(ears: Ears, slack: Script):
    ts = await slack.say("two and two?")
    await ears.hear_message()
    await slack.act("edit", ts=ts, text="two and three?")
    edited = (await ears.hear(2))[1]
    assert isinstance(edited, MessageEdited)
    assert edited.message.text == "two and three?"
    assert edited.message.message_id == ts
    await slack.act("delete", ts=ts)
    recalled = (await ears.hear(3))[2]
    assert isinstance(recalled, MessageRecalled)
    assert recalled.message_id == ts


async def test_the_edit_of_what_was_never_asked_is_nothing(ears: Ears, slack: Script):
    root = await slack.say("good morning", channel="general")
    reply = await slack.say("good morning to you", channel="general", thread_ts=root)
    await slack.act("edit", channel="general", ts=reply, text="and good evening")
    await nothing_more(ears, slack, 0)
    assert await slack.calls("conversations.replies") == []


async def test_slacks_stop_ends_what_was_asked_in_the_thread(ears: Ears, slack: Script):
    ts = await slack.say("tell me a long story")
    asked = await ears.hear_message()
    await slack.until("deliveries", lambda answer: not answer["deliveries"], pending=True)
    await slack.act("stop", thread_ts=ts)
    pressed = (await ears.hear(2))[1]
    assert isinstance(pressed, ButtonPressed)
    assert (pressed.action, pressed.reply_id) == ("stop", asked.action_id)


@pytest.mark.parametrize("shape", [{"type": "message", "text": {"x": 1}}, {"type": "emoji_changed"}, {}])
async def test_an_event_of_unknown_shape_is_acknowledged_and_dropped(ears: Ears, slack: Script, shape):
    sent = await slack.post("events", event={"type": "team_join", **shape})
    delivery = sent["deliveries"][0]["id"]
    await slack.until(f"deliveries/{delivery}", lambda answer: answer["settled"])
    assert (await slack.get(f"deliveries/{delivery}"))["acked"]
    assert ears.events == []


async def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(ears: Ears, slack: Script):
    ears.failures = 1
    await slack.post("act/message", text="hello")
    message = await ears.hear_message()
    deliveries = (await slack.until("deliveries", lambda a: all(d["settled"] for d in a["deliveries"])))[
        "deliveries"
    ]
    assert message.text == "hello"
    assert [len(delivery["attempts"]) for delivery in deliveries] == [2]


async def test_too_many_events_are_told_and_acknowledged(ears: Ears, slack: Script):
    limited = {"type": "app_rate_limited", "minute_rate_limited": 1, "api_app_id": "A0GLIMMER1"}
    sent = await slack.post("events", event={"type": "x"}, envelope=limited)
    delivery = sent["deliveries"][0]["id"]
    settled = await slack.until(f"deliveries/{delivery}", lambda answer: answer["settled"])
    assert settled["acked"]


async def test_events_that_come_over_both_sockets_are_acknowledged(ears: Ears, slack: Script):
    await slack.until("sockets", lambda answer: len(answer["sockets"]) == 2)
    await asyncio.gather(*(slack.say(f"hello {number}") for number in range(10)))
    await ears.hear(10)
    counts = await slack.get("counts")
    assert len((await slack.get("sockets"))["sockets"]) == 2
    assert not counts["violations"]
