"""What every test may ask for: a real Redis, and no way out to the network for unit tests."""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.processes import RedisServer, find_redis_server

UNIT_TESTS = Path(__file__).parent / "unit"
# People's runs look for new counterexamples; the CI's must say the same of the same tree.
settings.register_profile("same-examples", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("same-examples")
HOW_TO_GET_REDIS = (
    "No Redis server found. Install one (apt-get install redis-server, brew install redis) "
    "or let `make` put one into the environment."
)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One real Redis server for the whole run; a test that kills one starts its own."""
    if find_redis_server() is None:
        pytest.fail(HOW_TO_GET_REDIS)
    server = RedisServer(tmp_path_factory.mktemp("redis"), append_only=False)
    server.start()
    yield server
    server.discard()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a real, empty Redis."""
    redis_server.flush()
    return redis_server.url


def _is_local(host: object) -> bool:
    if host is None or host in ("", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _guarded(real: Callable[..., Any], host_of: Callable[..., object]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        host = host_of(*arguments)
        if not _is_local(host):
            pytest.fail(f"A unit test tried to reach {host!r}; only this machine's loopback is allowed.")
        return real(*arguments, **options)

    return call


def _host_of_address(_connection: socket.socket, *arguments: Any) -> object:
    # The address is the last argument of connect, connect_ex and sendto; a Unix socket's is its path.
    address = arguments[-1]
    return address[0] if isinstance(address, tuple) else None


@pytest.fixture(autouse=True)
def no_network_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a unit test that resolves or calls any host but the loopback."""
    if not request.path.is_relative_to(UNIT_TESTS):
        return
    for method in ("connect", "connect_ex", "sendto"):
        real = getattr(socket.socket, method)
        monkeypatch.setattr(socket.socket, method, _guarded(real, _host_of_address))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded(socket.getaddrinfo, lambda host, *_: host))
