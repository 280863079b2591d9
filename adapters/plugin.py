"""What a platform's folder exports, so that it becomes usable by existing."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic_settings import BaseSettings
from redis.asyncio import Redis
from starlette.routing import BaseRoute

from bots.events import BotEvent
from bots.ports import Clock, Platform
from bots.preferences import PreferenceStore

Settings = TypeVar("Settings", bound=BaseSettings)
Handle = Callable[[BotEvent], Awaitable[None]]


async def _nothing() -> None:
    return


def _no_problem() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The hearing side of one platform, in a gateway."""

    routes: tuple[BaseRoute, ...] = ()
    # Runs until it is cancelled and reconnects by itself; None where HTTP is all there is.
    listen: Callable[[], Coroutine[None, None, None]] | None = None
    problem: Callable[[], str] = _no_problem  # why it cannot hear just now, for /readyz; empty when it can
    end_streams: Callable[[], Awaitable[None]] = _nothing  # called at the first sign of a shutdown


@dataclass(frozen=True, slots=True)
class GatewayServices:
    """What a platform's hearing side may use.

    ``handle`` returns when an event is safe and may be acknowledged; it raises StoreUnavailable when nothing
    was kept, and then nothing may be acknowledged.
    """

    redis: Redis
    clock: Clock
    handle: Handle
    preferences: PreferenceStore
    models: tuple[str, ...]  # those a person may choose for questions in words


@dataclass(frozen=True)
class PlatformPlugin(Generic[Settings]):
    """One platform: its settings and how its two sides are opened."""

    name: str
    settings: type[Settings]
    is_on: Callable[[Settings], bool]
    open_writing: Callable[[Settings, Redis, Clock], AbstractAsyncContextManager[Platform]]
    open_hearing: Callable[[Settings, GatewayServices], AbstractAsyncContextManager[Hearing]]
