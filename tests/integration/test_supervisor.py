"""The supervisor with tiny programs for children: who dies comes back, and nobody outlives it."""

import json
import os
import re
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.integration.liveness import is_alive, is_served, until
from tests.processes import ChildProcess, free_port
from workers.programs import inherited_environment

# A child says its number, serves its port if it has one, and ends when told unless it is stubborn.
CHILD = """
import os, signal, socket, sys, time
name, port, habit = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def say(*words):
    os.write(1, (" ".join(map(str, (name, *words))) + "\\n").encode())
def end(*_):
    say("ends")
    if habit != "stubborn":
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
if habit == "brief":
    sys.exit(7)
if port:
    listener = socket.create_server(("127.0.0.1", port))
if habit == "parent" and not os.fork():
    name += "-grandchild"
if habit == "loud":
    os.write(1, b"x" * 300_000 + b"\\n")
say("pid", os.getpid())
while True:
    time.sleep(60)
"""
# The supervisor under test, told by its argument: stages of [name, port, habit].
SUPERVISOR = """
import asyncio, functools, json, logging, os, sys
from bots.errors import BotError
from workers.children import ChildSpec
from workers.console import Console
from workers.logs import configure_logging
from workers.ports import until_listening
from workers.supervisor import Supervisor
child_code, stages = json.loads(sys.argv[1])
configure_logging("INFO", "text")
def spec(name, port, habit):
    command = (sys.executable, "-c", child_code, name, str(0 if habit == "late" else port), habit)
    ready = {"wait_until_ready": functools.partial(until_listening, "127.0.0.1", port)} if port else {}
    patience = 60 if habit == "stubborn" else 5
    return ChildSpec(name, command, dict(os.environ), stop_seconds=patience, **ready)
console = Console("text")
supervisor = Supervisor([[spec(*child) for child in stage] for stage in stages], show=console.show)
try:
    sys.exit(asyncio.run(supervisor.run(lambda: console.announce("All are up.", {}))))
except BotError as error:
    sys.exit(str(error))
"""


class Run:
    """A supervisor in a process of its own."""

    def __init__(self, log_path: Path, *stages: list[tuple[str, int, str]]) -> None:
        self.process = ChildProcess(
            [sys.executable, "-P", "-c", SUPERVISOR, json.dumps([CHILD, stages])],
            log_path=log_path,
            extra_env=inherited_environment(),
        )

    def pids(self, name: str = r"\S+") -> list[int]:
        """List the process numbers that children of this name have had, in order."""
        return [int(found) for found in re.findall(rf"\| {name} pid (\d+)", self.process.log)]

    def has_lived(self, name: str, times: int) -> bool:
        return len(self.pids(name)) == times

    async def all_up(self) -> None:
        await self.process.wait_for_log("All are up.")
        await until(lambda: bool(self.pids()))


@pytest.fixture
def start(tmp_path):
    runs: list[Run] = []

    def start_one(*stages: list[tuple[str, int, str]]) -> Run:
        runs.append(Run(tmp_path / f"supervisor-{len(runs)}.log", *stages))
        return runs[-1]

    yield start_one
    for run in runs:
        run.process.kill9()
        for pid in run.pids():
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


async def test_a_killed_child_is_back_within_two_seconds(start):
    port = free_port()
    run = start([("store", 0, "")], [("worker", port, "")])
    await run.all_up()
    os.kill(run.pids("worker")[0], signal.SIGKILL)
    await until(lambda: len(run.pids("worker")) == 2 and is_served(port), seconds=2)
    await run.process.wait_for_log("worker is back")
    assert "worker was killed by SIGKILL" in run.process.log
    assert len(run.pids("store")) == 1


