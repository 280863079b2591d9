"""Which names the gateway answers to."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from workers.hosts import HostCheck, KnownHosts
from workers.settings import ProcessSettings


def known(host: str = "127.0.0.1", public_url: str = "") -> KnownHosts:
    return KnownHosts(ProcessSettings(host=host, public_url=public_url))


@pytest.mark.parametrize(
    "header", ["localhost", "LOCALHOST:8321", "127.0.0.1:8321", "[::1]:8321", "[::1]", "localhost.:1"]
)
def test_this_machines_own_names_are_known(header):
    assert header in known()


@pytest.mark.parametrize(
    "header",
    ["evil.example", "evil.example:8321", "localhost.evil.example", "192.168.1.5", "glimmer", "", "[", "a b"],
)
def test_other_names_are_not_known_to_a_server_for_this_machine(header):
    assert header not in known()


def test_the_public_address_is_known():
    hosts = known(public_url="https://Bot.Example.com/glimmer")
    assert "bot.example.com" in hosts
    assert "bot.example.com.evil.example" not in hosts


def test_the_address_that_is_listened_on_is_known():
    assert "192.168.1.5:8321" in known(host="192.168.1.5")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_for_everybody_knows_addresses_and_containers_but_no_sites(host):
    hosts = known(host=host)
    assert "192.168.1.5:8321" in hosts
    assert "[fe80::1]:8321" in hosts
    assert "gateway:8321" in hosts
    assert "evil.example" not in hosts
    assert "" not in hosts


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/api/threads/t", "evil.example", 421),
        ("/ops", "evil.example:8321", 421),
        ("/api/threads/t", "localhost:8321", 200),
        ("/healthz", "10.0.0.7", 200),
        ("/slack/events", "hooks.internal.example", 200),
    ],
)
async def test_a_renamed_site_sees_no_page_while_checks_and_callbacks_pass(path, host, status):
    async def answer(_):
        return PlainTextResponse("secret")

    check = Middleware(HostCheck, known=known(), open_paths=("/healthz", "/slack/"))
    app = Starlette(routes=[Route("/{path:path}", answer)], middleware=[check])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        response = await client.get(path, headers={"host": host})
    assert response.status_code == status
    assert ("secret" in response.text) == (status == 200)
