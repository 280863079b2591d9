"""The long connection as a client sees it: handshake, pings, fragments, acknowledgements, one of many."""

import base64
import json
import threading
from contextlib import ExitStack, closing, suppress
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from simulators.lark.frames import CONTROL, DATA, Frame, FrameInvalid, decode, encode


def endpoint(lark, **credentials: str) -> Any:
    body = {"AppID": lark.config.app_id, "AppSecret": lark.config.app_secret, **credentials}
    return lark.http.post("/callback/ws/endpoint", json=body).json()


class Client:
    """One connection; `answer` makes the acknowledgement's payload of an event, or None for none."""

    def __init__(self, lark, stack: ExitStack, answer=lambda _event: {"code": 200}) -> None:
        self.url = endpoint(lark)["data"]["URL"]
        self.service = int(parse_qs(urlparse(self.url).query)["service_id"][0])
        self.socket: ClientConnection = stack.enter_context(closing(connect(self.url, proxy=None)))
        self.answer = answer
        self.events: list[dict[str, Any]] = []
        self.pongs: list[Frame] = []
        self.frames: list[Frame] = []
        self._parts: dict[str, dict[int, bytes]] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def ping(self) -> None:
        self.socket.send(encode(Frame(service=self.service, method=CONTROL, headers={"type": "ping"})))

    def _listen(self) -> None:
        with suppress(ConnectionClosed):
            for data in self.socket:
                assert isinstance(data, bytes)
                self._receive(decode(data))

    def _receive(self, frame: Frame) -> None:
        if frame.method == CONTROL:
            self.pongs.append(frame)
            return
        self.frames.append(frame)
        parts = self._parts.setdefault(frame.headers["message_id"], {})
        parts[int(frame.headers["seq"])] = frame.payload or b""
        if len(parts) < int(frame.headers["sum"]):
            return
        event = json.loads(b"".join(parts[seq] for seq in sorted(parts)))
        self.events.append(event)
        if (answer := self.answer(event)) is not None:
            headers = {**frame.headers, "biz_rt": "1"}
            ack = Frame(
                frame.seq_id, frame.log_id, frame.service, DATA, headers, payload=json.dumps(answer).encode()
            )
            self.socket.send(encode(ack))


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


def delivery(lark, sent) -> Any:
    return next(it for it in lark.see("deliveries")["deliveries"] if it["event_id"] == sent["event_id"])


def state_becomes(lark, sent, state: str) -> None:
    lark.wait_for(lambda: delivery(lark, sent)["state"] == state)


def receipts(lark, sent, count: int) -> Any:
    lark.wait_for(lambda: len(delivery(lark, sent)["receipts"]) >= count)
    return delivery(lark, sent)["receipts"]


def test_a_frame_survives_the_wire():
    frame = Frame(2**64 - 1, 7, 3, DATA, {"type": "event", "键": "值"}, "json", "x", b"\x00\xff", "9")
    assert decode(encode(frame)) == frame
    for broken in (b"", b"\x08", encode(frame)[:-1], b"\x0b\x0b"):
        with pytest.raises(FrameInvalid):
            decode(broken)


def test_the_endpoint_refuses_with_its_codes(start):
    lark = start(connection_limit=0)
    assert endpoint(lark, AppSecret="")["code"] == 1000040344
    assert endpoint(lark, AppSecret="wrong")["code"] == 514
    assert endpoint(lark)["code"] == 1000040350
    assert endpoint(start(mode="webhook"))["code"] == 403


def test_a_ticket_admits_once_and_a_refused_handshake_says_why(lark, stack):
    client = Client(lark, stack)
    with pytest.raises(InvalidStatus) as refused:
        connect(client.url, proxy=None)
    assert refused.value.response.headers["handshake-status"] == "514"
    assert refused.value.response.headers["handshake-msg"] == "auth failed"


