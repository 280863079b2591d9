"""The only module that names concrete adapters: who is plugged into what."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic_settings import BaseSettings
from redis.asyncio import Redis
from starlette.routing import BaseRoute

from adapters import platforms
from adapters.celery.app import create_app
from adapters.celery.doorbell import CeleryDoorbell
from adapters.clock import SystemClock
from adapters.glm.client import open_glm
from adapters.glm.models import MODELS, GlmCatalog
from adapters.glm.pictures import open_painter
from adapters.glm.settings import GlmSettings
from adapters.media.documents import MarkdownDocumentReader
from adapters.media.drawing import PillowMarker
from adapters.media.pictures import PillowPictureReader
from adapters.media.relay import RelayLinks, relay_key
from adapters.media.relay_routes import MediaRelay
from adapters.media.settings import MediaSettings
from adapters.media.texts import read_text
from adapters.media.videos import FrameSampler
from adapters.plugin import GatewayServices, Hearing, PlatformPlugin
from adapters.redis.connection import open_redis
from adapters.redis.leadership import RedisLeadership
from adapters.redis.line import RedisDesk, RedisIntake, RedisKeeper
from adapters.redis.preferences import RedisPreferences
from adapters.redis.scripts import LineScripts
from adapters.redis.settings import LineSettings, RedisSettings, UsageSettings
from adapters.redis.transcripts import RedisTranscripts
from adapters.redis.usage import RedisUsageLedger, UsageRow
from bots.bot import Routes
from bots.handle_event import EventHandler
from bots.imagine import ImagineBot
from bots.line import Doorbell, JobDesk, LaneStatus
from bots.mark_picture import GroundingMarker
from bots.media import MediaKit
from bots.mention import MentionBot
from bots.open_reply import ReplyOpener
from bots.paint_picture import PicturePainter
from bots.perform_job import JobPerformer
from bots.picture_question import PictureQuestionBot
from bots.ports import Clock, Platform
from bots.press_button import ButtonHandler
from bots.read_attachments import AttachmentsReader
from bots.retrying import RetryPolicy
from bots.usage import DailyLimits, UsageBook
from bots.write_reply import AnswerWriter
from workers.announcer import Announcer
from workers.metrics import (
    JOBS_RESUMED,
    MeteredChatModel,
    MeteredIntake,
    MeteredPictureModel,
    MeteredWriter,
    PrometheusMeter,
)
from workers.pulse import Pulse, PulseParts
from workers.settings import ENV_FILE

PUBLISH_SECONDS = 1.0  # a broker that hangs longer is left to the sweeper
WORK_REDIS_SECONDS = 2.0  # in a worker nobody counts to three


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment says about the adapters."""

    redis: RedisSettings
    line: LineSettings
    glm: GlmSettings
    media: MediaSettings
    usage: UsageSettings
    platforms: tuple[tuple[PlatformPlugin[Any], BaseSettings], ...]  # those that are on

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment and ``.env``; raises ValidationError."""
        return cls(
            RedisSettings(_env_file=ENV_FILE),
            LineSettings(_env_file=ENV_FILE),
            GlmSettings(_env_file=ENV_FILE),
            MediaSettings(_env_file=ENV_FILE),
            UsageSettings(_env_file=ENV_FILE),
            tuple(_platforms_that_are_on()),
        )


class GatewayKeeper(Protocol):
    """What a gateway asks of the line; every call raises StoreUnavailable when Redis is away."""

    async def configure(self, limits: Mapping[str, Mapping[str, int]]) -> None:
        """Set how many requests may be in flight."""
        ...

    async def status(self) -> tuple[LaneStatus, ...]:
        """Count lines and slots."""
        ...

    async def workers_alive(self) -> int:
        """Count the workers that have a pulse."""
        ...


class UsageReader(Protocol):
    """What a gateway asks of the books; raises StoreUnavailable when Redis is away."""

    async def by_model(self, days: tuple[str, ...]) -> tuple[UsageRow, ...]:
        """Read the sums of these days."""
        ...


@dataclass(frozen=True, slots=True)
class GatewayParts:
    """What a gateway runs on."""

    keeper: GatewayKeeper
    ledger: UsageReader
    limits: Mapping[str, Mapping[str, int]]  # requests in flight by model and account
    hearings: Mapping[str, Hearing]  # by platform
    clock: Clock
    routes: tuple[BaseRoute, ...] = ()  # that belong to no platform


@dataclass(frozen=True, slots=True)
class WorkParts:
    """What a worker's work loop runs on."""

    desk: JobDesk
    doorbell: Doorbell
    performer: JobPerformer
    announcer: Announcer
    clock: Clock
    lease_seconds: float


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[GatewayParts]:
    """Open what the gateway needs."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(settings.redis))
        scripts = LineScripts(redis, settings.line, slot_grace=settings.glm.slot_grace)
        doorbell = _doorbell(settings, stack)
        writing = await _open_writing(redis, settings, clock, stack)
        intake, preferences = MeteredIntake(RedisIntake(scripts)), RedisPreferences(redis)
        models = tuple(dict.fromkeys((*settings.glm.text_models, *settings.glm.vision_route())))
        daily = DailyLimits(settings.usage.daily_tokens, settings.usage.daily_pictures)
        ledger = RedisUsageLedger(redis, clock)
        usage = UsageBook(ledger, clock, daily, MODELS)
        opener = ReplyOpener(intake, doorbell, writing, clock)
        handler = EventHandler(
            bots=_bots(settings),
            models=models,
            opener=opener,
            buttons=ButtonHandler(intake, opener, clock, usage),
            transcripts=RedisTranscripts(redis),
            preferences=preferences,
            clock=clock,
            usage=usage,
        )
        services = GatewayServices(redis, clock, handler.handle, preferences, models)
        hearings = {
            plugin.name: await stack.enter_async_context(plugin.open_hearing(own, services))
            for plugin, own in settings.platforms
        }
        relay = MediaRelay(_links(settings, clock), writing, PillowPictureReader())
        limits = settings.glm.limits()
        yield GatewayParts(RedisKeeper(scripts), ledger, limits, hearings, clock, (relay.route,))


@asynccontextmanager
async def open_work(settings: Settings, worker_id: str) -> AsyncIterator[WorkParts]:
    """Open what a worker's work loop needs."""
    clock, catalog = SystemClock(), GlmCatalog()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(settings.redis, socket_timeout=WORK_REDIS_SECONDS))
        chat = await stack.enter_async_context(open_glm(settings.glm, catalog=catalog))
        painter = await stack.enter_async_context(open_painter(settings.glm, catalog=catalog))
        scripts = LineScripts(redis, settings.line, slot_grace=settings.glm.slot_grace)
        writing = await _open_writing(redis, settings, clock, stack)
        transcripts, ledger = RedisTranscripts(redis), RedisUsageLedger(redis, clock)
        answers = AnswerWriter(
            model=MeteredChatModel(chat, catalog),
            catalog=catalog,
            files=AttachmentsReader(_media_kit(settings, clock)),
            marker=GroundingMarker(PillowMarker()),
            transcripts=transcripts,
            ledger=ledger,
            clock=clock,
        )
        performer = JobPerformer(
            platforms=writing,
            answers=answers,
            pictures=PicturePainter(MeteredPictureModel(painter, catalog), transcripts, ledger, clock),
            clock=clock,
            meter=PrometheusMeter(),
            policy=RetryPolicy(barred_seconds=settings.line.barred_seconds),
            deadline=settings.glm.answer_timeout,
            max_attempts=settings.line.max_attempts,
        )
        leadership = RedisLeadership(redis, "announcer", worker_id)
        announcer = Announcer(RedisKeeper(scripts), writing, clock, leadership.is_ours)
        desk = RedisDesk(scripts, worker_id)
        yield WorkParts(
            desk, _doorbell(settings, stack), performer, announcer, clock, settings.line.lease_seconds
        )