async def test_a_child_that_dies_again_and_again_gets_longer_pauses(start):
    run = start([("store", 0, "")], [("worker", 0, "")])
    await run.all_up()
    for lives in (1, 2, 3):
        await until(partial(run.has_lived, "worker", lives))
        os.kill(run.pids("worker")[-1], signal.SIGKILL)
    await until(partial(run.has_lived, "worker", 4))
    pauses = re.findall(r"worker is started again in ([\d.]+) s", run.process.log)
    assert pauses == ["0.2", "0.4", "0.8"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_told_to_stop_it_stops_the_last_started_first(start, number):
    run = start([("store", 0, "")], [("worker", 0, ""), ("gateway", 0, "")])
    await run.all_up()
    await until(lambda: len(run.pids()) == 3)
    run.process.send(number)
    assert await run.process.wait() == 0
    assert re.findall(r"\| (\w+) ends", run.process.log) == ["gateway", "worker", "store"]
    assert not any(is_alive(pid) for pid in run.pids())


async def test_nobody_outlives_a_killed_supervisor(start):
    port = free_port()
    run = start([("store", 0, "")], [("gateway", port, ""), ("worker", 0, "stubborn")])
    await run.all_up()
    await until(lambda: len(run.pids()) == 3)
    os.kill(run.process.pid, signal.SIGKILL)
    await until(lambda: not any(is_alive(pid) for pid in run.pids()), seconds=5)
    assert not is_served(port)


async def test_ctrl_c_again_kills_what_does_not_end(start):
    run = start([("worker", 0, "stubborn"), ("gateway", 0, "")])
    await run.all_up()
    await until(lambda: len(run.pids()) == 2)
    run.process.send(signal.SIGINT)
    await run.process.wait_for_log("| worker ends")
    run.process.send(signal.SIGINT)
    assert await run.process.wait(timeout=5) == 130
    assert not any(is_alive(pid) for pid in run.pids())


async def test_what_a_killed_child_has_started_is_gone_before_it_comes_back(start):
    run = start([("worker", 0, "parent")])
    await run.all_up()
    await until(lambda: len(run.pids()) == 2)
    os.kill(run.pids("worker")[0], signal.SIGKILL)
    await until(lambda: len(run.pids("worker")) == 2)
    assert not is_alive(run.pids("worker-grandchild")[0])


async def test_what_a_child_has_started_is_stopped_with_it(start):
    run = start([("worker", 0, "parent")])
    await run.all_up()
    await until(lambda: len(run.pids()) == 2)
    run.process.send(signal.SIGTERM)
    await run.process.wait()
    await until(lambda: not any(is_alive(pid) for pid in run.pids()))


async def test_a_child_that_ends_at_once_ends_the_start_and_the_others(start):
    port = free_port()
    run = start([("store", 0, "")], [("gateway", port, "brief")])
    assert await run.process.wait() == 1
    assert "gateway ended with code 7 before it was ready" in run.process.log
    assert "All are up." not in run.process.log
    assert not any(is_alive(pid) for pid in run.pids())


async def test_a_line_that_is_too_long_does_not_end_the_output(start):
    run = start([("worker", 0, "loud")])
    await run.all_up()
    assert "a line was too long to show" in run.process.log
    assert len(run.process.log) < 100_000


async def test_it_can_be_stopped_while_it_waits_for_a_child(start):
    run = start([("store", 0, "")], [("gateway", free_port(), "late")])
    await until(lambda: len(run.pids()) == 2)
    run.process.send(signal.SIGTERM)
    assert await run.process.wait() == 0
    assert "All are up." not in run.process.log
    assert not any(is_alive(pid) for pid in run.pids())


async def test_a_child_can_watch_its_parent_where_the_system_does_not(tmp_path):
    """What macOS needs works on any system."""
    child = (
        "import os, time; from workers.children import die_with_parent\n"
        "die_with_parent(os.getppid()); print('pid', os.getpid(), flush=True); time.sleep(60)"
    )
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], start_new_session=True)"
    )
    process = ChildProcess(
        [sys.executable, "-c", parent], log_path=tmp_path / "log", extra_env=inherited_environment()
    )
    await process.wait_for_log("pid ")
    await until(lambda: process.log.endswith("\n"))
    pid = int(process.log.split()[1])
    os.kill(process.pid, signal.SIGKILL)
    await until(lambda: not is_alive(pid))
