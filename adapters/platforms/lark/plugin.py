"""Lark and Feishu as a platform; each side is imported when it is opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.platforms.lark.settings import LarkSettings
from adapters.plugin import GatewayServices, Hearing, PlatformPlugin
from bots.ports import Clock, Platform


@asynccontextmanager
async def _open_writing(settings: LarkSettings, redis: Redis, clock: Clock) -> AsyncIterator[Platform]:
    from adapters.platforms.lark.writing import open_writing

    async with open_writing(settings, redis, clock) as platform:
        yield platform


@asynccontextmanager
async def _open_hearing(settings: LarkSettings, services: GatewayServices) -> AsyncIterator[Hearing]:
    from adapters.platforms.lark.hearing import open_hearing

    async with open_hearing(settings, services) as hearing:
        yield hearing


PLUGIN = PlatformPlugin(
    name="lark",
    settings=LarkSettings,
    is_on=lambda settings: settings.is_on,
    open_writing=_open_writing,
    open_hearing=_open_hearing,
)
