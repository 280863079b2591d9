"""Socket Mode against Slack's own client and Bolt's own application."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.listener import Listener
from tests.integration.simulators.slack.script import BOT, GENERAL, Script, refusal


@pytest.fixture
async def listener(
    slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig
) -> AsyncIterator[Listener]:
    listening = Listener(client, config.app_token)
    await listening.socket.connect()  # type: ignore[no-untyped-call]
    await slack.until_async("sockets", lambda answer: len(answer["sockets"]) == 1)
    yield listening
    await listening.socket.close()  # type: ignore[no-untyped-call]


async def test_a_connection_begins_with_hello(listener: Listener) -> None:
    await listener.wait(lambda: bool(listener.frames))

    assert '"type": "hello"' in listener.frames[0]
    assert '"num_connections": 1' in listener.frames[0]


async def test_a_mention_comes_twice_under_two_event_ids(slack: Script, listener: Listener) -> None:
    ts = slack.say("what is this?", channel="general", mention=True)
    await listener.until(2)

    mention, message = sorted(listener.events, key=lambda event: str(event["type"]))
    assert (mention["type"], message["type"], message["channel_type"]) == (
        "app_mention",
        "message",
        "channel",
    )
    assert "channel_type" not in mention
    assert mention["ts"] == message["ts"] == ts
    assert mention["text"] == f"<@{BOT}> what is this?"
    assert len({request.payload["event_id"] for request in listener.heard}) == 2
    assert {request.retry_attempt for request in listener.heard} == {0}


async def test_a_dm_has_no_mention_and_its_picture_comes_as_a_file_share(
    slack: Script, listener: Listener
) -> None:
    slack.say(f"<@{BOT}>", files=[{"name": "a.png", "content_base64": ""}])
    await listener.until(1)

    event = listener.events[0]
    assert (event["type"], event["subtype"], event["channel_type"]) == ("message", "file_share", "im")
    assert event["files"][0]["name"] == "a.png"


async def test_the_ack_and_its_time_are_written_down(slack: Script, listener: Listener) -> None:
    sent = slack.act("message", text="hi")["deliveries"][0]

    over = await slack.until_async(f"deliveries/{sent['id']}", lambda delivery: delivery["settled"])

    assert over["acked"]
    assert over["attempts"][0]["ack_seconds"] < 3


async def test_an_event_without_an_ack_comes_three_more_times(slack: Script, listener: Listener) -> None:
    listener.acks = False
    sent = slack.act("message", text="hi")["deliveries"][0]

    for count, pause in ((1, 3), (2, 3 + 60), (3, 3 + 300), (4, 3)):
        await listener.until(count)
        slack.post("clock", advance=3)
        slack.post("clock", advance=pause - 3)

    over = await slack.until_async(f"deliveries/{sent['id']}", lambda delivery: delivery["settled"])
    assert not over["acked"]
    assert [(r.retry_attempt, r.retry_reason) for r in listener.heard] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({request.payload["event_id"] for request in listener.heard}) == 1


async def test_an_ack_after_three_seconds_is_late(slack: Script, listener: Listener) -> None:
    listener.acks = False
    slack.say()
    await listener.until(1)
    slack.post("clock", advance=3)
    await listener.until(2)

    response = SocketModeResponse(listener.heard[0].envelope_id)
    await listener.socket.send_socket_mode_response(response)

    counts = await slack.until_async("counts", lambda answer: bool(answer["violations"]))
    assert counts["violations"] == {"late_ack": 1}
    assert counts["retries"] == 1


async def test_a_command_is_never_tried_again(slack: Script, listener: Listener) -> None:
    listener.acks = False
    sent = slack.act("slash", command="/imagine", text="a cat", channel="general")["deliveries"][0]
    await listener.until(1)
    slack.post("clock", advance=3)

    over = await slack.until_async(f"deliveries/{sent['id']}", lambda delivery: delivery["settled"])

    assert [attempt["outcome"] for attempt in over["attempts"]] == ["timeout"]
    assert "thread_ts" not in over["payload"]


async def test_each_envelope_goes_to_one_of_the_sockets(
    slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig, listener: Listener
) -> None:
    second = Listener(client, config.app_token)
    await second.socket.connect()  # type: ignore[no-untyped-call]
    await slack.until_async("sockets", lambda answer: len(answer["sockets"]) == 2)
    try:
        for _ in range(4):
            slack.say()
        await slack.until_async("counts", lambda answer: answer["unacked"] == 0)
        assert (len(listener.heard), len(second.heard)) == (2, 2)
    finally:
        await second.socket.close()  # type: ignore[no-untyped-call]


async def test_the_client_comes_back_after_a_refresh(slack: Script, listener: Listener) -> None:
    slack.post("sockets/disconnect", reason="refresh_requested", close=False)
    await slack.until_async("sockets", lambda answer: [s["number"] for s in answer["sockets"]] == [2])

    slack.say("after the refresh")
    await listener.until(1)

    assert listener.events[0]["text"] == "after the refresh"


async def test_an_old_connection_is_warned_and_then_refreshed(slack: Script, listener: Listener) -> None:
    slack.post("clock", advance=3_590)

    # The client takes a warning as its sign to move to a new socket at once.
    await slack.until_async("sockets", lambda answer: [s["number"] for s in answer["sockets"]] == [2])


async def test_events_can_be_sent_again_and_out_of_order(slack: Script, listener: Listener) -> None:
    slack.post("deliveries/hold")
    first, second = (
        slack.act("message", text="1")["deliveries"][0],
        slack.act("message", text="2")["deliveries"][0],
    )
    slack.post("deliveries/release", reverse=True)
    await listener.until(2)
    slack.post(f"deliveries/{first['event_id']}/replay", times=2)
    await listener.until(4)

    assert [event["text"] for event in listener.events] == ["2", "1", "1", "1"]
    assert len({request.payload["event_id"] for request in listener.heard}) == 2
    assert second["kind"] == "events_api"


async def test_an_edit_that_adds_a_mention_is_delivered_as_one(slack: Script, listener: Listener) -> None:
    ts = slack.say("what is this?", channel="general")
    await listener.until(1)

    slack.act("edit", channel="general", ts=ts, text=f"<@{BOT}> what is this?")
    await listener.until(3)

    mention = next(event for event in listener.events if event["type"] == "app_mention")
    changed = next(event for event in listener.events if event.get("subtype") == "message_changed")
    assert (mention["ts"], "edited" in mention) == (ts, True)
    assert changed["previous_message"]["text"] == "what is this?"
    assert changed["hidden"] is True


async def test_a_deletion_names_what_was_deleted(slack: Script, listener: Listener) -> None:
    ts = slack.say("oops")
    slack.act("delete", ts=ts)
    await listener.until(2)

    deleted = next(event for event in listener.events if event.get("subtype") == "message_deleted")
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (ts, "oops")


async def test_the_bot_hears_its_own_posts(slack: Script, client: AsyncWebClient, listener: Listener) -> None:
    await client.chat_postMessage(channel=GENERAL, text="me")
    await listener.until(1)

    assert (listener.events[0]["user"], listener.events[0]["bot_id"]) == (BOT, "B0GLIMMERB")


async def test_the_bot_hears_nothing_where_it_is_not(slack: Script, listener: Listener) -> None:
    sent = slack.act("message", text="secret", channel="payroll")["deliveries"]
    invited = slack.act("invite", channel="random")["deliveries"]
    await listener.until(1)

    assert sent == []
    assert (listener.events[0]["type"], listener.events[0]["user"]) == ("member_joined_channel", BOT)
    assert len(invited) == 1


async def test_a_ticket_opens_one_connection(
    slack: Script, session: ClientSession, client: AsyncWebClient, config: SlackSimulatorConfig
) -> None:
    opened = await client.apps_connections_open(app_token=config.app_token)

    async with session.ws_connect(opened["url"]) as socket:
        assert (await socket.receive_json())["type"] == "hello"
    second = await session.get(opened["url"].replace("ws://", "http://"), headers=UPGRADE)
    assert second.status == 403
    assert (
        await refusal(client.apps_connections_open(app_token="xoxb-simulated-bot"))
        == "not_allowed_token_type"
    )


UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def test_an_eleventh_socket_is_sent_away(
    slack: Script, session: ClientSession, client: AsyncWebClient, config: SlackSimulatorConfig
) -> None:
    sockets = []
    for _ in range(11):
        opened = await client.apps_connections_open(app_token=config.app_token)
        sockets.append(await session.ws_connect(opened["url"]))
        assert (await sockets[-1].receive_json())["type"] == "hello"

    assert (await sockets[-1].receive_json())["reason"] == "too_many_websockets"
    for socket in sockets:
        await socket.close()


async def test_bolts_own_application_answers_a_mention(
    slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig
) -> None:
    app = AsyncApp(client=client, signing_secret=config.signing_secret)

    @app.event("app_mention")
    async def answer(event: dict[str, Any], say: Any) -> None:
        await say(text="42", thread_ts=event.get("thread_ts") or event["ts"])

    @app.event("message")
    async def ignore(event: dict[str, Any]) -> None: ...

    handler = AsyncSocketModeHandler(app, config.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        root = slack.say("the answer?", channel="general", mention=True)
        found = await slack.until_async(
            "messages", lambda answer: len(answer["messages"]) == 2, channel=GENERAL, thread_ts=root
        )
        await slack.until_async("counts", lambda answer: answer["unacked"] == 0)
        assert found["messages"][1]["text"] == "42"
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
