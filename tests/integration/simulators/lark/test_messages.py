"""Sending, reading and changing messages; people, chats and resources."""

import base64
import json
from typing import Any

import pytest

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4//8/AAX+Av6nmqCgAAAAAElFTkSuQmCC"
)
SENSITIVE = "im:message.group_msg"


def text(words: str) -> dict[str, str]:
    return {"msg_type": "text", "content": json.dumps({"text": words})}


def wide_png(width: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + PNG[20:]


def event_of(lark, sent) -> Any:
    found = lark.see("deliveries")["deliveries"]
    return next(it["event"]["message"] for it in found if it["event_id"] == sent["event_id"])


def test_a_token_stays_the_same_until_half_an_hour_before_its_end(lark):
    def token() -> Any:
        return type(lark)(lark.url, lark.config).token

    assert token() == lark.token
    lark.act("clock", advance_seconds=5300)
    assert token() == lark.token
    lark.act("clock", advance_seconds=200)
    assert token() != lark.token
    assert lark.code("GET", "/bot/v3/info") == 0
    lark.act("clock", advance_seconds=1800)
    assert lark.code("GET", "/bot/v3/info") == 99991663


def test_wrong_credentials_and_tokens_have_their_codes(lark):
    path = "/open-apis/auth/v3/tenant_access_token/internal"
    assert lark.http.post(path, json={"app_id": lark.config.app_id}).json()["code"] == 10003
    wrong = {"app_id": lark.config.app_id, "app_secret": "wrong"}
    assert lark.http.post(path, json=wrong).json()["code"] == 10014
    assert lark.http.get("/open-apis/bot/v3/info").json()["code"] == 99991661
    for token, code in (("abc", 99991671), ("t-abc", 99991663)):
        headers = {"Authorization": f"Bearer {token}"}
        assert lark.http.get("/open-apis/bot/v3/info", headers=headers).json()["code"] == code


def test_bot_info_stands_at_the_top_level(lark):
    answer = lark.api("GET", "/bot/v3/info").json()
    assert answer["bot"]["open_id"] == lark.see("chats")["bot"]["open_id"]
    assert "data" not in answer


def test_a_missing_scope_is_named(start):
    lark = start(scopes=["im:message:readonly"])
    answer = lark.say({"text": "hi"}).json()
    assert answer["code"] == 99991672
    assert "[im:message, im:message:send_as_bot, im:message:send]" in answer["msg"]


def test_the_same_uuid_sends_one_message_within_an_hour(lark):
    first = lark.say({"text": "hi"}, uuid="job1").json()["data"]["message_id"]
    assert lark.say({"text": "hi"}, uuid="job1").json()["data"]["message_id"] == first
    lark.act("clock", advance_seconds=3601)
    assert lark.say({"text": "hi"}, uuid="job1").json()["data"]["message_id"] != first
    assert lark.say({"text": "hi"}, uuid="u" * 51).json()["code"] == 99992402


def test_a_thread_is_no_place_to_create_a_message_in(lark):
    sent = lark.send(chat="Questions", text="@Glimmer hi")
    body = {"receive_id": sent["thread_id"], **text("hi")}
    assert lark.code("POST", "/im/v1/messages?receive_id_type=thread_id", body) == 99992402
    assert lark.code("POST", f"/im/v1/messages/{sent['thread_id']}/reply", text("hi")) == 99992354


def test_a_reply_in_a_topic_has_the_topics_root_as_root_and_parent(lark):
    root = lark.send(chat="Questions", text="@Glimmer hi")
    assert event_of(lark, root)["thread_id"] == root["thread_id"]
    assert "root_id" not in event_of(lark, root)
    reply = lark.data("POST", f"/im/v1/messages/{root['message_id']}/reply", text("one"))
    deeper = lark.data("POST", f"/im/v1/messages/{reply['message_id']}/reply", text("two"))
    assert deeper["root_id"] == deeper["parent_id"] == root["message_id"]
    assert deeper["thread_id"] == root["thread_id"]


def test_replies_outside_topics_form_a_chain(lark):
    root = lark.send(text="hi")["message_id"]
    reply = lark.data("POST", f"/im/v1/messages/{root}/reply", text("one"))
    quoting = lark.send(text="and this?", reply_to=reply["message_id"])
    event = event_of(lark, quoting)
    assert (event["root_id"], event["parent_id"]) == (root, reply["message_id"])
    assert "thread_id" not in event


def test_a_chat_without_topics_refuses_only_the_topic(lark):
    lark.act("chats", name="Plain", has_topics=False)
    sent = lark.send(chat="Plain", text="@Glimmer hi")["message_id"]
    path = f"/im/v1/messages/{sent}/reply"
    assert lark.code("POST", path, {**text("hi"), "reply_in_thread": True}) == 230071
    assert lark.code("POST", path, text("hi")) == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [({"may_bot_send": False}, 230035), ({"is_dissolved": True}, 232009), ({"has_bot": False}, 230002)],
)
def test_a_chat_that_takes_no_messages_says_why(lark, change, code):
    lark.act("chats", name="Design", **change)
    assert lark.say({"text": "hi"}, chat="Design").json()["code"] == code


