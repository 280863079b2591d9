"""``glimmer up`` and ``glimmer demo`` as an operator meets them."""

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.integration.liveness import children_of, is_alive, is_served, until
from tests.processes import ChildProcess, free_port
from workers.programs import inherited_environment

pytestmark = pytest.mark.e2e

KEY = "0123456789abcdef0123456789abcdef.fedcba9876543210"


@pytest.fixture
def glimmer(tmp_path):
    started: list[ChildProcess] = []

    def run(*arguments: str, **settings: str) -> ChildProcess:
        own = {"TMPDIR": str(tmp_path), "GLIMMER_DATA_DIR": str(tmp_path / "data"), **settings}
        started.append(
            ChildProcess(
                [sys.executable, "-P", "-m", "workers.cli", *arguments],
                log_path=tmp_path / f"{arguments[0]}-{len(started)}.log",
                extra_env=inherited_environment() | own,
                cwd=tmp_path,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill9()


def socket_below(directory: Path) -> Path:
    return next(directory.glob("**/redis.sock"))


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def directory_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/cwd").readlink()


def is_answer(message: dict[str, object]) -> bool:
    return message["author"] == "bot" and bool(message["is_final"]) and bool(message["markdown"])


async def test_up_says_what_runs_where_and_ends_without_a_trace(glimmer, tmp_path):
    port = free_port()
    up = glimmer("up", PORT=str(port), GLM_API_KEY=KEY)
    await up.wait_for_log("Ctrl-C stops everything.")
    said = up.log
    assert f"Playground  http://127.0.0.1:{port}/" in said
    assert f"Data        {tmp_path / 'data'}" in said
    assert "our own, version" in said
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    pids = children_of(up.pid)
    assert len(pids) == 3
    up.send(signal.SIGINT)
    assert await up.wait() == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not is_served(port)
    assert KEY not in up.log


async def test_a_killed_redis_comes_back_with_its_data(glimmer, tmp_path):
    up = glimmer("up", PORT=str(free_port()), GLM_API_KEY=KEY)
    await up.wait_for_log("Ctrl-C stops everything.")
    path = str(socket_below(tmp_path))
    with Redis(unix_socket_path=path) as client:
        client.set("question", "why?")
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    await up.wait_for_log("redis is back")
    with Redis(unix_socket_path=path) as client:
        assert client.get("question") == b"why?"


async def test_after_everything_was_killed_at_once_it_starts_on_the_same_data_and_port(glimmer, tmp_path):
    port = str(free_port())
    first = glimmer("up", PORT=port, GLM_API_KEY=KEY)
    await first.wait_for_log("Ctrl-C stops everything.")
    with Redis(unix_socket_path=str(socket_below(tmp_path))) as client:
        client.set("question", "why?")
    pids = children_of(first.pid)
    for pid in [first.pid, *pids]:
        os.kill(pid, signal.SIGKILL)
    second = glimmer("up", PORT=port, GLM_API_KEY=KEY)
    await second.wait_for_log("Ctrl-C stops everything.")
    assert not any(is_alive(pid) for pid in pids)
    with Redis(unix_socket_path=str(socket_below(tmp_path))) as client:
        assert client.get("question") == b"why?"


async def test_nobody_keeps_port_or_data_when_up_is_killed(glimmer):
    port = str(free_port())
    first = glimmer("up", PORT=port, GLM_API_KEY=KEY)
    await first.wait_for_log("Ctrl-C stops everything.")
    pids = children_of(first.pid)
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: not any(is_alive(pid) for pid in pids), seconds=5)
    second = glimmer("up", PORT=port, GLM_API_KEY=KEY)
    await second.wait_for_log("Ctrl-C stops everything.")


async def test_a_second_up_on_the_same_data_says_who_has_them(glimmer):
    first = glimmer("up", PORT=str(free_port()), GLM_API_KEY=KEY)
    await first.wait_for_log("Ctrl-C stops everything.")
    second = glimmer("up", PORT=str(free_port()), GLM_API_KEY=KEY)
    assert await second.wait() == 2
    assert f"in use by another Glimmer (process {first.pid})" in second.log
    assert first.exit_code is None


async def test_a_busy_port_is_named(glimmer):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = glimmer("up", PORT=str(port), GLM_API_KEY=KEY)
        assert await up.wait() == 2
    assert f"Port {port} on 127.0.0.1 is taken" in up.log
    assert "Traceback" not in up.log


@pytest.mark.parametrize("command", ["up", "demo"])
async def test_an_address_of_another_machine_is_refused_with_a_sentence(glimmer, command):
    refused = glimmer(command, HOST="192.0.2.1", PORT=str(free_port()), GLM_API_KEY=KEY)
    assert await refused.wait() == 2
    assert refused.log.startswith("glimmer: Cannot listen on 192.0.2.1:")


async def test_without_a_key_up_says_where_to_get_one(glimmer):
    up = glimmer("up", PORT=str(free_port()), GLM_API_KEY="", ZAI_API_KEY="", ZHIPUAI_API_KEY="")
    assert await up.wait() == 2
    assert up.log.startswith("glimmer: No GLM key is set.")
    assert "glimmer demo" in up.log


async def test_a_key_in_the_env_file_is_a_key(glimmer, tmp_path):
    port = free_port()
    (tmp_path / ".env").write_text(f"GLM_API_KEY={KEY}\nPORT={port}\n")
    up = glimmer("up")
    await up.wait_for_log("Ctrl-C stops everything.")
    assert f"Playground  http://127.0.0.1:{port}/" in up.log


async def test_demo_takes_the_next_free_port_and_leaves_nothing_behind(glimmer, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        demo = glimmer("demo", "--port", str(taken), "--pace", "0")
        await demo.wait_for_log("Ctrl-C stops everything.")
    found = re.search(r"Playground  http://127\.0\.0\.1:(\d+)/", demo.log)
    assert found is not None
    assert int(found[1]) > taken
    assert list(tmp_path.glob("glimmer-demo-*"))
    demo.send(signal.SIGTERM)
    assert await demo.wait() == 0
    assert not list(tmp_path.glob("glimmer-demo-*"))
    assert not (tmp_path / "data").exists()


async def test_demo_keeps_away_from_real_accounts_and_data(glimmer, tmp_path):
    (tmp_path / ".env").write_text(
        f"GLM_API_KEY={KEY}\nSLACK_BOT_TOKEN=xoxb-mine-alone\nREDIS_URL=redis://mine-alone:1/0\n"
    )
    demo = glimmer(
        "demo", "--port", str(free_port()), LARK_APP_SECRET="mine-alone", REDIS_URL="redis://mine-alone:2/0"
    )
    await demo.wait_for_log("Ctrl-C stops everything.")
    for pid in children_of(demo.pid):
        given = environment_of(pid)
        assert "mine-alone" not in given
        assert KEY not in given
        assert directory_of(pid) != tmp_path


async def test_demo_without_any_server_says_loudly_that_nothing_survives(glimmer):
    port = free_port()
    demo = glimmer("demo", "--port", str(port), "--pace", "0", "--no-redis-server")
    await demo.wait_for_log("Ctrl-C stops everything.")
    assert "IN-MEMORY STAND-IN" in demo.log
    url = f"http://127.0.0.1:{port}/api/threads/first"
    async with httpx.AsyncClient() as client, asyncio.timeout(20):
        sent = await client.post(f"{url}/messages", data={"text": "Hello", "user": "ann"})
        assert sent.status_code == 202, sent.text
        while True:
            said = (await client.get(url)).json()["messages"]
            if any(is_answer(each) for each in said):
                break
            await asyncio.sleep(0.1)
