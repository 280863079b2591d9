"""Events over HTTP: only Lark's are taken in."""

import hashlib
import json

import httpx
import pytest

from tests.integration.lark.hearing import Scene, open_http_scene, until
from tests.payloads.lark.events import message

pytestmark = pytest.mark.redis

KEY = "an-encrypt-key"


@pytest.mark.parametrize("encrypt_key", ["", KEY], ids=["plain", "encrypted"])
async def test_a_question_is_heard(redis_url: str, encrypt_key: str):
    async with open_http_scene(redis_url, encrypt_key=encrypt_key) as scene:
        sent = await scene.lark.send("你好")
        await scene.lark.until_acknowledged(sent["event_id"])
        violations = await scene.lark.see("violations")

    assert [one.text for one in scene.heard.messages] == ["你好"]
    assert violations["violations"] == []


async def test_the_address_passes_lark_challenge(redis_url: str):
    async with open_http_scene(redis_url, encrypt_key=KEY) as scene:
        assert (await scene.lark.act("webhook/verify"))["is_verified"]


async def test_what_is_not_kept_is_answered_so_that_it_comes_again(redis_url: str):
    async with open_http_scene(redis_url, retry_delays=(0.2,)) as scene:
        scene.heard.refusals = 1
        sent = await scene.lark.send("hello")
        await scene.lark.until_acknowledged(sent["event_id"])
        delivery = await scene.lark.delivery(sent["event_id"])

    assert [receipt["code"] for receipt in delivery["receipts"]] == [503, 200]
    assert len(scene.heard.messages) == 1


async def test_a_picture_alone_is_answered_here_too(redis_url: str):
    async with open_http_scene(redis_url) as scene:
        await scene.lark.send_picture()
        await until(lambda: scene.heard.messages)


def signed(body: bytes, key: str) -> dict[str, str]:
    digest = hashlib.sha256(f"1700000000nonce{key}".encode() + body).hexdigest()
    return {
        "x-lark-request-timestamp": "1700000000",
        "x-lark-request-nonce": "nonce",
        "x-lark-signature": digest,
    }


async def posted(scene: Scene, body: bytes, headers: dict[str, str] | None = None) -> int:
    async with httpx.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.post(scene.lark.config.request_url, content=body, headers=headers)
    return answer.status_code


async def test_strangers_are_refused(redis_url: str):
    forged = json.dumps(message()).encode()
    async with open_http_scene(redis_url, encrypt_key=KEY) as scene:
        sent = await scene.lark.send("real")
        await scene.lark.until_acknowledged(sent["event_id"])
        assert await posted(scene, forged) == 403
        assert await posted(scene, forged, signed(forged, KEY)) == 403  # signed but not encrypted
        assert await posted(scene, b"{}") == 403
        assert await posted(scene, b"[" * 100_000) == 403
        assert await posted(scene, b'{"encrypt": "bm90IGVuY3J5cHRlZA=="}') == 403
        assert await posted(scene, b" " * 2_000_000) == 413

    assert [one.text for one in scene.heard.messages] == ["real"]


async def test_a_wrong_token_is_refused(redis_url: str):
    forged = json.dumps(message()).encode()
    async with open_http_scene(redis_url) as scene:
        assert await posted(scene, forged) == 403
    assert not scene.heard.messages


async def test_without_a_secret_nobody_is_believed_and_the_operator_is_told(redis_url: str):
    own = {"verification_token": "", "encrypt_key": ""}
    async with open_http_scene(redis_url, own=own) as scene:
        assert "LARK_VERIFICATION_TOKEN" in scene.hearing.problem()
        assert await posted(scene, json.dumps(message()).encode()) == 403
        challenge = json.dumps({"type": "url_verification", "challenge": "c", "token": ""}).encode()
        assert await posted(scene, challenge) == 403
    assert not scene.heard.messages
