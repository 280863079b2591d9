"""Opens the writing side of Lark for one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.platforms.lark.attachments import LarkAttachments
from adapters.platforms.lark.budget import CallBudget
from adapters.platforms.lark.client import open_client
from adapters.platforms.lark.memory import LarkMemory
from adapters.platforms.lark.replies import ReplyStore
from adapters.platforms.lark.sending import LarkApi
from adapters.platforms.lark.settings import LarkSettings
from adapters.platforms.lark.uploader import LarkUploader
from adapters.platforms.lark.writer import LarkWriter
from bots.ports import Clock, Platform


@asynccontextmanager
async def open_writing(settings: LarkSettings, redis: Redis, clock: Clock) -> AsyncIterator[Platform]:
    """Make what a process needs to write to Lark; ``redis`` must answer in bytes."""
    async with open_client(settings, redis, clock) as client:
        api = LarkApi(client, CallBudget(redis, clock, app=settings.app_id, monthly=settings.monthly_calls))
        yield Platform(
            name="lark",
            writer=LarkWriter(api, ReplyStore(redis, clock), LarkMemory(redis), settings, clock),
            uploader=LarkUploader(api, redis),
            attachments=LarkAttachments(api),
        )
