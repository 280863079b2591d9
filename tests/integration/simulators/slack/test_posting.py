"""chat.* as Slack's reference has it, through Slack's own client."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.simulators.slack.script import (
    ALICE,
    ALICE_DM,
    DESIGN,
    GENERAL,
    PAYROLL,
    RANDOM,
    Script,
    refusal,
)


async def test_the_bot_learns_who_it_is(client: AsyncWebClient) -> None:
    who = await client.auth_test()

    assert (who["user_id"], who["bot_id"], who["team_id"]) == ("U0GLIMMERB", "B0GLIMMERB", "T0GLIMMER1")
    assert "chat:write" in who.headers["x-oauth-scopes"]


async def test_a_wrong_token_and_none_are_told_apart(slack: Script, client: AsyncWebClient) -> None:
    assert await refusal(client.auth_test(token="xoxb-wrong")) == "invalid_auth"
    assert slack.http.post("/api/auth.test").json()["error"] == "not_authed"
    assert await refusal(client.auth_test(token="xapp-simulated-app")) == "not_allowed_token_type"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("chat.postTelegram")) == "unknown_method"


async def test_a_posted_reply_stands_in_its_thread(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say("question", channel="general")

    posted = await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="answer")
    thread = await client.conversations_replies(channel=GENERAL, ts=root)

    assert posted["message"]["bot_id"] == "B0GLIMMERB"
    assert [m["text"] for m in thread["messages"]] == ["question", "answer"]
    assert thread["messages"][0]["reply_count"] == 1
    assert thread["messages"][1]["parent_user_id"] == ALICE


async def test_posting_to_a_person_opens_the_dm(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=ALICE, text="hello")

    assert posted["channel"] == ALICE_DM


async def test_places_the_bot_may_not_write_are_refused(slack: Script, client: AsyncWebClient) -> None:
    assert await refusal(client.chat_postMessage(channel=PAYROLL, text="x")) == "channel_not_found"
    slack.post("app", scopes=["chat:write"])
    assert await refusal(client.chat_postMessage(channel=RANDOM, text="x")) == "not_in_channel"
    slack.post("channels", channel="general", is_archived=True)
    assert await refusal(client.chat_postMessage(channel=GENERAL, text="x")) == "is_archived"
    slack.post("app", scopes=["im:read"])
    assert await refusal(client.chat_postMessage(channel=DESIGN, text="x")) == "missing_scope"


async def test_a_replys_own_ts_is_no_thread(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say(channel="general")
    reply = slack.say(channel="general", thread_ts=root)

    call = client.chat_postMessage(channel=GENERAL, thread_ts=reply, text="x")

    assert await refusal(call) == "cannot_reply_to_message"
    assert slack.get("counts")["violations"] == {"reply_as_parent": 1}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": " \n"}, "no_text"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "markdown", "text": "x" * 12_001}]}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
        ({"text": "x", "username": "Somebody"}, "missing_scope"),
    ],
)
async def test_what_slack_would_not_post_is_refused(
    client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    # Not through chat_postMessage: the client itself warns of some of these.
    call = client.api_call("chat.postMessage", json={"channel": GENERAL, **arguments})
    assert await refusal(call) == error


async def test_a_text_over_40000_is_cut_with_a_warning(slack: Script, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="x" * 40_001)

    assert posted["warning"] == "message_truncated"
    assert len(posted["message"]["text"]) == 40_000
    assert slack.get("counts")["violations"] == {"text_over_4000": 1}


async def test_an_update_over_4000_characters_is_refused(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="x")

    too_long = client.chat_update(channel=GENERAL, ts=posted["ts"], text="x" * 4_001)
    assert await refusal(too_long) == "msg_too_long"
    await client.chat_update(channel=GENERAL, ts=posted["ts"], markdown_text="x" * 12_000)


async def test_an_update_with_text_alone_removes_the_blocks(slack: Script, client: AsyncWebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "from blocks"}}]
    posted = await client.chat_postMessage(channel=GENERAL, text="old", blocks=blocks)

    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="new")

    shown = slack.message(GENERAL, posted["ts"])
    assert [(r["method"], r["text"]) for r in shown["revisions"]] == [
        ("chat.postMessage", "from blocks"),
        ("chat.update", "new"),
    ]
    assert shown["blocks"] == []


async def test_only_own_messages_can_be_changed_or_deleted(slack: Script, client: AsyncWebClient) -> None:
    users = slack.say(channel="general")
    posted = await client.chat_postMessage(channel=GENERAL, text="x")

    assert await refusal(client.chat_update(channel=GENERAL, ts=users, text="y")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=GENERAL, ts=users)) == "cant_delete_message"
    await client.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert (
        await refusal(client.chat_update(channel=GENERAL, ts=posted["ts"], text="y")) == "message_not_found"
    )


async def test_an_ephemeral_message_is_not_kept(slack: Script, client: AsyncWebClient) -> None:
    shown = await client.chat_postEphemeral(channel=GENERAL, user=ALICE, text="only you")

    history = await client.conversations_history(channel=GENERAL)
    assert history["messages"] == []
    assert slack.message(GENERAL, shown["message_ts"])["ephemeral_to"] == ALICE
    outsider = client.chat_postEphemeral(channel=PAYROLL, user=ALICE, text="x")
    assert await refusal(outsider) == "channel_not_found"


async def test_history_has_only_the_translation_of_a_markdown_block(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=GENERAL, markdown_text="**bold**")

    history = await client.conversations_history(channel=GENERAL)

    assert [block["type"] for block in history["messages"][0]["blocks"]] == ["rich_text"]


async def test_metadata_finds_a_message_again(client: AsyncWebClient) -> None:
    root = await client.chat_postMessage(channel=GENERAL, text="root")
    metadata = {"event_type": "reply", "event_payload": {"id": "7"}}
    await client.chat_postMessage(channel=GENERAL, thread_ts=root["ts"], text="x", metadata=metadata)

    thread = await client.conversations_replies(channel=GENERAL, ts=root["ts"], include_all_metadata=True)

    assert thread["messages"][1]["metadata"] == metadata


async def test_a_method_that_takes_no_json_does_not_see_a_json_body(client: AsyncWebClient) -> None:
    call = client.api_call("conversations.history", json={"channel": GENERAL})

    assert await refusal(call) == "channel_not_found"


async def test_a_call_for_all_to_hear_is_counted(slack: Script, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=GENERAL, text="<!channel> free cake")

    assert slack.get("counts")["violations"] == {"mention_of_everyone": 1}


def test_a_url_longer_than_a_front_end_reads_is_refused(slack: Script) -> None:
    answer = slack.http.get("/api/auth.test", params={"x": "长" * 1_000})

    assert answer.status_code == 414
