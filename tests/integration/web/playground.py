"""A playground on a loopback port, with a scripted bot behind it that writes through the real writer."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette

from adapters.platforms.web import WebSettings, WebStore, create_platform
from adapters.platforms.web.hub import EventHub
from adapters.platforms.web.routes import create_routes
from bots.drafts import Draft, Placement
from bots.events import BotEvent, ButtonPressed, MessageSent
from bots.messages import Conversation
from bots.ports import Platform


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Reply:
    """One answer that a test writes piece by piece."""

    def __init__(self, platform: Platform, conversation: Conversation, reply_id: str, fence: int = 1) -> None:
        self.platform = platform
        self.conversation = conversation
        self.placement = Placement(reply_id=reply_id, fence=fence)
        self.revision = 0

    async def open(self, **fields: object) -> None:
        self.placement = await self.platform.writer.post(
            self.conversation, self._draft(fields), self.placement
        )

    async def show(self, markdown: str, **fields: object) -> None:
        self.placement = await self.platform.writer.edit(
            self.conversation, self._draft({"markdown": markdown, **fields}), self.placement
        )

    async def finish(self, markdown: str, **fields: object) -> None:
        buttons = ("regenerate", "like", "dislike")
        final = {"is_final": True, "outcome": "answered", "buttons": buttons, "model": "glm-4.7-flash"}
        await self.show(markdown, **{**final, **fields})

    def _draft(self, fields: dict[str, object]) -> Draft:
        self.revision += 1
        return Draft.model_validate({"buttons": ("stop",), **fields, "revision": self.revision})


class ScriptedBot:
    """Stands where the bot stands: remembers what it was told, fails on demand, answers by script."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.events: list[BotEvent] = []
        self.failure: Exception | None = None
        self.script: Callable[[Reply], Awaitable[None]] | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def messages(self) -> list[MessageSent]:
        return [event for event in self.events if isinstance(event, MessageSent)]

    @property
    def presses(self) -> list[ButtonPressed]:
        return [event for event in self.events if isinstance(event, ButtonPressed)]

    async def handle(self, event: BotEvent) -> None:
        self.events.append(event)
        if self.failure is not None:
            raise self.failure
        if isinstance(event, MessageSent) and self.script is not None:
            message = event.message
            reply = Reply(self.platform, message.conversation, f"reply-{message.message_id}")
            self._start(self.script(reply))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Playground:
    """What a test holds."""

    def __init__(self, url: str, redis: Redis, settings: WebSettings) -> None:
        self.url = url
        self.redis = redis
        self.settings = settings
        self.store = WebStore(redis, settings)
        self.platform = create_platform(redis, settings)
        self.bot = ScriptedBot(self.platform)
        self.hub = EventHub(self.store, SystemClock())

    def reply(self, thread: str, reply_id: str = "r1", fence: int = 1) -> Reply:
        conversation = Conversation(platform="web", tenant_id="local", channel_id=thread)
        return Reply(self.platform, conversation, reply_id, fence)

    def app(self) -> Starlette:
        routes = create_routes(self.store, self.settings, self.bot.handle, SystemClock(), hub=self.hub)
        return Starlette(routes=routes)


@asynccontextmanager
async def serve(redis: Redis, settings: WebSettings) -> AsyncIterator[Playground]:
    """Serve a playground until the end of the block."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    playground = Playground(f"http://127.0.0.1:{listener.getsockname()[1]}", redis, settings)
    config = uvicorn.Config(playground.app(), log_level="error", lifespan="off", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await until(lambda: server.started)
        yield playground
    finally:
        for work in list(playground.bot.tasks):
            work.cancel()
        await playground.hub.close()
        server.should_exit = True
        await task
        listener.close()


async def until(condition: Callable[[], object], *, timeout: float = 10.0) -> None:
    """Wait until the condition is true; AssertionError when it is late."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.01)
