"""The playground as a platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.platforms.web import WebSettings, WebStore, create_platform
from adapters.platforms.web.hub import EventHub
from adapters.platforms.web.routes import create_routes
from adapters.plugin import GatewayServices, Hearing, PlatformPlugin
from bots.ports import Clock, Platform


@asynccontextmanager
async def _open_writing(settings: WebSettings, redis: Redis, _: Clock) -> AsyncIterator[Platform]:
    yield create_platform(redis, settings)


@asynccontextmanager
async def _open_hearing(settings: WebSettings, services: GatewayServices) -> AsyncIterator[Hearing]:
    store = WebStore(services.redis, settings)
    hub = EventHub(store, services.clock)
    routes = create_routes(store, settings, services.handle, services.clock, hub=hub)
    yield Hearing(routes=tuple(routes), end_streams=hub.close)
    await hub.close()


PLUGIN = PlatformPlugin(
    name="web",
    settings=WebSettings,
    is_on=lambda _: True,
    open_writing=_open_writing,
    open_hearing=_open_hearing,
)
