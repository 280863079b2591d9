"""Where settings come from and what is made of them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from workers.settings import PlatformPresence, ProcessSettings, UserDirectories

VARIABLES = ("HOST", "PORT", "PUBLIC_URL", "GLIMMER_DATA_DIR", "REDIS_URL", "LOG_LEVEL", "XDG_DATA_HOME")
PLATFORM_VARIABLES = tuple(name.upper() for name in PlatformPresence.model_fields)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in (*VARIABLES, *PLATFORM_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_it_listens_on_this_machine_only():
    settings = ProcessSettings()
    assert (settings.host, settings.port, settings.redis_url) == ("127.0.0.1", 8321, "")


def test_the_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("HOST=0.0.0.0\nPORT=1000\n")
    monkeypatch.setenv("PORT", "2000")
    assert (ProcessSettings().host, ProcessSettings().port) == ("0.0.0.0", 2000)


def test_an_empty_value_counts_as_unset(monkeypatch):
    monkeypatch.setenv("PORT", "")
    assert ProcessSettings().port == 8321


def test_a_port_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("PORT", "70000")
    with pytest.raises(ValidationError):
        ProcessSettings()


def test_the_log_level_may_be_written_small(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert ProcessSettings().log_level == "DEBUG"


def test_a_relative_data_directory_is_the_same_for_children_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("GLIMMER_DATA_DIR", "here")
    assert ProcessSettings().glimmer_data_dir == tmp_path / "here"


def test_a_tilde_is_the_users_home(monkeypatch):
    monkeypatch.setenv("GLIMMER_DATA_DIR", "~/glimmer")
    assert ProcessSettings().glimmer_data_dir == Path.home() / "glimmer"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ".local/share/glimmer"),
        ("darwin", "Library/Application Support/Glimmer"),
        ("win32", "AppData/Local/Glimmer"),
    ],
)
def test_data_live_where_the_system_wants_them(platform, expected):
    assert UserDirectories(localappdata=None).data_dir(platform) == Path.home() / expected


def test_xdg_data_home_is_obeyed_if_it_is_absolute(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert ProcessSettings().glimmer_data_dir == Path("/data/glimmer")
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert ProcessSettings().glimmer_data_dir == Path.home() / ".local/share/glimmer"


@pytest.mark.parametrize(
    ("host", "reached_at"), [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.7", "192.0.2.7")]
)
def test_a_wildcard_address_is_reached_over_the_loopback(monkeypatch, host, reached_at):
    monkeypatch.setenv("HOST", host)
    assert ProcessSettings().local_host == reached_at


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"SLACK_BOT_TOKEN": "x", "SLACK_APP_TOKEN": "x"}, {"Slack": ""}),
        ({"SLACK_CLIENT_ID": "x", "SLACK_SIGNING_SECRET": "x"}, {"Slack": ""}),
        (
            {"SLACK_BOT_TOKEN": "x"},
            {"Slack": "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"},
        ),
        ({"SLACK_APP_TOKEN": "x"}, {"Slack": "set SLACK_BOT_TOKEN (xoxb-…)"}),
        ({"LARK_APP_ID": "x", "LARK_APP_SECRET": "x"}, {"Lark": ""}),
        ({"LARK_APP_ID": "x"}, {"Lark": "set both LARK_APP_ID and LARK_APP_SECRET"}),
    ],
)
def test_a_half_configured_platform_says_what_it_lacks(monkeypatch, given, expected):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert PlatformPresence().lacks == expected
