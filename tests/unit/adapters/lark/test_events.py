"""What Lark's events mean to the bot."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.lark.events import (
    EVENTS,
    CardPressed,
    ChatOpened,
    EventMalformed,
    HeardMessage,
    MenuChosen,
    parse_event,
)
from bots.events import MessageRecalled
from tests.payloads.lark.events import (
    ANN,
    BOT,
    CHAT,
    THE_BOT,
    TOM,
    envelope,
    mention,
    message,
    pressed,
)

REPLY = f"lark:tenant1:{CHAT}:om_1"


def heard(payload: dict[str, Any], bot: str = BOT) -> HeardMessage:
    found = parse_event(payload, bot)
    assert isinstance(found, HeardMessage)
    return found


def test_a_mention_in_a_group_is_a_question_in_a_topic_of_its_own():
    found = heard(message(content={"text": "@_user_1 why is the sky blue?"}, mentions=[THE_BOT]))

    assert found.message.text == "why is the sky blue?"
    assert found.message.addressed_to_bot
    assert found.message.conversation.key == f"lark:tenant1:{CHAT}:om_1"
    assert found.message.sender.user_id == ANN
    assert found.message.sent_at == datetime(2026, 1, 2, 3, 4, 5, 123000, tzinfo=UTC)
    assert found.message.action_id == REPLY


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@_user_1 /imagine cat", "/imagine cat"),
        ("/imagine cat @_user_1", "/imagine cat"),
        ("tell @_user_1 a joke", "tell a joke"),
        ("你好@_user_1请问", "你好 请问"),
        ("@_user_1　／ｉｍａｇｉｎｅ 猫", "/imagine 猫"),
        ("\u200b\u00a0@_user_1 /ask why", "/ask why"),
        ("@_user_1 ask @_user_10 and @_all", "ask @Tom and @all"),
        ("@_user_1\nline one\n  line two", "line one\n  line two"),
    ],
)
def test_the_bots_mention_is_removed_and_others_are_named(text: str, read: str):
    people = [THE_BOT, mention("@_user_10", TOM, "Tom")]
    assert heard(message(content={"text": text}, mentions=people)).message.text == read


def test_a_mention_of_everybody_or_of_somebody_else_is_no_question():
    for text, mentions in (("@_all listen", None), ("@_user_1 hi", [mention("@_user_1", TOM, "Tom")])):
        assert not heard(message(content={"text": text}, mentions=mentions)).message.addressed_to_bot


def test_another_bots_mention_is_ours_only_while_our_own_id_is_unknown():
    other = mention("@_user_1", "ou_other", "Other", "bot")
    payload = message(content={"text": "@_user_1 hi"}, mentions=[other])
    assert not heard(payload).message.addressed_to_bot
    assert heard(payload, bot="").message.addressed_to_bot


def test_a_command_needs_no_mention():
    assert heard(message(content={"text": "/ask what is this?"})).message.addressed_to_bot
    assert not heard(message(content={"text": "/askew"})).message.addressed_to_bot


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({}, "om_1"),
        ({"root_id": "om_root", "parent_id": "om_root", "thread_id": "omt_1"}, "om_root"),
        ({"root_id": "om_root", "parent_id": "om_root"}, "om_root"),  # some topic groups leave thread_id out
        ({"thread_id": "omt_1"}, "om_1"),  # the first message of a topic
        ({"root_id": "om_root", "parent_id": "om_2"}, "om_root"),
        ({"chat_type": "p2p"}, None),
        ({"chat_type": "p2p", "root_id": "om_root", "parent_id": "om_2"}, None),  # an inline reply
        ({"chat_type": "p2p", "root_id": "om_root", "thread_id": "omt_1"}, "om_root"),
    ],
)
def test_the_conversation_is_the_topic_or_the_direct_chat(fields: dict[str, str], thread: str | None):
    assert heard(message(**fields)).message.conversation.thread_id == thread


def test_a_picture_is_a_handle_that_says_all_that_is_needed_to_fetch_it():
    [picture] = heard(message("image", {"image_key": "img_v3_1"}, chat_type="p2p")).message.attachments
    assert picture.handle == "om_1/image/img_v3_1"
    assert picture.media_type.startswith("image/")


@pytest.mark.parametrize(
    ("kind", "content", "handle", "name", "media_type"),
    [
        ("file", {"file_key": "f1", "file_name": "a.csv"}, "om_1/file/f1", "a.csv", "text/csv"),
        ("file", {"file_key": "f1"}, "om_1/file/f1", "file", "application/octet-stream"),
        ("audio", {"file_key": "f1", "duration": 2000}, "om_1/file/f1", "voice.opus", "audio/opus"),
        (
            "media",
            {"file_key": "f1", "image_key": "i", "file_name": "a.mp4"},
            "om_1/file/f1",
            "a.mp4",
            "video/mp4",
        ),
    ],
)
def test_files_sound_and_video_are_named(kind, content, handle, name, media_type):
    [file] = heard(message(kind, content, chat_type="p2p")).message.attachments
    assert (file.handle, file.name, file.media_type) == (handle, name, media_type)


@pytest.mark.parametrize("kind", ["sticker", "location", "share_chat", "hongbao", "something_new"])
def test_what_is_neither_words_nor_a_file_is_empty(kind: str):
    found = heard(message(kind, {"file_key": "s1"}, chat_type="p2p")).message
    assert (found.text, found.attachments) == ("", ())


POST = {
    "title": "Plan",
    "content": [
        [
            {"tag": "at", "user_id": "@_user_1", "user_name": "Glimmer"},
            {"tag": "text", "text": " read ", "style": []},
            {"tag": "text", "text": "this ", "style": ["bold", "italic"]},
            {"tag": "a", "href": "https://e.com/a", "text": "page"},
        ],
        [{"tag": "img", "image_key": "img_1"}],
        [{"tag": "code_block", "language": "PYTHON", "text": "print(1)\n"}],
        [{"tag": "media", "file_key": "file_1", "image_key": "img_2"}],
        [{"tag": "emotion", "emoji_type": "OK"}, {"tag": "unheard_of", "text": "kept"}],
    ],
}
POST_TEXT = "**Plan**\n read ***this*** [page](https://e.com/a)\n\n```python\nprint(1)\n```\n\n:OK:kept"


@pytest.mark.parametrize("content", [POST, {"zh_cn": POST}], ids=["bare", "with a locale"])
def test_a_post_becomes_markdown_and_its_pictures_attachments(content):
    found = heard(message("post", content, mentions=[THE_BOT])).message
    assert found.text == POST_TEXT
    assert [one.handle for one in found.attachments] == ["om_1/image/img_1", "om_1/file/file_1"]


def test_bots_are_not_answered():
    assert parse_event(message(sender_type="bot"), BOT) is None
    assert parse_event(message("system", {}), BOT) is None


def test_a_later_update_time_may_be_an_edit():
    assert heard(message(update_time="1767323045999")).edit_id == "1767323045999"
    assert not heard(message()).edit_id


def test_a_recall_names_the_message_that_is_taken_back():
    event = {"message_id": "om_1", "chat_id": CHAT, "recall_time": "1", "recall_type": "message_owner"}
    found = parse_event(envelope("im.message.recalled_v1", event), BOT)
    assert isinstance(found, MessageRecalled)
    assert (found.message_id, found.conversation.channel_id) == ("om_1", CHAT)


def test_a_press_says_what_of_which_reply_and_by_whom():
    found = parse_event(pressed({"action": "resize", "reply": REPLY, "value": "512x512"}), BOT)
    assert isinstance(found, CardPressed)
    assert (found.press.action, found.press.reply_id, found.press.value) == ("resize", REPLY, "512x512")
    assert (found.press.press_id, found.operator) == ("press1", ANN)


@pytest.mark.parametrize(
    "value",
    [
        "stop",
        {"a": "stop"},
        {"action": "format_disk", "reply": REPLY},
        {"action": "stop", "reply": "lark:tenant1:oc_elsewhere:om_1"},
        {"action": "stop", "reply": f"lark:tenant2:{CHAT}:om_1"},
    ],
)
def test_a_button_that_is_not_ours_or_of_another_chat_does_nothing(value):
    assert parse_event(pressed(value), BOT) is None


def test_a_menu_entry_an_opened_chat_and_an_invitation_are_understood():
    operator = {"operator_id": {"open_id": ANN}}
    menu = parse_event(envelope("application.bot.menu_v6", {"operator": operator, "event_key": "glm"}), BOT)
    assert menu == MenuChosen(ANN, "glm", "ev1", "tenant1")
    entered = envelope("im.chat.access_event.bot_p2p_chat_entered_v1", {"chat_id": CHAT})
    assert parse_event(entered, BOT) == ChatOpened(CHAT, is_direct=True, event_id="ev1")
    added = envelope("im.chat.member.bot.added_v1", {"chat_id": CHAT})
    assert parse_event(added, BOT) == ChatOpened(CHAT, is_direct=False, event_id="ev1")


@pytest.mark.parametrize("kind", ["im.message.reaction.created_v1", "im.message.message_read_v1", ""])
def test_other_events_mean_nothing(kind: str):
    assert parse_event(envelope(kind, {"message_id": "om_1"}), BOT) is None


@pytest.mark.parametrize("kind", [*EVENTS, "card.action.trigger"])
def test_an_event_without_what_it_always_has_is_malformed_or_nothing(kind: str):
    try:
        assert parse_event(envelope(kind, {}), BOT) is None
    except EventMalformed:
        return


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(["text", "post", "image", "file", "audio", "media", "interactive", "merge_forward"]),
    content=st.fixed_dictionaries(
        {}, optional={"text": JSON, "content": JSON, "title": JSON, "image_key": JSON, "file_key": JSON}
    ),
    mentions=JSON,
)
def test_no_content_is_too_strange(kind: str, content: Any, mentions: Any):
    assert isinstance(heard(message(kind, content, mentions=mentions)).message.text, str)
