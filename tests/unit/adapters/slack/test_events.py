"""What each event means to the bot, held to recorded shapes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.platforms.slack.events import read_message
from adapters.platforms.slack.handles import FileHandle
from adapters.platforms.slack.payloads import EventBody
from bots.events import BotEvent, MessageEdited, MessageRecalled, MessageSent
from bots.messages import IncomingMessage

PAYLOADS = Path(__file__).parents[3] / "payloads" / "slack"


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8")))


def read(body: dict[str, Any]) -> BotEvent | None:
    return read_message(EventBody.model_validate(body), "UBOT")


def sent(body: dict[str, Any]) -> IncomingMessage:
    event = read(body)
    assert isinstance(event, MessageSent), event
    return event.message


def message(**fields: Any) -> dict[str, Any]:
    """A message in a channel; fields change it."""
    body = payload("message_thread_broadcast")
    said = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "text": "hi"}
    body["event"] = {**said, "ts": "1790000007.000800", **fields}
    return body


def changed(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A change of a message in a direct conversation."""
    body = payload("message_changed_edit")
    body["event"]["message"] = {**body["event"]["message"], **now}
    body["event"]["previous_message"] = {**body["event"]["previous_message"], **before}
    return body


def test_a_mention_with_a_picture():
    said = sent(payload("app_mention_with_file"))
    (file,) = said.attachments
    assert said.text == "what is this?"
    assert said.conversation.key == "slack:T1:C1:1790000000.000050"
    assert said.action_id == "slack:T1:C1:1790000000.000100"
    assert said.sent_at.isoformat() == "2026-09-21T14:13:20.000100+00:00"
    assert (file.name, file.media_type, file.size_bytes) == ("a.png", "image/png", 5120)
    handle = FileHandle.unpacked(file.handle)
    assert handle.url == "https://files.slack.com/files-pri/T1-F1/download/a.png"
    assert handle.preview_url.endswith("a_1024.png")
    assert (handle.tenant_id, handle.file_id) == ("T1", "F1")


def test_a_picture_alone_in_a_direct_message_without_the_file_that_is_gone():
    said = sent(payload("message_file_share_im"))
    assert (said.text, said.addressed_to_bot) == ("", True)
    assert [FileHandle.unpacked(file.handle).file_id for file in said.attachments] == ["F1"]


def test_an_edit_names_the_message_and_itself():
    event = read(payload("message_changed_edit"))
    assert isinstance(event, MessageEdited)
    assert (event.message.text, event.edit_id) == ("new", "1790000005.000000")
    assert event.message.action_id == "slack:T1:D1:1790000001.000200"


def test_a_deletion_names_the_message_in_its_thread():
    event = read(payload("message_deleted"))
    assert isinstance(event, MessageRecalled)
    assert event.message_id == "1790000001.000200"
    assert event.conversation.thread_id == "1790000000.000050"


def test_a_deleted_root_with_replies_is_a_deletion_too():
    event = read(changed({"subtype": "tombstone", "user": "USLACKBOT"}, {}))
    assert isinstance(event, MessageRecalled)
    assert event.message_id == "1790000001.000200"


def test_a_reply_that_is_shown_in_the_channel_too_belongs_to_its_thread():
    said = sent(payload("message_thread_broadcast"))
    assert said.conversation.thread_id == "1790000000.000050"
    assert not said.addressed_to_bot


def test_the_tenant_is_the_installation_not_the_writers_own_workspace():
    body = payload("message_org_install")
    assert sent(body).conversation.tenant_id == "T2"
    body["authorizations"][0]["team_id"] = None
    assert sent(body).conversation.tenant_id == "T9"
    body["team_id"] = None
    assert sent(body).conversation.tenant_id == "E1"


def test_a_mention_counts_in_a_plain_message_as_well():
    """Slack has been seen to leave the ``app_mention`` out (bolt-python issue 1451)."""
    assert sent(message(text="<@UBOT|glimmer> hi")).addressed_to_bot
    assert sent(message(text="hi <@UBOT>")).text == "hi"


@pytest.mark.parametrize(
    "fields",
    [
        {},  # nobody asked
        {"text": "<@UBOT> x", "bot_id": "B2"},
        {"text": "<@UBOT> x", "bot_id": "B2", "subtype": "bot_message"},
        {"text": "<@UBOT> x", "app_id": "A1"},
        {"text": "<@UBOT> x", "user": "UBOT"},
        {"text": "<@UBOT> x", "user": "USLACKBOT"},
        {"text": "<@UBOT> x", "user": None},
        {"text": "<@UBOT> x", "ts": "soon"},
        {"text": "<@UBOT> joined", "subtype": "channel_join"},
        {"text": "x", "channel_type": "im", "subtype": "assistant_app_thread"},
        {"text": "<@U2> see this", "thread_ts": "1790000000.000050"},
        {"text": "root", "thread_ts": "1790000007.000800"},
    ],
)
def test_what_is_not_for_the_bot_is_dropped(fields: dict[str, Any]):
    assert read(message(**fields)) is None


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"edited": None}, {}),  # our own chat.update, a title
        ({"text": "old"}, {}),  # an unfurled link
        ({"bot_id": "B1"}, {}),
        ({"user": "UBOT"}, {}),
        ({"subtype": "assistant_app_thread"}, {}),
    ],
)
def test_a_change_without_a_persons_new_words_is_no_edit(now: dict[str, Any], before: dict[str, Any]):
    assert read(changed(now, before)) is None


def test_the_deletion_of_the_bots_own_message_is_nothing():
    body = payload("message_deleted")
    body["event"]["previous_message"] |= {"user": "UBOT", "bot_id": "B1"}
    assert read(body) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["type", "subtype", "channel", "user", "text", "ts", "thread_ts", "files", "message", "previous_message"]
)


@given(st.dictionaries(FIELDS, JSON))
def test_any_shape_is_read_or_refused(fields: dict[str, Any]):
    try:
        read(message(**fields))
    except ValidationError:
        return
