"""Slack as a platform."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.platforms.slack.settings import SlackSettings
from adapters.plugin import GatewayServices, Hearing, PlatformPlugin
from bots.ports import Clock, Platform

log = logging.getLogger(__name__)


def _is_on(settings: SlackSettings) -> bool:
    if settings.missing:
        log.warning("slack is off: %s", settings.missing)
    return settings.is_on


@asynccontextmanager
async def _open_writing(settings: SlackSettings, redis: Redis, clock: Clock) -> AsyncIterator[Platform]:
    from adapters.platforms.slack.writing import open_writing

    async with open_writing(settings, redis, clock) as platform:
        yield platform


@asynccontextmanager
async def _open_hearing(settings: SlackSettings, services: GatewayServices) -> AsyncIterator[Hearing]:
    from adapters.platforms.slack.hearing import open_hearing  # brings Bolt, which no worker needs

    async with open_hearing(settings, services) as hearing:
        yield hearing


PLUGIN = PlatformPlugin(
    name="slack",
    settings=SlackSettings,
    is_on=_is_on,
    open_writing=_open_writing,
    open_hearing=_open_hearing,
)
