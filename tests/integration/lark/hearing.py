"""The hearing side alone: a simulated Lark before it, a real Redis beside it, and notes of what it heard."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import httpx
import uvicorn
from PIL import Image
from redis.asyncio import Redis
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.platforms.lark.hearing import open_hearing
from adapters.platforms.lark.settings import LarkSettings
from adapters.plugin import GatewayServices, Hearing
from adapters.redis.connection import open_redis
from adapters.redis.preferences import RedisPreferences
from adapters.redis.settings import RedisSettings
from bots.errors import StoreUnavailable
from bots.events import BotEvent, MessageSent
from bots.messages import IncomingMessage
from simulators.lark.app import create_app
from simulators.lark.config import Config
from simulators.serving import serve
from tests.processes import free_port


@dataclass
class Heard:
    """Takes the bot's place: notes each event, or refuses it while told to."""

    events: list[BotEvent] = field(default_factory=list)
    refusals: int = 0
    gates: list[asyncio.Event] = field(default_factory=list)  # the next events each wait at one

    async def handle(self, event: BotEvent) -> None:
        if self.gates:
            await self.gates.pop().wait()
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable
        self.events.append(event)

    @property
    def messages(self) -> list[IncomingMessage]:
        return [event.message for event in self.events if isinstance(event, MessageSent)]


@dataclass
class Lark:
    """A simulated Lark, reached as everybody but the bot."""

    http: httpx.AsyncClient
    config: Config

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, url: str, config: Config) -> AsyncIterator["Lark"]:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
            yield cls(http, config)

    async def act(self, command: str, **body: Any) -> Any:
        response = await self.http.post(f"/_sim/{command}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def see(self, view: str, **query: str) -> Any:
        return (await self.http.get(f"/_sim/{view}", params=query)).json()

    async def send(self, text: str = "", **body: Any) -> dict[str, Any]:
        return dict(await self.act("messages", **{"chat": "Alice", "text": text, **body}))

    async def send_picture(self, **body: Any) -> dict[str, Any]:
        return await self.send(type="image", attachments=[picture()], **body)

    async def delivery(self, event_id: str) -> dict[str, Any]:
        found = (await self.see("deliveries"))["deliveries"]
        return next(one for one in found if one["event_id"] == event_id)

    async def until_acknowledged(self, event_id: str) -> None:
        await until(lambda: self._is_acknowledged(event_id))

    async def _is_acknowledged(self, event_id: str) -> bool:
        return bool((await self.delivery(event_id))["state"] == "acknowledged")


@dataclass
class Scene:
    """What a test plays with."""

    lark: Lark
    heard: Heard
    hearing: Hearing
    redis: Redis


def picture() -> dict[str, str]:
    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 40)).save(out, "PNG")
    return {
        "data": base64.b64encode(out.getvalue()).decode(),
        "name": "red.png",
        "media_type": "image/png",
    }


async def until(condition: Callable[[], Any], seconds: float = 15) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if asyncio.iscoroutine(met):
                met = await met
            if met:
                return
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def open_scene(
    redis_url: str, *, own: dict[str, Any] | None = None, **config: Any
) -> AsyncIterator[Scene]:
    """Hear over the long connection."""
    sim = Config(**config)
    heard = Heard()
    async with contextlib.AsyncExitStack() as stack:
        url = stack.enter_context(serve(create_app(sim)))
        lark = await stack.enter_async_context(Lark.open(url, sim))
        redis = await stack.enter_async_context(open_redis(RedisSettings(url=redis_url)))
        hearing = await stack.enter_async_context(
            open_hearing(_settings(sim, url, own or {}), _services(redis, heard))
        )
        assert hearing.listen is not None
        listening = asyncio.create_task(hearing.listen())
        stack.push_async_callback(_cancelled, listening)
        await until(lambda: not hearing.problem())
        yield Scene(lark, heard, hearing, redis)


@contextlib.asynccontextmanager
async def open_http_scene(
    redis_url: str, *, own: dict[str, Any] | None = None, **config: Any
) -> AsyncIterator[Scene]:
    """Hear over webhooks; the request URL is that of a server of this process."""
    heard = Heard()
    app = Starlette()
    async with contextlib.AsyncExitStack() as stack:
        request_url = await stack.enter_async_context(_served_here(app))
        sim = Config(mode="webhook", request_url=f"{request_url}/lark/events", **config)
        url = stack.enter_context(serve(create_app(sim)))
        lark = await stack.enter_async_context(Lark.open(url, sim))
        redis = await stack.enter_async_context(open_redis(RedisSettings(url=redis_url)))
        keys = {
            "mode": "webhook",
            "encrypt_key": sim.encrypt_key,
            "verification_token": sim.verification_token,
        }
        hearing = await stack.enter_async_context(
            open_hearing(_settings(sim, url, keys | (own or {})), _services(redis, heard))
        )
        app.router.routes.extend(hearing.routes)
        assert hearing.listen is not None
        stack.push_async_callback(_cancelled, asyncio.create_task(hearing.listen()))
        yield Scene(lark, heard, hearing, redis)


@contextlib.asynccontextmanager
async def _served_here(app: Starlette) -> AsyncIterator[str]:
    """Serve on the test's own loop, as the gateway does: Redis connections belong to one loop."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


def _settings(config: Config, url: str, own: dict[str, Any]) -> LarkSettings:
    values: dict[str, Any] = {
        "app_id": config.app_id,
        "app_secret": config.app_secret,
        "domain": url,
        "picture_wait": 1.0,
        **own,
    }
    return LarkSettings(_env_file=None, **values)


def _services(redis: Redis, heard: Heard) -> GatewayServices:
    return GatewayServices(redis, SystemClock(), heard.handle, RedisPreferences(redis), ("glm-4.7-flash",))


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
