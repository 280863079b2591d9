"""``glimmer doctor`` without a network; its question to GLM is asked in the integration tests."""

import socket

import pytest

from workers.doctor import (
    check_data_dir,
    check_key,
    check_platforms,
    check_port,
    check_python,
    check_redis,
    examine,
)
from workers.ports import any_free_port
from workers.settings import PlatformPresence, ProcessSettings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    names = [name.upper() for name in (*PlatformPresence.model_fields, *ProcessSettings.model_fields)]
    for name in (*names, "ZAI_API_KEY", "ZHIPUAI_API_KEY", "GLM_API_KEY", "GLM_ACCOUNTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def settings(**changes: object) -> ProcessSettings:
    return ProcessSettings().model_copy(update=changes)


async def test_this_python_is_good():
    (finding,) = await check_python()
    assert finding.is_good


async def test_a_missing_key_says_where_to_get_one():
    (finding,) = await check_key()
    assert not finding.is_good
    assert "https://open.bigmodel.cn" in finding.text


async def test_a_malformed_key_is_told_without_showing_it(monkeypatch):
    monkeypatch.setenv("GLM_API_KEY", "hush hush")
    (finding,) = await check_key()
    assert not finding.is_good
    assert "one word" in finding.text
    assert "hush" not in finding.text


async def test_a_taken_port_is_wrong():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (finding,) = await check_port(settings(port=port))
        assert not finding.is_good
        assert f"127.0.0.1:{port} is taken" in finding.text
    (finding,) = await check_port(settings(port=port))
    assert finding.is_good


async def test_a_redis_that_does_not_answer_is_wrong():
    (finding,) = await check_redis(settings(redis_url=f"redis://:hush@127.0.0.1:{any_free_port()}/0"))
    assert not finding.is_good
    assert "does not answer" in finding.text
    assert "hush" not in finding.text


async def test_a_url_that_is_none_is_wrong():
    (finding,) = await check_redis(settings(redis_url="localhost:6379"))
    assert not finding.is_good


async def test_without_a_url_it_tells_which_server_would_be_started(tmp_path):
    (finding,) = await check_redis(settings(glimmer_data_dir=tmp_path))
    assert finding.is_good
    assert "our own, version" in finding.text
    assert not list(tmp_path.iterdir())


async def test_a_data_directory_is_checked_without_being_made(tmp_path):
    (finding,) = await check_data_dir(tmp_path / "a" / "b")
    assert finding.is_good
    assert finding.text.endswith("(will be made)")
    assert not list(tmp_path.iterdir())


async def test_a_data_directory_below_a_file_is_wrong(tmp_path):
    (tmp_path / "file").write_text("")
    (finding,) = await check_data_dir(tmp_path / "file" / "data")
    assert not finding.is_good
    assert "GLIMMER_DATA_DIR" in finding.text


async def test_no_platform_is_fine_and_half_a_platform_is_not(monkeypatch):
    (finding,) = await check_platforms()
    assert finding.is_good
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("LARK_APP_ID", "cli_1")
    monkeypatch.setenv("LARK_APP_SECRET", "hush")
    lark, slack = await check_platforms()
    assert lark.is_good
    assert not slack.is_good


async def test_a_webhook_of_lark_without_a_secret_is_told(monkeypatch):
    for name, value in (("APP_ID", "cli_1"), ("APP_SECRET", "hush"), ("MODE", "webhook")):
        monkeypatch.setenv(f"LARK_{name}", value)
    (finding,) = await check_platforms()
    assert not finding.is_good
    monkeypatch.setenv("LARK_VERIFICATION_TOKEN", "v")
    (finding,) = await check_platforms()
    assert finding.is_good


async def test_one_wrong_thing_makes_the_exit_code_1_and_each_has_a_line():
    lines: list[str] = []
    code = await examine(settings(port=any_free_port()), lines.append)
    assert code == 1
    assert {line[0] for line in lines} == {"✓", "✗"}
    assert len(lines) == 6
