"""The writing side of Slack, opened: what ``plugin.py`` gives to gateways and workers.

The hearing side calls ``Askers(redis).remember(message, user_team)`` before it hands a message to the bot.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.platforms.slack.settings import SlackSettings
from bots.ports import Clock, Platform


@asynccontextmanager
async def open_writing(settings: SlackSettings, redis: Redis, clock: Clock) -> AsyncIterator[Platform]:
    """Open the writer, uploader and attachments on one HTTP client."""
    raise NotImplementedError(settings, redis, clock)
    yield  # the signature is what counts until the parts are there