def test_people_outside_the_range_and_strangers_cannot_be_written_to(lark):
    lark.act("people", name="Bob", is_available=False)
    bob = next(it["open_id"] for it in lark.see("chats")["people"] if it["name"] == "Bob")
    path = "/im/v1/messages?receive_id_type=open_id"
    assert lark.code("POST", path, {"receive_id": bob, **text("hi")}) == 230013
    assert lark.code("POST", path, {"receive_id": "ou_of_another_app", **text("hi")}) == 99992361


def test_only_mentions_reach_a_bot_without_the_sensitive_scope(start):
    lark = start()
    assert lark.send(chat="Design", text="hello all")["event_id"] == ""
    assert lark.send(chat="Design", text="@all hello")["event_id"] == ""
    message = event_of(lark, lark.send(chat="Design", text="@Bob ask @Glimmer please"))
    assert json.loads(message["content"]) == {"text": "@_user_1 ask @_user_2 please"}
    assert [(it["key"], it["mentioned_type"]) for it in message["mentions"]] == [
        ("@_user_1", "user"),
        ("@_user_2", "bot"),
    ]
    assert start(scopes=[SENSITIVE]).send(chat="Design", text="hello all")["event_id"]


def test_reading_a_group_needs_the_sensitive_scope(lark):
    group = lark.send(chat="Design", text="@Glimmer hi")["message_id"]
    direct = lark.send(text="hi")["message_id"]
    assert lark.code("GET", f"/im/v1/messages/{group}") == 230027
    item = lark.data("GET", f"/im/v1/messages/{direct}")["items"][0]
    assert item["msg_type"] == "text"
    assert json.loads(item["body"]["content"]) == {"text": "hi"}
    assert item["sender"]["id_type"] == "open_id"


def test_history_has_the_roots_of_topics_and_comes_in_pages(start):
    lark = start(scopes=["im:message", SENSITIVE])
    root = lark.send(chat="Questions", text="first")
    lark.send(chat="Questions", text="inside", reply_to=root["message_id"])
    for number in range(2):
        lark.send(chat="Questions", text=f"more {number}")
    query = f"container_id_type=chat&container_id={lark.chat_id('Questions')}&page_size=2"
    page = lark.data("GET", f"/im/v1/messages?{query}")
    assert [json.loads(item["body"]["content"])["text"] for item in page["items"]] == ["first", "more 0"]
    rest = lark.data("GET", f"/im/v1/messages?{query}&page_token={page['page_token']}")
    assert [json.loads(item["body"]["content"])["text"] for item in rest["items"]] == ["more 1"]
    assert not rest["has_more"]
    token = f"&page_token={page['page_token']}&sort_type=ByCreateTimeDesc"
    assert lark.code("GET", f"/im/v1/messages?{query}{token}") == 99992402
    thread = lark.data("GET", f"/im/v1/messages?container_id_type=thread&container_id={root['thread_id']}")
    assert len(thread["items"]) == 2


