"""What the operator of one command sees: metrics of all processes, lines and slots; and who may see it."""

import re
import sys
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.playground import Playground
from tests.processes import ChildProcess, free_port
from workers.programs import inherited_environment

pytestmark = pytest.mark.e2e

# The changelog promises these names (docs: HTTP and metrics).
FAMILIES = {
    "glimmer_jobs",
    "glimmer_line_length",
    "glimmer_line_wait_seconds",
    "glimmer_slots_in_use",
    "glimmer_slots_limit",
    "glimmer_first_token_seconds",
    "glimmer_first_text_visible_seconds",
    "glimmer_platform_calls",
    "glimmer_edits_merged",
    "glimmer_upstream_errors",
    "glimmer_duplicates",
    "glimmer_jobs_resumed",
    "glimmer_tokens",
    "glimmer_cost_yuan",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildProcess]:
    """One demo for all tests of this module."""
    directory = tmp_path_factory.mktemp("demo")
    child = ChildProcess(
        [sys.executable, "-P", "-m", "workers.cli", "demo", "--port", str(free_port()), "--pace", "0.2"],
        log_path=directory / "log",
        extra_env=inherited_environment() | {"TMPDIR": str(directory)},
        cwd=directory,
    )
    yield child
    child.kill9()


@pytest.fixture
async def url(demo: ChildProcess) -> str:
    await demo.wait_for_log("demo is up", timeout=90)
    [found] = re.findall(r"Playground +(http://\S+)/", demo.log)
    return str(found)


async def sample_sums(url: str) -> dict[str, float]:
    """Scrape, check that every name is told once, and add up each name's samples."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{url}/metrics")).text
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families if family.name.startswith("glimmer_")]
    assert sorted(names) == sorted(FAMILIES)
    sums: dict[str, float] = {}
    for family in families:
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


async def test_a_question_shows_in_the_metrics_of_both_processes(url: str):
    playground, client_id = Playground(url), str(uuid4())
    try:
        async with playground.watch("metrics") as watcher:
            for _ in range(2):
                await playground.send("metrics", "Why is the sky blue?", client_id=client_id)
            await watcher.final()
            await playground.send("metrics", "Once more [[sim:refuse]]")
            await watcher.final(2, timeout=60)
    finally:
        await playground.close()
    sums = await sample_sums(url)
    counted = (
        "glimmer_jobs_total",
        "glimmer_line_wait_seconds_count",
        "glimmer_first_token_seconds_count",
        "glimmer_first_text_visible_seconds_count",
        "glimmer_platform_calls_total",
        "glimmer_tokens_total",
        "glimmer_upstream_errors_total",
        "glimmer_slots_limit",
    )
    assert {name: sums[name] > 0 for name in counted} == dict.fromkeys(counted, True)
    assert sums["glimmer_duplicates_total"] == 1
    assert sums["glimmer_jobs_total"] == 2


async def test_the_operators_page_is_for_people_and_programs(url: str):
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        page = await client.get("/ops", headers={"Accept": "text/html,*/*"})
        said = (await client.get("/ops", headers={"Accept": "application/json"})).json()
    assert "1 worker alive" in page.text
    assert "glm-4.7-flash" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    models = [lane["model"] for lane in said["lanes"]]
    assert models == sorted(models)
    assert (said["redis"], said["workers"], said["platforms"]["web"]) == ("ok", 1, "ok")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ops", {"X-Forwarded-For": "203.0.113.9"}, 401),
        ("/metrics", {"X-Real-IP": "203.0.113.9"}, 401),
        ("/metrics", {"Host": "evil.example"}, 421),
        ("/", {"Host": "evil.example:80"}, 421),
        ("/api/threads/metrics", {"Host": "evil.example"}, 421),
        ("/healthz", {"Host": "10.1.2.3"}, 200),
    ],
)
async def test_who_comes_through_a_proxy_or_under_a_foreign_name_sees_nothing(url, path, headers, status):
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        response = await client.get(path, headers=headers)
    assert response.status_code == status
