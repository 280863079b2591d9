"""Streamed messages: who may, how much, how long, and what is left afterwards."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk, TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.simulators.slack.script import ALICE, ALICE_DM, GENERAL, TEAM, Script, refusal

FOR_ALICE = {"recipient_team_id": TEAM, "recipient_user_id": ALICE}


async def started(client: AsyncWebClient, slack: Script, text: str | None = None) -> str:
    root = slack.say()
    opened = await client.chat_startStream(channel=ALICE_DM, thread_ts=root, markdown_text=text)
    return str(opened["ts"])


async def append(client: AsyncWebClient, ts: str, text: str) -> None:
    await client.chat_appendStream(channel=ALICE_DM, ts=ts, markdown_text=text)


async def test_the_clients_own_helper_streams_a_whole_answer(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say("question", channel="general", mention=True)

    stream = await client.chat_stream(channel=GENERAL, thread_ts=root, buffer_size=4, **FOR_ALICE)
    await stream.append(markdown_text="Hello ")
    await stream.append(markdown_text="**world**")
    stopped = await stream.stop(blocks=[{"type": "divider"}])

    shown = slack.message(GENERAL, str(stopped["ts"]))
    assert shown["visible_text"] == "Hello **world**"
    assert [block["type"] for block in shown["blocks"]] == ["markdown", "divider"]
    assert [r["text"] for r in shown["revisions"]] == ["Hello ", "Hello **world**", "Hello **world**"]
    assert stopped["message"]["streaming_state"] == "completed"


async def test_outside_a_dm_a_stream_must_say_for_whom_it_is(slack: Script, client: AsyncWebClient) -> None:
    place: dict[str, Any] = {"channel": GENERAL, "thread_ts": slack.say(channel="general")}

    assert await refusal(client.chat_startStream(**place)) == "missing_recipient_team_id"
    no_user = client.chat_startStream(**place, recipient_team_id=TEAM)
    assert await refusal(no_user) == "missing_recipient_user_id"
    team_object = client.api_call(
        "chat.startStream", json={**place, "recipient_team_id": {"id": TEAM}, "recipient_user_id": ALICE}
    )
    assert await refusal(team_object) == "team_not_found"
    stranger = client.chat_startStream(**place, recipient_team_id=TEAM, recipient_user_id="UNOBODY")
    assert await refusal(stranger) == "user_not_found"


@pytest.mark.parametrize("thread_ts", ["", "1790000000.000001"])
async def test_a_stream_needs_a_thread_that_is_there(client: AsyncWebClient, thread_ts: str) -> None:
    assert (
        await refusal(client.chat_startStream(channel=ALICE_DM, thread_ts=thread_ts)) == "invalid_thread_ts"
    )


async def test_a_stream_dies_after_five_minutes_however_often_it_was_appended_to(
    slack: Script, client: AsyncWebClient
) -> None:
    ts = await started(client, slack, "a")
    for _ in range(4):
        slack.post("clock", advance=70)
        await append(client, ts, "b")
    slack.post("clock", advance=21)

    late = client.chat_appendStream(channel=ALICE_DM, ts=ts, markdown_text="c")

    assert await refusal(late) == "message_not_in_streaming_state"
    assert slack.message(ALICE_DM, ts)["stream"] == "expired"
    assert slack.get("counts")["violations"] == {"append_after_end": 1}


async def test_an_expired_stream_can_be_repaired_by_an_update(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack, "half an ans")
    slack.post("clock", advance=301)

    await client.chat_update(channel=ALICE_DM, ts=ts, markdown_text="half an answer, whole")

    shown = slack.message(ALICE_DM, ts)
    assert (shown["visible_text"], shown["stream"]) == ("half an answer, whole", None)


async def test_an_update_without_blocks_leaves_the_streamed_text_on_show(
    slack: Script, client: AsyncWebClient
) -> None:
    ts = await started(client, slack, "streamed")
    slack.post("clock", advance=301)

    await client.chat_update(channel=ALICE_DM, ts=ts, text="repaired")

    assert slack.message(ALICE_DM, ts)["visible_text"] == "streamed"


async def test_a_running_stream_cannot_be_updated(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack, "a")

    assert await refusal(client.chat_update(channel=ALICE_DM, ts=ts, text="b")) == "streaming_state_conflict"
    assert slack.message(ALICE_DM, ts)["visible_text"] == "a"


async def test_chinese_text_fills_a_stream_at_3500_characters(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack, "长" * 3_500)

    assert await refusal(append_call(client, ts, "长" * 100)) == "msg_too_long"
    assert await refusal(append_call(client, ts, "x")) == "msg_too_long"
    assert await refusal(client.chat_stopStream(channel=ALICE_DM, ts=ts)) == "msg_too_long"
    assert len(slack.message(ALICE_DM, ts)["visible_text"]) == 3_500


def append_call(client: AsyncWebClient, ts: str, text: str) -> Any:
    return client.chat_appendStream(channel=ALICE_DM, ts=ts, markdown_text=text)


async def test_a_tasks_details_weigh_double(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack)
    chunk = TaskUpdateChunk(id="t1", title="Thinking", status="in_progress", details="x" * 5_000)
    await client.chat_appendStream(channel=ALICE_DM, ts=ts, chunks=[chunk])

    assert slack.message(ALICE_DM, ts)["stream_bytes"] == 10_008
    assert await refusal(append_call(client, ts, "x" * 600)) == "msg_too_long"


async def test_a_task_is_updated_in_its_place(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack)
    for status in ("in_progress", "complete"):
        chunk = TaskUpdateChunk(id="t1", title="Thinking", status=status)
        await client.chat_appendStream(channel=ALICE_DM, ts=ts, chunks=[chunk, MarkdownTextChunk(text="a")])

    blocks = slack.message(ALICE_DM, ts)["blocks"]
    assert [(b["type"], b.get("status"), b.get("text")) for b in blocks] == [
        ("task_card", "complete", None),
        ("markdown", None, "aa"),
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"chunks": []}, "no_text"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "chunks": [{"type": "markdown_text", "text": "y"}]}, "invalid_arguments"),
        ({"chunks": [{"type": "poem", "text": "y"}]}, "invalid_chunks"),
        (
            {"chunks": [{"type": "task_update", "id": "1", "title": "x", "status": "completed"}]},
            "invalid_chunks",
        ),
        ({"chunks": [{"type": "blocks", "blocks": [{"type": "file"}]}]}, "internal_error"),
    ],
)
async def test_what_a_stream_does_not_take_is_refused(
    slack: Script, client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    ts = await started(client, slack, "a")

    call = client.api_call("chat.appendStream", json={"channel": ALICE_DM, "ts": ts, **arguments})

    assert await refusal(call) == error
    assert slack.message(ALICE_DM, ts)["visible_text"] == "a"


async def test_an_empty_stream_cannot_be_stopped(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack)

    assert await refusal(client.chat_stopStream(channel=ALICE_DM, ts=ts)) == "no_text"


async def test_a_person_can_stop_the_stream(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack, "a")
    root = slack.message(ALICE_DM, ts)["thread_ts"]

    sent = slack.act("stop", thread_ts=root)["deliveries"]

    assert sent[0]["payload"]["event"]["streaming_message_ts"] == [ts]
    assert await refusal(append_call(client, ts, "b")) == "stopped_by_user"


async def test_a_stopped_stream_takes_nothing_more(slack: Script, client: AsyncWebClient) -> None:
    ts = await started(client, slack, "a")
    await client.chat_stopStream(channel=ALICE_DM, ts=ts)

    assert await refusal(append_call(client, ts, "b")) == "message_not_in_streaming_state"
    await client.chat_update(channel=ALICE_DM, ts=ts, text="x", blocks=[{"type": "divider"}])
    assert slack.get("counts")["violations"] == {"append_after_end": 1, "update_after_stop": 1}


async def test_a_write_after_the_script_called_it_final_is_counted(
    slack: Script, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="done")
    slack.post("final", channel=GENERAL, ts=posted["ts"])

    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="not done")

    assert slack.get("counts")["violations"] == {"write_after_final": 1}


async def test_the_workspace_opens_twenty_streams_a_minute(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say()
    for _ in range(20):
        await client.chat_startStream(channel=ALICE_DM, thread_ts=root)

    with pytest.raises(SlackApiError) as caught:
        await client.chat_startStream(channel=ALICE_DM, thread_ts=root)

    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    slack.post("clock", advance=int(response.headers["Retry-After"]))
    await client.chat_startStream(channel=ALICE_DM, thread_ts=root)
    assert slack.get("counts")["rate_limited"] == 1


async def test_starting_a_stream_sets_the_agent_to_work_and_stopping_frees_it(
    slack: Script, client: AsyncWebClient
) -> None:
    def session() -> str:
        return str(slack.get("state")["workspaces"][0]["sessions"][0]["status"])

    ts = await started(client, slack, "a")
    assert session() == "processing"
    await client.chat_stopStream(channel=ALICE_DM, ts=ts)
    assert session() == "active"


async def test_status_words_fade_after_two_minutes(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say()
    await client.assistant_threads_setStatus(channel_id=ALICE_DM, thread_ts=root, status="is thinking…")
    assert slack.get("state")["workspaces"][0]["statuses"][0]["status"] == "is thinking…"

    slack.post("clock", advance=121)

    slack.until("state", lambda state: not state["workspaces"][0]["statuses"])