def test_a_text_is_edited_twenty_times_and_recalled_once(lark):
    message = lark.say({"text": "0"}).json()["data"]["message_id"]
    path = f"/im/v1/messages/{message}"
    assert [lark.code("PUT", path, text(str(number))) for number in range(21)] == [0] * 20 + [230072]
    assert lark.code("DELETE", path) == 0
    assert lark.code("DELETE", path) == 230011
    assert lark.code("PUT", path, text("late")) == 230011
    assert lark.data("GET", path)["items"][0]["deleted"] is True
    theirs = lark.send(text="mine")["message_id"]
    assert lark.code("DELETE", f"/im/v1/messages/{theirs}") == 230026
    assert lark.code("PUT", f"/im/v1/messages/{theirs}", text("x")) == 230071


def test_a_post_needs_its_locale_and_comes_back_without_markdown(lark):
    paragraphs = {"title": "T", "content": [[{"tag": "md", "text": "**b**"}]]}
    assert lark.say(paragraphs, msg_type="post").json()["code"] == 230001
    mixed = {"title": "T", "content": [[{"tag": "md", "text": "a"}, {"tag": "text", "text": "b"}]]}
    assert lark.say({"zh_cn": mixed}, msg_type="post").json()["code"] == 230001
    message = lark.say({"zh_cn": paragraphs}, msg_type="post").json()["data"]
    assert json.loads(message["body"]["content"])["content"][0][0]["tag"] == "text"


def test_long_messages_are_refused(lark):
    assert lark.say({"text": "x" * 151_000}).json()["code"] == 230025
    lines = {"zh_cn": {"title": "", "content": [[{"tag": "text", "text": "x" * 31_000}]]}}
    assert lark.say(lines, msg_type="post").json()["code"] == 230025


def test_uploads_are_checked_and_belong_to_the_bot(lark):
    def upload(data: bytes, image_type: str = "message") -> Any:
        headers = {"Authorization": f"Bearer {lark.token}"}
        files = {"image": ("a.png", data, "image/png")}
        form = {"image_type": image_type}
        return lark.http.post("/open-apis/im/v1/images", files=files, data=form, headers=headers).json()

    assert upload(b"")["code"] == 234010
    assert upload(b"no picture at all, only words in a row")["code"] == 234011
    assert upload(PNG, "poster")["code"] == 234001
    assert upload(PNG + b"\0" * (10 * 1024 * 1024))["code"] == 234006
    assert upload(wide_png(12_001))["code"] == 234039
    key = upload(PNG)["data"]["image_key"]
    assert lark.say({"image_key": key}, msg_type="image").json()["code"] == 0
    assert lark.say({"image_key": "img_v3_other"}, msg_type="image").json()["code"] == 230017
    assert lark.api("GET", f"/im/v1/images/{key}").content == PNG


def test_a_video_file_is_sent_as_media(lark):
    headers = {"Authorization": f"Bearer {lark.token}"}
    form = {"file_type": "mp4", "file_name": "a.mp4", "duration": "2000"}
    files = {"file": ("a.mp4", b"video", "video/mp4")}
    answer = lark.http.post("/open-apis/im/v1/files", files=files, data=form, headers=headers).json()
    key = answer["data"]["file_key"]
    assert lark.say({"file_key": key}, msg_type="file").json()["code"] == 230055
    assert lark.say({"file_key": key}, msg_type="media").json()["code"] == 0


