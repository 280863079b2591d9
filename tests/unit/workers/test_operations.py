"""Who may look into the gateway, and what it says of a platform that cannot hear."""

import asyncio
import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from adapters.plugin import Hearing
from bots.errors import StoreUnavailable
from bots.line import LaneStatus, SlotStatus
from tests.fakes.clock import FakeClock
from workers.gateway import create_gateway
from workers.listening import FIRST_PAUSE_SECONDS
from workers.settings import ProcessSettings
from workers.wiring import GatewayParts

TOKEN = "correct-horse"
LANE = LaneStatus("glm-4.7-flash", 3, 12.0, (SlotStatus("<b>main</b>", 1, 2, 1),))


class Keeper:
    """The line's upkeep as far as an operator's page needs it; ``is_away`` is Redis's absence."""

    is_away = False

    async def status(self) -> tuple[LaneStatus, ...]:
        if self.is_away:
            raise StoreUnavailable
        return (LANE,)

    async def workers_alive(self) -> int:
        return 2

    async def configure(self, _: object) -> None:
        return


class Ledger:
    """Nothing was used."""

    async def by_model(self, _: tuple[str, ...]) -> tuple[()]:
        return ()


class StoppedClock(FakeClock):
    """A clock on which whoever sleeps stays asleep."""

    def __init__(self) -> None:
        super().__init__()
        self.listener_pauses = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == FIRST_PAUSE_SECONDS:
            self.listener_pauses.set()
        await asyncio.Event().wait()


class Gateway:
    """A gateway in this process, asked from an address of one's choice."""

    def __init__(self, hearings: dict[str, Hearing] | None = None, **settings: object) -> None:
        self.keeper, self.clock = Keeper(), StoppedClock()
        own = ProcessSettings.model_validate(settings)
        parts = GatewayParts(self.keeper, Ledger(), {}, hearings or {}, self.clock)
        self.app = create_gateway(own, parts)

    async def get(self, path: str, *, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app, client=(peer, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8321") as client:
            return await client.get(path, headers=named)


@pytest.fixture
async def with_a_broken_listener() -> AsyncIterator[Gateway]:
    async def listen() -> None:
        raise ValueError

    gateway = Gateway({"slack": Hearing(listen=listen), "web": Hearing()})
    async with gateway.app.router.lifespan_context(gateway.app):
        async with asyncio.timeout(5):
            await gateway.clock.listener_pauses.wait()
        yield gateway


async def test_a_dead_listener_makes_the_gateway_unready_and_says_why(with_a_broken_listener):
    response = await with_a_broken_listener.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "redis": "ok",
        "slack": "the listener failed (ValueError); it starts again",
        "web": "ok",
    }


@pytest.mark.parametrize("path", ["/ops", "/metrics"])
async def test_without_a_token_only_this_machine_may_look(path):
    gateway = Gateway()
    assert (await gateway.get(path)).status_code == 200
    assert (await gateway.get(path, peer="192.168.1.9")).status_code == 401
    assert (await gateway.get(path, x_forwarded_for="127.0.0.1")).status_code == 401
    assert (await gateway.get(path, forwarded="for=127.0.0.1")).status_code == 401


async def test_without_a_token_nobody_may_look_at_a_public_gateway():
    """A proxy that adds no headers and keeps its own Host looks like this machine."""
    gateway = Gateway(public_url="https://bot.example.com")
    assert (await gateway.get("/ops")).status_code == 401


async def test_a_token_is_taken_as_bearer_and_as_a_browsers_password():
    gateway = Gateway(ops_token=SecretStr(TOKEN))
    password = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    answers = [
        await gateway.get("/ops", peer="192.168.1.9", authorization=given)
        for given in (f"Bearer {TOKEN}", f"Basic {password}", "Bearer wrong", "Basic %%%", "")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 401]
    assert answers[-1].headers["www-authenticate"].startswith("Basic ")


async def test_the_page_shows_lines_slots_and_workers():
    page = await Gateway().get("/ops", accept="text/html")
    assert "2 workers alive" in page.text
    assert "<td>glm-4.7-flash</td><td>3</td><td>1</td><td>1 of 2</td><td>12 s</td>" in page.text
    assert "<b>" not in page.text


async def test_the_page_says_so_when_redis_is_away():
    gateway = Gateway()
    gateway.keeper.is_away = True
    page = await gateway.get("/ops", accept="text/html")
    assert page.status_code == 503
    assert "Redis is away" in page.text
