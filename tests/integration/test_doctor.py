"""``glimmer doctor`` and the key: asked at the simulated GLM."""

import pytest

from simulators.glm.app import BASE_PATH, create_app
from simulators.glm.config import SimulatorConfig
from simulators.serving import serve
from workers.doctor import check_key, examine
from workers.ports import any_free_port
from workers.settings import ProcessSettings

KEY = "0123456789abcdef.fedcba9876543210"


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Point the settings at a simulator of this making."""
    monkeypatch.chdir(tmp_path)
    for name in ("ZAI_API_KEY", "ZHIPUAI_API_KEY", "GLM_ACCOUNTS", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GLM_API_KEY", KEY)
    monkeypatch.setenv("GLIMMER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", str(any_free_port()))

    def at(config: SimulatorConfig):
        return serve(create_app(config))

    def point(url: str) -> None:
        monkeypatch.setenv("GLM_BASE_URL", f"{url}{BASE_PATH}")

    return at, point


@pytest.mark.parametrize(
    ("config", "is_good", "text"),
    [
        (SimulatorConfig(keys=(KEY,), pace=0), True, "accepted (one token from glm-4.7-flash"),
        (SimulatorConfig(keys=(KEY,), pace=0, overload_probability=1.0), True, "is busy just now"),
        (SimulatorConfig(keys=("another.key",), pace=0), False, "The API key is wrong or expired"),
        (
            SimulatorConfig(keys=(KEY,), pace=0, empty_accounts=frozenset({"0123456789abcdef"})),
            False,
            "The account has no balance",
        ),
    ],
    ids=["accepted", "busy", "wrong", "no money"],
)
async def test_a_key_is_judged_by_what_glm_says(ask, config, is_good, text):
    at, point = ask
    with at(config) as url:
        point(url)
        (finding,) = await check_key()
    assert (finding.is_good, text in finding.text) == (is_good, True), finding.text
    assert KEY not in finding.text


async def test_a_service_that_cannot_be_reached_is_not_the_keys_fault(ask):
    _, point = ask
    point(f"http://127.0.0.1:{any_free_port()}")
    (finding,) = await check_key()
    assert not finding.is_good
    assert "cannot be reached" in finding.text


async def test_where_all_is_well_the_exit_code_is_0(ask):
    at, point = ask
    lines: list[str] = []
    with at(SimulatorConfig(keys=(KEY,), pace=0)) as url:
        point(url)
        code = await examine(ProcessSettings(), lines.append)
    assert code == 0, lines
    assert all(line.startswith("✓ ") for line in lines)