def test_a_ping_is_answered_with_the_clients_configuration(start, stack):
    client = Client(lark := start(ping_interval=7), stack)
    client.ping()
    lark.wait_for(lambda: client.pongs)
    assert client.pongs[0].headers == {"type": "pong"}
    assert json.loads(client.pongs[0].payload or b"")["PingInterval"] == 7


def test_a_silent_connection_answers_nothing_and_its_events_are_lost(start, stack):
    lark = start(ack_timeout=0.2)
    client = Client(lark, stack)
    lark.act("connections", action="silence")
    client.ping()
    sent = lark.send(text="lost")
    assert receipts(lark, sent, 1)[0]["problem"] == "timeout"
    assert not client.pongs
    assert not client.events


def test_a_fragmented_event_is_whole_again_after_all_its_frames(lark, stack):
    client = Client(lark, stack)
    sent = lark.send(text="long " * 100, manner={"fragments": 4})
    state_becomes(lark, sent, "acknowledged")
    assert [frame.headers["sum"] for frame in client.frames] == ["4"] * 4
    assert json.loads(client.events[0]["event"]["message"]["content"])["text"] == ("long " * 100)


def test_an_event_goes_to_one_of_many_connections(lark, stack):
    clients = [Client(lark, stack) for _ in range(3)]
    for number in range(12):
        state_becomes(lark, lark.send(text=str(number)), "acknowledged")
    assert sum(len(client.events) for client in clients) == 12
    assert max(len(client.events) for client in clients) < 12


def test_an_event_can_come_several_times_over_every_connection(lark, stack):
    clients = [Client(lark, stack) for _ in range(2)]
    sent = lark.send(text="twice", manner={"times": 2, "over": "every"})
    state_becomes(lark, sent, "acknowledged")
    assert [len(client.events) for client in clients] == [2, 2]
    lark.act("events/repeat", event_id=sent["event_id"])
    lark.wait_for(lambda: sum(len(client.events) for client in clients) == 5)


def test_an_unacknowledged_event_comes_again_after_15_s_5_min_1_h_and_6_h(lark, stack):
    codes = iter([500, 500, 500, 500, 200])
    client = Client(lark, stack, lambda _event: {"code": next(codes)})
    sent = lark.send(text="again")
    for count, delay in enumerate((15, 300, 3600, 21_600), start=1):
        receipts(lark, sent, count)
        lark.act("clock", advance_seconds=delay)
    state_becomes(lark, sent, "acknowledged")
    assert [it["code"] for it in delivery(lark, sent)["receipts"]] == [500, 500, 500, 500, 200]
    ids = {event["event"]["message"]["message_id"] for event in client.events}
    assert ids == {sent["message_id"]}


def test_an_event_is_given_up_after_the_fourth_retry(lark):
    sent = lark.send(text="nobody listens")
    for count, delay in enumerate((15, 300, 3600, 21_600), start=1):
        receipts(lark, sent, count)
        lark.act("clock", advance_seconds=delay)
    state_becomes(lark, sent, "given up")
    assert {it["problem"] for it in delivery(lark, sent)["receipts"]} == {"offline"}


def test_held_events_can_be_let_go_in_reverse_order(lark, stack):
    client = Client(lark, stack)
    sent = [lark.send(text=str(number), manner={"hold": True}) for number in range(3)]
    assert delivery(lark, sent[0])["state"] == "held"
    lark.act("events/release", is_reversed=True)
    texts = [json.loads(event["event"]["message"]["content"])["text"] for event in client.events]
    assert texts == ["2", "1", "0"]


def test_a_sloppy_acknowledgement_is_noted(lark, stack):
    client = Client(lark, stack, lambda _event: None)
    lark.send(text="hi")
    lark.wait_for(lambda: client.frames)
    frame = client.frames[0]
    wrong = Frame(1, 2, frame.service, DATA, frame.headers, payload=b'{"code":200}')
    client.socket.send(encode(wrong))
    client.socket.send(b"\xff")
    lark.wait_for(lambda: len(lark.see("violations")["violations"]) == 3)
    whats = [it["what"] for it in lark.see("violations")["violations"]]
    assert any("same frame" in what for what in whats)
    assert any("biz_rt" in what for what in whats)
    assert any("invalid frame" in what for what in whats)


