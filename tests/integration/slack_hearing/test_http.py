"""Slack over HTTP: signed requests in, acknowledgements out."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

import httpx
import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette

from adapters.platforms.slack.settings import SlackSettings
from tests.integration.slack_hearing.ears import Ears, listening
from tests.integration.slack_hearing.script import Script

SECRET = "simulated-signing-secret"
EVENT = {
    "type": "event_callback",
    "team_id": "T0GLIMMER1",
    "api_app_id": "A0GLIMMER1",
    "event_id": "Ev1",
    "authorizations": [{"team_id": "T0GLIMMER1", "user_id": "U0GLIMMERB", "is_bot": True}],
    "event": {
        "type": "message",
        "channel_type": "im",
        "user": "U0ALICE001",
        "text": "hello",
        "ts": "1790000000.000100",
        "channel": "D0ALICE001",
    },
}


@pytest.fixture
def settings(slack: Script) -> SlackSettings:
    return SlackSettings(bot_token="xoxb-simulated-bot", signing_secret=SECRET, api_url=f"{slack.url}/api/")


@pytest.fixture
def heard() -> Ears:
    return Ears()


@pytest.fixture
async def http(settings: SlackSettings, redis: Redis, heard: Ears) -> AsyncIterator[httpx.AsyncClient]:
    async with listening(settings, redis, heard) as hearing:
        transport = httpx.ASGITransport(Starlette(routes=list(hearing.routes)))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
            yield client


async def post(
    http: httpx.AsyncClient,
    body: bytes,
    *,
    content_type: str = "application/json",
    timestamp: str | None = None,
    secret: str = SECRET,
) -> httpx.Response:
    timestamp = str(int(time.time())) if timestamp is None else timestamp
    signed = b"v0:" + timestamp.encode() + b":" + body
    signature = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
    }
    return await http.post("/slack/events", content=body, headers=headers)


async def test_a_signed_event_is_handed_over_and_acknowledged(http: httpx.AsyncClient, heard: Ears):
    answer = await post(http, json.dumps(EVENT).encode())
    assert answer.status_code == 200
    assert (await heard.hear_message()).text == "hello"


async def test_the_challenge_is_answered(http: httpx.AsyncClient):
    body = {"type": "url_verification", "challenge": "abc", "token": "x"}
    answer = await post(http, json.dumps(body).encode())
    assert answer.json() == {"challenge": "abc"}


@pytest.mark.parametrize(
    ("timestamp", "secret"),
    [(None, "wrong"), ("1", SECRET), ("soon", SECRET), ("", SECRET), ("-1", SECRET), ("9" * 12, SECRET)],
)
async def test_what_is_not_signed_now_and_by_slack_is_refused(
    http: httpx.AsyncClient, heard: Ears, timestamp: str | None, secret: str
):
    answer = await post(http, json.dumps(EVENT).encode(), timestamp=timestamp, secret=secret)
    assert answer.status_code == 401
    assert heard.events == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'"x"'])
async def test_an_unreadable_body_is_refused_without_a_stack_trace(
    http: httpx.AsyncClient, body: bytes, caplog: pytest.LogCaptureFixture
):
    assert (await post(http, body)).status_code == 400
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_endless_body_is_refused(http: httpx.AsyncClient):
    assert (await post(http, b"x" * (2 * 1024 * 1024 + 1))).status_code == 413


async def test_what_could_not_be_kept_is_refused_so_that_slack_sends_it_again(
    http: httpx.AsyncClient, heard: Ears
):
    heard.failures = 1
    assert (await post(http, json.dumps(EVENT).encode())).status_code == 503
    assert (await post(http, json.dumps(EVENT).encode())).status_code == 200
    assert len(heard.events) == 1


async def test_a_command_is_answered_in_private(http: httpx.AsyncClient):
    form = {"command": "/glm", "text": "", "team_id": "T0GLIMMER1", "user_id": "U1", "channel_id": "C1"}
    answer = await post(http, urlencode(form).encode(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "/imagine" in answer.text


async def test_what_is_wrong_with_a_submission_is_answered_as_json(http: httpx.AsyncClient, heard: Ears):
    heard.failures = 1
    state = {"values": {"prompt": {"entered": {"type": "plain_text_input", "value": "a fox"}}}}
    payload = {
        "type": "view_submission",
        "team": {"id": "T0GLIMMER1"},
        "user": {"id": "U0ALICE001"},
        "view": {"id": "V1", "type": "modal", "callback_id": "glimmer_paint", "state": state},
    }
    form = {"payload": json.dumps(payload)}
    answer = await post(http, urlencode(form).encode(), content_type="application/x-www-form-urlencoded")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["response_action"] == "errors"
    assert "try again" in answer.json()["errors"]["prompt"]


@pytest.fixture(autouse=True)
def tokens_stay_out_of_the_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level("DEBUG")
    yield
    assert SECRET not in caplog.text