def test_resources_come_from_their_own_message_only(lark):
    attachment = {"data": base64.b64encode(PNG).decode(), "name": "a.png", "media_type": "image/png"}
    post = event_of(
        lark, lark.send(chat="Design", type="post", text="@Glimmer look", attachments=[attachment])
    )
    tags = json.loads(post["content"])["content"]
    assert tags[0][0] == {"tag": "at", "user_id": "@_user_1", "user_name": "Glimmer", "style": []}
    path = f"/im/v1/messages/{post['message_id']}/resources/{tags[1][0]['image_key']}"
    found = lark.api("GET", f"{path}?type=image")
    assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
    part = lark.http.get(
        f"/open-apis{path}?type=image",
        headers={"Authorization": f"Bearer {lark.token}", "Range": "bytes=0-3"},
    )
    assert (part.status_code, part.content) == (206, PNG[:4])
    assert lark.code("GET", f"{path}?type=video") == 234001
    asking = lark.send(chat="Design", text="@Glimmer what is it?", reply_to=post["message_id"])["message_id"]
    other = path.replace(post["message_id"], asking)
    assert lark.code("GET", f"{other}?type=image") == 234003
    lark.act("recall", message_id=post["message_id"])
    assert lark.code("GET", f"{path}?type=image") == 230110


def test_stickers_and_forwarded_pictures_cannot_be_downloaded(lark):
    attachment = {"data": base64.b64encode(PNG).decode(), "media_type": "image/png"}
    sticker = event_of(lark, lark.send(type="sticker", attachments=[attachment]))
    key = json.loads(sticker["content"])["file_key"]
    assert lark.code("GET", f"/im/v1/messages/{sticker['message_id']}/resources/{key}?type=file") == 234043
    child = {"chat": "Alice", "type": "image", "attachments": [attachment], "user": "Bob"}
    forward = lark.send(type="merge_forward", children=[child])["message_id"]
    items = lark.data("GET", f"/im/v1/messages/{forward}")["items"]
    assert items[1]["upper_message_id"] == forward
    key = json.loads(items[1]["body"]["content"])["image_key"]
    path = f"/im/v1/messages/{items[1]['message_id']}/resources/{key}?type=image"
    assert lark.code("GET", path) == 234043


def test_an_edited_text_comes_again_under_the_same_message_id(lark):
    sent = lark.send(text="@Glimmer cats")
    lark.act("clock", advance_seconds=5)
    again = event_of(lark, lark.act("edit", message_id=sent["message_id"], text="@Glimmer dogs"))
    assert again["message_id"] == sent["message_id"]
    assert json.loads(again["content"]) == {"text": "@_user_1 dogs"}
    assert int(again["update_time"]) > int(again["create_time"])


def test_reactions_and_follow_up_bubbles_are_shown(lark):
    theirs = lark.send(text="hi")["message_id"]
    body = {"reaction_type": {"emoji_type": "Typing"}}
    reaction = lark.data("POST", f"/im/v1/messages/{theirs}/reactions", body)["reaction_id"]
    assert lark.see("messages")["messages"][0]["reactions"][0]["emoji"] == "Typing"
    assert lark.code("DELETE", f"/im/v1/messages/{theirs}/reactions/{reaction}") == 0
    ours = lark.say({"text": "hello"}).json()["data"]["message_id"]
    path = f"/im/v1/messages/{ours}/push_follow_up"
    assert lark.code("POST", path, {"follow_ups": [{"content": "x"}] * 4}) == 230001
    assert lark.code("POST", path, {"follow_ups": [{"content": "more"}]}) == 0
    assert lark.see("messages")["messages"][1]["follow_ups"] == ["more"]


def test_a_chat_tells_its_mode(lark):
    def chat(name: str) -> Any:
        return lark.data("GET", f"/im/v1/chats/{lark.chat_id(name)}")

    assert chat("Questions")["chat_mode"] == "topic"
    assert "group_message_type" not in chat("Questions")
    assert (chat("Design")["chat_mode"], chat("Design")["group_message_type"]) == ("group", "chat")


def test_an_unknown_path_is_a_violation(lark):
    assert lark.api("GET", "/im/v1/nothing").status_code == 404
    assert lark.see("violations")["violations"][0]["code"] == 404