def test_a_dropped_connection_ends_for_the_client(lark, stack):
    client = Client(lark, stack)
    lark.act("connections", action="drop")
    lark.wait_for(lambda: client.socket.close_code)
    assert lark.see("status")["connections"] == []


def button_card(**config: Any) -> dict[str, Any]:
    button = {
        "tag": "button",
        "element_id": "stop",
        "text": {"tag": "plain_text", "content": "Stop"},
        "behaviors": [{"type": "callback", "value": {"a": "stop"}}],
    }
    return {"schema": "2.0", "config": config, "body": {"elements": [button]}}


def acknowledged(answer: Any) -> dict[str, Any]:
    return {"code": 200, "data": base64.b64encode(json.dumps(answer).encode()).decode()}


def test_a_click_can_change_a_card_only_when_it_does_not_stream(lark, stack):
    new = {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "stopped"}]}}
    toast = {"type": "info", "content": "ok"}
    answer = {"toast": toast, "card": {"type": "raw", "data": new}}
    client = Client(lark, stack, lambda _event: acknowledged(answer))
    for streaming, is_updated in ((True, False), (False, True)):
        card = button_card(streaming_mode=streaming)
        message_id = lark.say(card, msg_type="interactive").json()["data"]["message_id"]
        shown = lark.act("press", message_id=message_id, button="Stop", user="Bob")
        assert shown == {"code": 0, "toast": toast, "is_card_updated": is_updated}
    event = client.events[0]
    assert event["header"]["event_type"] == "card.action.trigger"
    assert len(event["header"]["create_time"]) == 16
    assert event["event"]["action"]["value"] == {"a": "stop"}
    assert event["event"]["context"]["open_chat_id"] == lark.chat_id("Alice")


def test_a_click_that_fails_is_not_repeated_and_shown_to_the_user(start, stack):
    lark = start(ack_timeout=0.2)
    message_id = lark.say(button_card(), msg_type="interactive").json()["data"]["message_id"]
    press = {"message_id": message_id, "button": "stop"}
    assert lark.act("press", **press)["problem"] == "offline"
    answers = iter([{"code": 500}, acknowledged({"toast": {"type": "loud"}}), None])
    client = Client(lark, stack, lambda _event: next(answers))
    assert [lark.act("press", **press)["code"] for _ in range(3)] == [200671, 200672, 200341]
    lark.act("clock", advance_seconds=20)
    assert len(client.events) == 3


def test_the_card_is_locked_and_its_token_unusable_until_the_click_is_answered(lark, stack):
    codes: dict[str, int] = {}

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        card_id = lark.data("POST", "/cardkit/v1/cards/id_convert", {"message_id": message_id})["card_id"]
        body = {"settings": json.dumps({"config": {"streaming_mode": False}}), "sequence": 1}
        codes["during"] = lark.code("PATCH", f"/cardkit/v1/cards/{card_id}/settings", body)
        codes["card"] = card_id
        codes["token"] = event["event"]["token"]
        codes["early"] = lark.code(
            "POST", "/interactive/v1/card/update", {"token": codes["token"], "card": {}}
        )
        return {"code": 200}

    message_id = lark.say(button_card(), msg_type="interactive").json()["data"]["message_id"]
    Client(lark, stack, answer)
    other = type(lark)(lark.url, lark.config)
    assert other.act("press", message_id=message_id, button="stop")["code"] == 0
    assert (codes["during"], codes["early"]) == (200810, 2200)
    update = {"token": codes["token"], "card": button_card()}
    assert [lark.code("POST", "/interactive/v1/card/update", update) for _ in range(3)] == [0, 0, 230001]
