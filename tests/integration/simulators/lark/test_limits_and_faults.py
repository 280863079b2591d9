"""Rates, the monthly quota, scripted trouble, and what can be seen of it all."""

import json

import httpx
import pytest

from simulators.lark.clock import Clock
from simulators.lark.errors import Refused
from simulators.lark.limits import Limits


def test_a_chat_takes_five_messages_a_second(lark):
    assert [lark.say({"text": "x"}, chat="Design").json()["code"] for _ in range(6)] == [0] * 5 + [230020]
    assert lark.say({"text": "x"}).json()["code"] == 0
    lark.act("clock", advance_seconds=1)
    assert lark.say({"text": "x"}, chat="Design").json()["code"] == 0


def test_an_app_calls_an_api_a_thousand_times_a_minute():
    clock = Clock()
    limits = Limits(clock)
    for _ in range(20):
        for _ in range(50):
            limits.check_app("bot.info")
        clock.advance(1)
    with pytest.raises(Refused) as refused:
        limits.check_app("bot.info")
    assert refused.value.http_status == 429
    assert 30 < int(refused.value.headers["x-ogw-ratelimit-reset"]) <= 60


def test_the_quota_counts_what_succeeded_and_starts_again_next_month(start):
    lark = start(monthly_quota=2)
    assert lark.code("GET", "/im/v1/messages/om_unknown") == 99992354
    assert [lark.code("GET", "/bot/v3/info") for _ in range(3)] == [0, 0, 99991403]
    assert lark.api("GET", "/bot/v3/info").status_code == 429
    assert lark.see("status")["quota"] == {"used": 2, "limit": 2}
    lark.act("clock", advance_seconds=31 * 86_400)
    lark = type(lark)(lark.url, lark.config)
    assert lark.code("GET", "/bot/v3/info") == 0


def test_a_scripted_refusal_meets_the_calls_it_is_meant_for(lark):
    lark.act("faults", endpoint="bot.info", code=99991400, reset_seconds=3, skip=1, count=2)
    answers = [lark.api("GET", "/bot/v3/info") for _ in range(4)]
    assert [it.json()["code"] for it in answers] == [0, 99991400, 99991400, 0]
    assert answers[1].status_code == 429
    assert answers[1].headers["x-ogw-ratelimit-reset"] == "3"
    assert lark.see("violations")["violations"] == []


def test_an_internal_error_is_no_json(lark):
    lark.act("faults", endpoint="*", kind="internal")
    answer = lark.api("GET", "/bot/v3/info")
    assert answer.status_code == 500
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(("kind", "sent"), [("lost_answer", 1), ("hang", 0)])
def test_an_answer_that_never_comes_may_hide_a_message_that_was_sent(lark, kind, sent):
    lark.act("faults", endpoint="message.create", kind=kind)
    body = {"receive_id": lark.chat_id("Alice"), "msg_type": "text", "content": '{"text":"hi"}', "uuid": "u"}
    path = "/im/v1/messages?receive_id_type=chat_id"
    with pytest.raises(httpx.ReadTimeout):
        lark.api("POST", path, body, timeout=0.3)
    assert len(lark.see("messages")["messages"]) == sent
    assert lark.code("POST", path, body) == 0
    assert len(lark.see("messages")["messages"]) == 1


def test_a_fault_for_an_endpoint_that_does_not_exist_is_not_taken(lark):
    assert lark.http.post("/_sim/faults", json={"endpoint": "message.reply "}).status_code == 404


def test_every_call_is_logged_without_the_secret(lark):
    lark.code("GET", "/bot/v3/info")
    calls = lark.see("calls")["calls"]
    assert [(call["name"], call["status"], call["is_counted"]) for call in calls] == [
        ("token", 200, False),
        ("bot.info", 200, True),
    ]
    assert lark.config.app_secret not in json.dumps(calls)


def test_people_cause_every_kind_of_event(lark):
    message = lark.send(text="hi")["message_id"]
    lark.act("react", message_id=message, emoji="OK")
    lark.act("recall", message_id=message)
    lark.act("enter", name="Dora")
    lark.act("menu", user="Dora", event_key="help")
    lark.act("chats", name="New", members=["Alice"], has_bot=True)
    lark.act("chats", name="New", has_bot=False)
    lark.act("events", event_type="im.message.receive_v1", event={"anything": 1}, event_id="e1")
    assert [it["event_type"] for it in lark.see("deliveries")["deliveries"]] == [
        "im.message.receive_v1",
        "im.message.reaction.created_v1",
        "im.message.recalled_v1",
        "im.chat.access_event.bot_p2p_chat_entered_v1",
        "application.bot.menu_v6",
        "im.chat.member.bot.added_v1",
        "im.chat.member.bot.deleted_v1",
        "im.message.receive_v1",
    ]
    menu = lark.see("deliveries")["deliveries"][4]["event"]
    assert menu["event_key"] == "help"
    assert "chat_id" not in menu


def test_a_wrong_command_is_not_taken(lark):
    assert lark.http.post("/_sim/messages", json={"chat": "Alice", "txt": "typo"}).status_code == 422
    assert lark.http.post("/_sim/messages", json={"chat": "nowhere"}).status_code == 404
    assert lark.http.post("/_sim/press", json={"message_id": "om_x", "button": "b"}).status_code == 404


def test_a_page_that_looks_sees_every_change(lark):
    with lark.http.stream("GET", "/_sim/changes") as changes:
        lines = changes.iter_lines()
        assert next(lines) == ": listening"
        other = type(lark)(lark.url, lark.config)
        other.say({"text": "hello"})
        data = next(line for line in lines if line.startswith("data:"))
    assert json.loads(data.removeprefix("data:"))["message"]["content"] == {"text": "hello"}
