"""The gateway process: hears the platforms over HTTP and serves the playground and the operator."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bots.errors import StoreUnavailable
from workers.hosts import HostCheck, KnownHosts
from workers.listening import Listening
from workers.logs import configure_logging
from workers.operations import create_operations
from workers.settings import ProcessSettings
from workers.wiring import GatewayParts, Settings, open_gateway

log = logging.getLogger(__name__)

GRACE_SECONDS = 3  # for requests under way; event streams are ended by the hub
LIMITS_EVERY_SECONDS = 5.0  # a flushed or replaced Redis learns the slot limits again


def create_gateway(own: ProcessSettings, parts: GatewayParts) -> Starlette:
    """Put the platforms' and the operator's routes together."""
    listeners = {name: one.listen for name, one in parts.hearings.items() if one.listen is not None}
    listening = Listening(listeners, parts.clock)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(run) for run in (_tell_limits(parts), listening.run())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    routes = [route for hearing in parts.hearings.values() for route in hearing.routes]
    open_paths = ("/healthz", "/readyz", "/media/", *(f"/{platform}/" for platform in parts.hearings))
    return Starlette(
        routes=[*create_operations(own, parts, listening), *parts.routes, *routes],
        middleware=[Middleware(HostCheck, known=KnownHosts(own), open_paths=open_paths)],
        lifespan=lifespan,
    )


async def _tell_limits(parts: GatewayParts) -> None:
    """Keep the limits of this configuration in Redis."""
    while True:
        try:
            await parts.keeper.configure(parts.limits)
        except StoreUnavailable as error:
            log.warning("redis is away", extra={"error": str(error)})
        await parts.clock.sleep(LIMITS_EVERY_SECONDS)


class _Server(uvicorn.Server):
    """Ends the open event streams as soon as the process is told to end."""

    def __init__(self, config: uvicorn.Config, parts: GatewayParts) -> None:
        super().__init__(config)
        self._parts = parts

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for hearing in self._parts.hearings.values():
            await hearing.end_streams()
        await super().shutdown(sockets)


async def serve(own: ProcessSettings, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    async with open_gateway(settings) as parts:
        app = create_gateway(own, parts)
        config = uvicorn.Config(
            app,
            host=own.host,
            port=own.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
        log.info("gateway listens", extra={"host": own.host, "port": own.port})
        await _Server(config, parts).serve()


def run() -> None:
    """Run one gateway."""
    own = ProcessSettings()
    configure_logging(own.log_level, own.log_format)
    asyncio.run(serve(own, Settings.from_environment()))
