"""The manifest keeps Slack's limits and asks for what is used, no more."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.platforms.slack.manifest import BOT_EVENTS, BOT_SCOPES, create_manifest
from tests.architecture.tree import ROOT
from workers.cli import cli

URL = "https://bot.example.com"
# Slack docs, app manifests: the longest text of each field.
LONGEST = {
    "name": 35,
    "description": 140,
    "display_name": 80,
    "command": 32,
    "usage_hint": 1000,
    "agent_description": 300,
    "callback_id": 255,
    "request_url": 3500,
}


@pytest.fixture(params=["", URL], ids=["sockets", "http"])
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    return create_manifest(request.param)


def texts(part: Any) -> Any:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from [(name, value)] if isinstance(value, str) else texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)


def test_every_text_is_within_its_limit(manifest: dict[str, Any]):
    found = list(texts(manifest))
    assert len(found) > 20
    assert not [(name, text) for name, text in found if not 0 < len(text) <= LONGEST.get(name, 1000)]
    assert all(len(shortcut["name"]) <= 24 for shortcut in manifest["features"]["shortcuts"])
    assert len(manifest["features"]["agent_view"]["suggested_prompts"]) <= 4
    assert "assistant_view" not in manifest["features"]


def test_socket_mode_needs_no_address():
    printed = json.dumps(create_manifest())
    assert create_manifest()["settings"]["socket_mode_enabled"] is True
    assert "_url" not in printed
    assert "http" not in printed


def test_over_http_everything_comes_to_one_address():
    made = create_manifest(URL + "/")
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert made["settings"]["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert {command["url"] for command in made["features"]["slash_commands"]} == {f"{URL}/slack/events"}
    assert made["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]


def test_every_event_has_the_scope_it_needs():
    needs = {
        "app_mention": "app_mentions:read",
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "message.mpim": "mpim:history",
    }
    assert {needs[event] for event in BOT_EVENTS if event in needs} <= set(BOT_SCOPES)
    assert set(needs) <= set(BOT_EVENTS)


def test_the_guide_gives_a_reason_for_each_scope_and_for_no_other():
    guide = (ROOT / "docs" / "slack.md").read_text("utf-8")
    explained = re.findall(r"^\| `([a-z_]+:[a-z._]+|commands)` \| \S", guide, re.MULTILINE)
    assert sorted(explained) == sorted([*BOT_SCOPES, "connections:write"])


def test_the_command_prints_it():
    printed = CliRunner().invoke(cli, ["manifest", "slack", "--http", URL])
    assert json.loads(printed.output) == create_manifest(URL)


def test_an_address_that_slack_would_refuse_is_refused_here():
    printed = CliRunner().invoke(cli, ["manifest", "slack", "--http", "http://bot.example.com"])
    assert printed.exit_code != 0
    assert "https" in printed.output
