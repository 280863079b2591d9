"""The writing side of Slack, opened: what ``plugin.py`` gives to gateways and workers.

The hearing side calls ``Askers(redis).remember(message, user_team)`` before it hands a message to the bot.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from redis.asyncio import Redis

from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.attachments import SlackAttachments
from adapters.platforms.slack.budget import CallBudget
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import SlackClient, open_http
from adapters.platforms.slack.finding import Finder
from adapters.platforms.slack.installations import BotTokens
from adapters.platforms.slack.posting import Poster
from adapters.platforms.slack.replies import ReplyStore
from adapters.platforms.slack.settings import SlackSettings
from adapters.platforms.slack.statuses import ThreadStatuses
from adapters.platforms.slack.streaming import Streamer
from adapters.platforms.slack.tokens import bot_tokens
from adapters.platforms.slack.uploader import SlackUploader
from adapters.platforms.slack.writer import SlackWriter
from bots.ports import Clock, Platform


def create_writer(
    client: SlackClient, redis: Redis, clock: Clock, *, budget: CallBudget | None = None
) -> SlackWriter:
    """Put a writer together; each has its own name, so that it knows its own streams."""
    process = secrets.token_hex(6)
    budget = budget or CallBudget(redis)
    calls, store = PacedCalls(client, budget, clock), ReplyStore(redis)
    statuses = ThreadStatuses(client, budget, redis, clock)
    return SlackWriter(
        store=store,
        askers=Askers(redis),
        statuses=statuses,
        streamer=Streamer(calls, store, process),
        poster=Poster(calls, process),
        finder=Finder(calls, store),
        process=process,
    )


def create_platform(
    http: httpx.AsyncClient, tokens: BotTokens, settings: SlackSettings, redis: Redis, clock: Clock
) -> tuple[Platform, ThreadStatuses]:
    """Put the platform together, with what must run beside it."""
    client = SlackClient(http, tokens, settings.api_url)
    writer = create_writer(client, redis, clock)
    platform = Platform(
        name="slack",
        writer=writer,
        uploader=SlackUploader(writer.poster.calls, redis),
        attachments=SlackAttachments(client, settings.api_url, clock),
    )
    return platform, writer.statuses


@asynccontextmanager
async def open_writing(settings: SlackSettings, redis: Redis, clock: Clock) -> AsyncIterator[Platform]:
    """Open the writer, uploader and attachments on one HTTP client."""
    async with open_http() as http:
        tokens = bot_tokens(settings, redis, clock, http)
        platform, statuses = create_platform(http, tokens, settings, redis, clock)
        keeper = asyncio.create_task(statuses.keep())
        try:
            yield platform
        finally:
            await statuses.drain()
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
