"""Events over HTTP: the challenge, the encryption, the signature."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from Crypto.Cipher import AES
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.serving import serve

KEY = "an encrypt key"


class Receiver:
    """A bot's HTTP side; `status` is what events get."""

    def __init__(self) -> None:
        self.status = 200
        self.knows_challenge = True
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()
        self.app = Starlette(routes=[Route("/lark/events", self.receive, methods=["POST"])])

    async def receive(self, request: Request) -> Response:
        raw = await request.body()
        body = json.loads(raw)
        if "encrypt" in body:
            body = json.loads(decrypt(body["encrypt"]))
        if body.get("type") == "url_verification":
            return JSONResponse({"challenge": body["challenge"] if self.knows_challenge else "?"})
        self.requests.append((dict(request.headers), raw))
        self.arrived.set()
        return JSONResponse({"toast": {"type": "info", "content": "ok"}}, self.status)


def decrypt(text: str) -> bytes:
    raw = base64.b64decode(text)
    cipher = AES.new(hashlib.sha256(KEY.encode()).digest(), AES.MODE_CBC, raw[:16])
    plain = cipher.decrypt(raw[16:])
    return plain[: -plain[-1]]


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with serve(receiver.app) as url:
        yield receiver, f"{url}/lark/events"


def states(lark) -> list[str]:
    return [it["state"] for it in lark.see("deliveries")["deliveries"]]


def test_a_plain_event_arrives_unsigned(start, receiver):
    bot, url = receiver
    lark = start(mode="webhook", request_url=url)
    lark.send(text="hi")
    lark.wait_for(lambda: states(lark) == ["acknowledged"])
    headers, raw = bot.requests[0]
    event = json.loads(raw)
    assert event["schema"] == "2.0"
    assert event["header"]["token"] == lark.config.verification_token
    assert "x-lark-signature" not in headers


def test_with_an_encrypt_key_events_are_encrypted_and_signed(start, receiver):
    bot, url = receiver
    lark = start(mode="webhook", request_url=url, encrypt_key=KEY)
    lark.send(text="你好")
    lark.wait_for(lambda: states(lark) == ["acknowledged"])
    headers, raw = bot.requests[0]
    event = json.loads(decrypt(json.loads(raw)["encrypt"]))
    assert json.loads(event["event"]["message"]["content"]) == {"text": "你好"}
    salt = headers["x-lark-request-timestamp"] + headers["x-lark-request-nonce"] + KEY
    assert headers["x-lark-signature"] == hashlib.sha256(salt.encode() + raw).hexdigest()


def test_an_address_that_fails_the_challenge_gets_no_events(start, receiver):
    bot, url = receiver
    bot.knows_challenge = False
    lark = start(mode="webhook", request_url=url)
    assert lark.act("webhook/verify") == {"is_verified": False}
    lark.send(text="hi")
    lark.wait_for(lambda: lark.see("deliveries")["deliveries"][0]["receipts"])
    assert bot.requests == []
    bot.knows_challenge = True
    assert lark.act("webhook/verify") == {"is_verified": True}
    lark.act("clock", advance_seconds=15)
    lark.wait_for(lambda: states(lark) == ["acknowledged"])


def test_any_status_but_200_brings_the_event_again(start, receiver):
    bot, url = receiver
    bot.status = 302
    lark = start(mode="webhook", request_url=url)
    lark.send(text="hi")
    lark.wait_for(lambda: lark.see("deliveries")["deliveries"][0]["receipts"])
    bot.status = 200
    lark.act("clock", advance_seconds=15)
    lark.wait_for(lambda: states(lark) == ["acknowledged"])
    assert len(bot.requests) == 2


def test_a_click_is_answered_in_the_response(start, receiver):
    _bot, url = receiver
    lark = start(mode="webhook", request_url=url)
    button: dict[str, Any] = {
        "tag": "button",
        "element_id": "b",
        "text": {"tag": "plain_text", "content": "B"},
    }
    button["behaviors"] = [{"type": "callback", "value": {"x": 1}}]
    card = {"schema": "2.0", "body": {"elements": [button]}}
    message_id = lark.say(card, msg_type="interactive").json()["data"]["message_id"]
    shown = lark.act("press", message_id=message_id, button="b")
    assert shown["toast"] == {"type": "info", "content": "ok"}
    lark.act("settings", callbacks=[])
    assert lark.act("press", message_id=message_id, button="b")["code"] == 200340
