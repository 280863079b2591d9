"""The process's edge: one sentence and an exit code, never a stack of frames."""

import subprocess
import sys
from pathlib import Path

import pytest

from workers.cli import main
from workers.ports import any_free_port

ROOT = Path(__file__).parents[3]
HEAVY = ("celery", "httpx", "pydantic", "pydantic_settings", "redis", "starlette", "uvicorn", "PIL")


@pytest.fixture
def glimmer(monkeypatch, tmp_path, capsys):
    """Run one command in an empty directory; gives its exit code and what it printed and complained."""
    monkeypatch.chdir(tmp_path)
    for name in ("GLM_API_KEY", "ZAI_API_KEY", "ZHIPUAI_API_KEY", "GLM_ACCOUNTS", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["glimmer", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def test_help_names_every_command(glimmer):
    code, out, _ = glimmer("--help")
    assert code == 0
    for command in ("demo", "up", "gateway", "worker", "doctor", "simulate", "models", "usage"):
        assert f"\n  {command} " in out
    assert "stand-in" not in out


def test_help_loads_nothing_heavy():
    code = f"import sys, workers.cli; print([name for name in {HEAVY} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == "[]"


def test_models_are_listed(glimmer):
    code, out, _ = glimmer("models")
    assert code == 0
    assert "glm-4.7-flash" in out


@pytest.mark.parametrize("arguments", [("bogus",), ("up", "--port", "70000"), ("simulate", "nobody")])
def test_a_mistyped_command_is_told_in_one_sentence(glimmer, arguments):
    code, _, err = glimmer(*arguments)
    assert code == 2
    assert err.startswith("glimmer: ")
    assert err.count("\n") == 1


def test_a_missing_key_is_told_in_one_sentence(glimmer):
    code, _, err = glimmer("up")
    assert code == 2
    assert err.startswith("glimmer: No GLM key is set.")
    assert err.count("\n") == 1


def test_a_wrong_setting_is_named_without_its_value(glimmer, monkeypatch):
    monkeypatch.setenv("PORT", "hush-hush")
    code, _, err = glimmer("up")
    assert code == 2
    assert err.startswith("glimmer: PORT: ")
    assert "hush" not in err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GLM_TIER", "V9", "GLM_TIER: Input should be 'V0', 'V1', 'V2' or 'V3'"),
        (
            "GLM_CONCURRENCY",
            '{"glm-4.7-flash": "x"}',
            "GLM_CONCURRENCY.glm-4.7-flash: Input should be a valid",
        ),
        ("GLM_CONCURRENCY", "{", "GLM_CONCURRENCY: It is not JSON."),
        ("GLM_TEXT_MODELS", "nope", "GLM_TEXT_MODELS names 'nope'"),
    ],
)
def test_a_wrong_setting_is_named_as_the_operator_wrote_it(glimmer, monkeypatch, name, value, said):
    monkeypatch.setenv("GLM_API_KEY", "id.secret")
    monkeypatch.setenv(name, value)
    code, _, err = glimmer("up")
    assert code == 2
    assert err.startswith(f"glimmer: {said}")


def test_a_malformed_key_is_not_repeated(glimmer, monkeypatch):
    monkeypatch.setenv("GLM_API_KEY", "hush hush")
    code, _, err = glimmer("up")
    assert code == 2
    assert "GLM_API_KEY" in err
    assert "hush" not in err


def test_frames_are_shown_to_who_debugs(glimmer, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    code, _, err = glimmer("up")
    assert code == 2
    assert "Traceback" in err
    assert "glimmer: No GLM key is set." in err


def test_a_simulator_runs_as_its_own_program(glimmer):
    code, out, _ = glimmer("simulate", "glm", "--help")
    assert code == 0
    assert "--pace" in out


@pytest.mark.parametrize("command", ["gateway", "worker"])
def test_a_process_of_its_own_asks_for_the_redis_that_all_share(glimmer, monkeypatch, command):
    monkeypatch.delenv("REDIS_URL", raising=False)
    code, _, err = glimmer(command)
    assert code == 2
    assert err.startswith("glimmer: REDIS_URL is not set.")


def test_up_does_not_start_on_a_redis_that_does_not_answer(glimmer, monkeypatch):
    monkeypatch.setenv("GLM_API_KEY", "id.secret")
    monkeypatch.setenv("REDIS_URL", f"redis://:hush@127.0.0.1:{any_free_port()}/0")
    code, _, err = glimmer("up")
    assert code == 2
    assert err.startswith("glimmer: The Redis in REDIS_URL does not answer")
    assert "hush" not in err
