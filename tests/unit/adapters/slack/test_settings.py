"""What is set decides whether Slack is on, and what is missing is said."""

import logging
from typing import Any

import pytest

from adapters.platforms.slack.plugin import PLUGIN
from adapters.platforms.slack.settings import SlackSettings

OAUTH: dict[str, Any] = {"client_id": "1.2", "client_secret": "s", "token_key": "k"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ""),
        ({"bot_token": "xoxb-1"}, "SLACK_APP_TOKEN"),
        (OAUTH, "SLACK_SIGNING_SECRET"),
        ({"signing_secret": "s"}, "SLACK_BOT_TOKEN"),
    ],
)
def test_half_of_the_settings_leaves_slack_off_and_says_what_is_missing(
    given: dict[str, Any], missing: str, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        assert not PLUGIN.is_on(SlackSettings(_env_file=None, **given))
    assert [missing in record.getMessage() for record in caplog.records] == ([True] if missing else [])


@pytest.mark.parametrize("speaking", [{"bot_token": "xoxb-1"}, OAUTH])
@pytest.mark.parametrize("hearing", [{"app_token": "xapp-1"}, {"signing_secret": "s"}])
def test_a_way_to_speak_and_a_way_to_hear_switch_slack_on(
    speaking: dict[str, Any], hearing: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    assert PLUGIN.is_on(SlackSettings(_env_file=None, **speaking, **hearing))
    assert not caplog.records
