"""Signed HTTP delivery against Bolt's own application behind its own adapter, and against bad servers."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from simulators.serving import serve
from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.script import GENERAL, Script

SECRET = "a-signing-secret"


class Receiver:
    """An app's web server that writes down what came and answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answer: Response = PlainTextResponse("")

    async def serve(self, request: Request) -> Response:
        body = await request.body()
        if b'"url_verification"' in body:
            return PlainTextResponse((await request.json())["challenge"])
        self.heard.append((dict(request.headers), body))
        return self.answer


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def slack(receiver: Receiver) -> Iterator[Script]:
    app = Starlette(routes=[Route("/{path:path}", receiver.serve, methods=["POST"])])
    with ExitStack() as stack:
        request_url = f"{stack.enter_context(serve(app))}/slack/events"
        config = SlackSimulatorConfig(signing_secret=SECRET, request_url=request_url)
        base_url = stack.enter_context(serve(create_app(config)))
        script = Script(base_url, stack.enter_context(httpx.Client(base_url=base_url)))
        script.post("clock", freeze=True)
        yield script


def settled(slack: Script, delivery_id: str) -> dict[str, Any]:
    return slack.until(f"deliveries/{delivery_id}", lambda delivery: delivery["settled"])


def outcomes(delivery: dict[str, Any]) -> list[tuple[str, str]]:
    return [(attempt["reason"], attempt["outcome"]) for attempt in delivery["attempts"]]


def test_slacks_own_verifier_believes_the_signature(slack: Script, receiver: Receiver) -> None:
    slack.act("message", text="héllo 你好", wait_seconds=3)

    headers, body = receiver.heard[0]
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + b" ", headers)
    assert "x-slack-retry-num" not in headers


def test_a_server_error_is_tried_again_with_the_reason(slack: Script, receiver: Receiver) -> None:
    receiver.answer = PlainTextResponse("", 500)
    sent = slack.act("message", text="hi", wait_seconds=3)["deliveries"][0]
    slack.until(
        f"deliveries/{sent['id']}", lambda answer: outcomes(answer)[1:] == [("http_error", "refused")]
    )
    receiver.answer = PlainTextResponse("")
    slack.post("clock", advance=60)

    over = settled(slack, sent["id"])
    assert outcomes(over) == [("", "refused"), ("http_error", "refused"), ("http_error", "acked")]
    headers, _ = receiver.heard[2]
    assert (headers["x-slack-retry-num"], headers["x-slack-retry-reason"]) == ("2", "http_error")


def test_a_server_may_refuse_further_attempts(slack: Script, receiver: Receiver) -> None:
    receiver.answer = PlainTextResponse("", 404, {"x-slack-no-retry": "1"})
    sent = slack.act("message", text="hi", wait_seconds=3)["deliveries"][0]

    assert outcomes(settled(slack, sent["id"])) == [("", "no_retry")]


def test_a_third_redirect_is_not_followed(slack: Script, receiver: Receiver) -> None:
    receiver.answer = RedirectResponse("/slack/elsewhere", 307)
    sent = slack.act("message", text="hi", wait_seconds=3)["deliveries"][0]

    assert sent["attempts"][0]["outcome"] == "too_many_redirects"


def test_a_command_is_a_form_and_its_answer_is_shown_to_the_user(slack: Script, receiver: Receiver) -> None:
    receiver.answer = PlainTextResponse("Working on it…")
    slack.act("slash", command="/imagine", text="a cat & a dog", channel="general", wait_seconds=3)

    headers, body = receiver.heard[0]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert b"text=a+cat+%26+a+dog" in body
    shown = slack.until("messages", lambda answer: bool(answer["messages"]))["messages"][0]
    assert (shown["text"], shown["ephemeral_to"]) == ("Working on it…", "U0ALICE001")


def test_an_ack_that_cannot_be_shown_is_counted(slack: Script, receiver: Receiver) -> None:
    receiver.answer = JSONResponse({"blocks": [{"type": "poem"}]})
    slack.act("slash", command="/imagine", text="a cat", channel="general", wait_seconds=3)

    slack.until("counts", lambda counts: counts["violations"] == {"ack_refused": 1})


def test_signatures_keep_the_apps_own_time_whatever_the_script_did(slack: Script, receiver: Receiver) -> None:
    slack.post("clock", advance=86_400)
    slack.act("message", text="tomorrow", wait_seconds=3)

    headers, body = receiver.heard[0]
    assert SignatureVerifier(SECRET).is_valid_request(body, headers)


def test_without_the_right_answer_to_the_challenge_nothing_is_sent(receiver: Receiver) -> None:
    silent = Starlette(routes=[Route("/", receiver.serve, methods=["POST"])])
    with ExitStack() as stack:
        request_url = f"{stack.enter_context(serve(silent))}/wrong/path"
        base_url = stack.enter_context(serve(create_app(SlackSimulatorConfig(request_url=request_url))))
        script = Script(base_url, stack.enter_context(httpx.Client(base_url=base_url)))

        sent = script.act("message", text="hi", wait_seconds=3)["deliveries"][0]

        assert sent["attempts"][0]["outcome"] == "connection_failed"
        assert script.post("verify")["verified"] is False
    assert receiver.heard == []


def test_bolts_own_http_adapter_takes_events_commands_and_buttons() -> None:
    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id="T0GLIMMER1",
            bot_token="xoxb-simulated-bot",
            bot_id="B0GLIMMERB",
            bot_user_id="U0GLIMMERB",
        )

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize)
    heard: list[str] = []

    @bolt.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(str(event["text"]))

    @bolt.command("/imagine")
    async def imagine(ack: Any, command: dict[str, Any]) -> None:
        await ack(text=f"painting {command['text']}", response_type="in_channel")

    handler = AsyncSlackRequestHandler(bolt)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    app = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    with ExitStack() as stack:
        request_url = f"{stack.enter_context(serve(app))}/slack/events"
        config = SlackSimulatorConfig(signing_secret=SECRET, request_url=request_url)
        base_url = stack.enter_context(serve(create_app(config)))
        script = Script(base_url, stack.enter_context(httpx.Client(base_url=base_url)))

        sent = script.act("message", text="hi", wait_seconds=3)["deliveries"][0]
        script.act("slash", command="/imagine", text="a cat", channel="general", wait_seconds=3)
        shown = script.until("messages", lambda answer: bool(answer["messages"]), channel=GENERAL)

    assert sent["acked"]
    assert heard == ["hi"]
    assert shown["messages"][0]["text"] == "painting a cat"
    assert shown["messages"][0]["ephemeral_to"] is None