@asynccontextmanager
async def open_pulse(settings: Settings, worker_id: str) -> AsyncIterator[Pulse]:
    """Open the pulse on connections of its own, so that no stream can hold it up."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(settings.redis, socket_timeout=WORK_REDIS_SECONDS))
        scripts = LineScripts(redis, settings.line, slot_grace=settings.glm.slot_grace)
        parts = PulseParts(
            desk=RedisDesk(scripts, worker_id),
            keeper=RedisKeeper(scripts),
            doorbell=_doorbell(settings, stack),
            clock=SystemClock(),
            lease_seconds=settings.line.lease_seconds,
            count_resumed=JOBS_RESUMED.inc,
        )
        yield Pulse(parts)


def _doorbell(settings: Settings, stack: AsyncExitStack) -> CeleryDoorbell:
    doorbell = CeleryDoorbell(create_app(settings.redis.url, socket_timeout=PUBLISH_SECONDS))
    stack.callback(doorbell.close)
    return doorbell


def _links(settings: Settings, clock: SystemClock) -> RelayLinks:
    media = settings.media
    glm_key = next(iter(settings.glm.accounts())).key.get_secret_value()
    key = relay_key(media.secret.get_secret_value(), glm_key)
    return RelayLinks(key, media.public_url, media.link_seconds, clock)


def _media_kit(settings: Settings, clock: SystemClock) -> MediaKit:
    return MediaKit(
        pictures=PillowPictureReader(),
        texts=read_text,
        documents=MarkdownDocumentReader(settings.media),
        videos=FrameSampler(settings.media),
        links=_links(settings, clock),
    )


def _bots(settings: Settings) -> tuple[ImagineBot, PictureQuestionBot, MentionBot]:
    routes = Routes(
        text=settings.glm.text_models,
        vision=settings.glm.vision_route(),
        picture=settings.glm.picture_models,
        specs=MODELS,
        spill_over=settings.line.spill_over,
        as_base64=not settings.media.public_url,
    )
    return (ImagineBot(routes), PictureQuestionBot(routes), MentionBot(routes))


def _platforms_that_are_on() -> Iterator[tuple[PlatformPlugin[Any], BaseSettings]]:
    for name in platforms.available():
        plugin = platforms.load(name)
        own = plugin.settings(_env_file=ENV_FILE)
        if plugin.is_on(own):
            yield plugin, own


async def _open_writing(
    redis: Redis, settings: Settings, clock: SystemClock, stack: AsyncExitStack
) -> dict[str, Platform]:
    opened: dict[str, Platform] = {}
    for plugin, own in settings.platforms:
        platform = await stack.enter_async_context(plugin.open_writing(own, redis, clock))
        opened[plugin.name] = replace(platform, writer=MeteredWriter(plugin.name, platform.writer))
    return opened
