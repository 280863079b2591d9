"""The tests' own tools: what is killed is dead, what was written is there again."""

import fcntl
import signal
import sys

import pytest
import redis

from tests.processes import ChildProcess, RedisServer, free_port

pytestmark = pytest.mark.redis


def test_each_test_gets_an_empty_redis(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_nothing_is_left_from_the_test_before(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_what_was_acknowledged_survives_a_killed_server(tmp_path, over):
    server = RedisServer(tmp_path / "data", port=free_port() if over == "tcp" else None)
    try:
        server.start()
        with redis.Redis.from_url(server.url) as client:
            client.set("job", "1")
        server.kill9()
        with redis.Redis.from_url(server.url) as client, pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("job") == b"1"
    finally:
        server.discard()


async def test_a_child_is_followed_and_stopped_in_order(tmp_path):
    script = (
        "import signal, sys, time; print('ready', flush=True); signal.sigwait([signal.SIGTERM]); sys.exit(3)"
    )
    code = f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); {script}"
    child = ChildProcess([sys.executable, "-c", code], log_path=tmp_path / "log")
    await child.wait_for_log("ready")
    assert child.exit_code is None
    assert child.stop() == 3


async def test_a_killed_child_takes_its_children_along(tmp_path):
    """Child and grandchild share one file lock, which is free only when both are dead."""
    lines = (
        "import fcntl, subprocess, time",
        "lock = open('lock', 'w')",
        "fcntl.flock(lock, fcntl.LOCK_EX)",
        "subprocess.Popen(['sleep', '60'], pass_fds=[lock.fileno()])",
        "print('ready', flush=True)",
        "time.sleep(60)",
    )
    child = ChildProcess([sys.executable, "-c", "\n".join(lines)], log_path=tmp_path / "log", cwd=tmp_path)
    await child.wait_for_log("ready")
    with (tmp_path / "lock").open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child.kill9()
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert child.exit_code == -signal.SIGKILL


async def test_a_child_that_dies_early_shows_its_last_words(tmp_path):
    child = ChildProcess([sys.executable, "-c", "raise SystemExit('no key')"], log_path=tmp_path / "log")
    with pytest.raises(AssertionError, match="no key"):
        await child.wait_for_log("ready")
