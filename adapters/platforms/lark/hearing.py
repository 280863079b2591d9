"""Puts the hearing side together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.platforms.lark.budget import CallBudget
from adapters.platforms.lark.client import open_client
from adapters.platforms.lark.complete import MessageCompleter
from adapters.platforms.lark.greeting import Greeter
from adapters.platforms.lark.long_connection import LongConnection
from adapters.platforms.lark.lookups import Lookups
from adapters.platforms.lark.memory import LarkMemory
from adapters.platforms.lark.pending_pictures import PendingPictures
from adapters.platforms.lark.presses import PressGuard
from adapters.platforms.lark.receive import Receiver
from adapters.platforms.lark.sending import LarkApi
from adapters.platforms.lark.settings import FEISHU, LarkSettings
from adapters.platforms.lark.webhook import Webhook
from adapters.plugin import GatewayServices, Hearing


@asynccontextmanager
async def open_hearing(settings: LarkSettings, services: GatewayServices) -> AsyncIterator[Hearing]:
    """Open what a gateway hears Lark with; nothing connects before ``listen`` runs."""
    redis, clock = services.redis, services.clock
    async with open_client(settings, redis, clock) as client:
        api = LarkApi(client, CallBudget(redis, clock, app=settings.app_id))
        lookups, memory = Lookups(api, clock), LarkMemory(redis)
        pending = PendingPictures(redis, settings.picture_wait)
        receiver = Receiver(
            settings,
            services.handle,
            clock,
            lookups=lookups,
            completer=MessageCompleter(memory, pending, lookups, clock),
            pending=pending,
            presses=PressGuard(memory, settings.admins),
            greeter=Greeter(redis, lookups, clock, "zh" if settings.domain == FEISHU else "en"),
        )
        try:
            yield (
                _over_http(settings, receiver)
                if settings.mode == "webhook"
                else _over_connection(settings, receiver, services)
            )
        finally:
            await receiver.close()


def _over_http(settings: LarkSettings, receiver: Receiver) -> Hearing:
    webhook = Webhook(settings, receiver)
    return Hearing(routes=(webhook.route,), listen=receiver.answer_lone_pictures, problem=webhook.problem)


def _over_connection(settings: LarkSettings, receiver: Receiver, services: GatewayServices) -> Hearing:
    connection = LongConnection(settings, receiver.receive, services.clock)

    async def listen() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(connection.listen())
            tasks.create_task(receiver.answer_lone_pictures())

    return Hearing(listen=listen, problem=connection.problem)
