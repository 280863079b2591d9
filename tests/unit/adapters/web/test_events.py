"""What a received form or press means to the bot."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.platforms.web.events import (
    MalformedField,
    ReceivedForm,
    is_thread_name,
    message_id_of,
    parse_message,
    parse_press,
    shown_message,
)
from adapters.platforms.web.states import WebFile
from bots.events import ButtonPressed
from bots.messages import Attachment, IncomingMessage

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PICTURE = WebFile(name="cat.png", media_type="image/png", size=5, url="/api/files/abc")


def parsed(**fields: Any) -> IncomingMessage:
    form = ReceivedForm(**{"thread": "t1", "text": "hello", **fields})
    return parse_message(form, message_id="m1", sent_at=NOW).message


def test_a_form_becomes_a_message_in_its_thread():
    message = parsed(user="ann", locale="zh-CN")
    assert message.conversation.key == "web:local:t1:"
    assert (message.message_id, message.text, message.sent_at) == ("m1", "hello", NOW)
    assert (message.sender.user_id, message.sender.locale) == ("ann", "zh-CN")
    assert message.addressed_to_bot


def test_files_are_named_by_what_fetches_their_bytes():
    assert parsed(files=(PICTURE,)).attachments == (
        Attachment(handle="abc", name="cat.png", media_type="image/png", size_bytes=5),
    )


def test_a_file_whose_bytes_were_not_kept_has_its_size_and_no_handle():
    [attachment] = parsed(files=(PICTURE.model_copy(update={"url": None, "size": 99}),)).attachments
    assert (attachment.handle, attachment.size_bytes) == ("", 99)


def test_a_browsers_line_ends_become_plain_ones():
    assert parsed(text="one\r\ntwo\r\n").text == "one\ntwo"


@pytest.mark.parametrize(
    ("user", "seen"),
    [("", "guest"), (" \n\t", "guest"), ("a\x00b\n", "ab"), ("x" * 99, "x" * 64), ("张三", "张三")],
)
def test_a_users_name_is_printable_and_short(user, seen):
    assert parsed(user=user).sender.user_id == seen


def test_a_message_sent_twice_under_one_client_id_is_one_message():
    client_id = str(uuid.uuid4())
    assert message_id_of(client_id) == message_id_of(client_id.replace("-", "").upper())
    assert message_id_of("") != message_id_of("")


def test_a_client_id_must_be_a_uuid():
    with pytest.raises(MalformedField) as caught:
        message_id_of("../../etc")
    assert caught.value.field == "client_id"


@pytest.mark.parametrize("name", ["a", "A_b-9", "x" * 64])
def test_good_thread_names(name):
    assert is_thread_name(name)


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a{b}", "a:b", "é", "会话", "a\n"])
def test_bad_thread_names(name):
    assert not is_thread_name(name)


def test_a_message_is_shown_as_not_yet_accepted():
    form = ReceivedForm(thread="t1", text="hello", files=(PICTURE,))
    shown = shown_message(parse_message(form, message_id="m1", sent_at=NOW), form.files)
    assert (shown.author, shown.markdown, shown.files, shown.is_final) == ("user", "hello", (PICTURE,), False)


def press(**fields: object) -> ButtonPressed:
    return parse_press(fields, thread="t1", reply_id="r1", locale="en")


def test_a_press_names_the_reply_and_the_action():
    event = press(action="regenerate", user="ann")
    assert (event.reply_id, event.action, event.sender.user_id) == ("r1", "regenerate", "ann")
    assert event.conversation.channel_id == "t1"


def test_a_press_sent_twice_under_one_client_id_is_one_press():
    client_id = str(uuid.uuid4())
    again = press(action="stop", client_id=client_id).press_id
    assert press(action="stop", client_id=client_id).press_id == again
    assert press(action="stop").press_id != press(action="stop").press_id


@pytest.mark.parametrize("action", ["delete", "", None, 7, ["stop"]])
def test_an_unknown_action_is_malformed(action):
    with pytest.raises(MalformedField) as caught:
        press(action=action)
    assert caught.value.field == "action"
