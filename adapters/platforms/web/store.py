"""What the playground keeps in Redis: each thread's messages and the files' bytes."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Literal, NamedTuple

import redis.exceptions
from redis.asyncio import Redis

from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.states import WebMessage
from bots.errors import LeaseLost, PlatformUnavailable

WRITE_SCRIPT = files("adapters.platforms.web").joinpath("write.lua").read_text(encoding="utf-8")


class StoredFile(NamedTuple):
    """A file's bytes with what its sender said of it."""

    data: bytes
    name: str
    media_type: str


class Mark(NamedTuple):
    """Orders the states of one message: the larger is the newer."""

    fence: int
    revision: int
    is_final: int


class StoredState(NamedTuple):
    """One message's state as JSON bytes, with what orders it."""

    message_id: str
    mark: Mark
    state: bytes


Written = Literal["written", "late"]


@asynccontextmanager
async def reaching_redis() -> AsyncIterator[None]:
    """Turn a Redis that is away, or that takes no more, into PlatformUnavailable."""
    try:
        yield
    except (
        redis.exceptions.ConnectionError,
        redis.exceptions.TimeoutError,
        redis.exceptions.OutOfMemoryError,
        redis.exceptions.ReadOnlyError,
    ) as error:
        raise PlatformUnavailable(type(error).__name__) from error


class WebStore:
    """Keeps the threads; ``redis`` must answer in bytes (``decode_responses`` off)."""

    def __init__(self, redis: Redis, settings: WebSettings, *, prefix: str = "glimmer:web:") -> None:
        self.redis = redis
        self._settings = settings
        self._prefix = prefix
        self._write = redis.register_script(WRITE_SCRIPT)

    @property
    def every_channel(self) -> str:
        """Match the channels of all threads."""
        return f"{self._prefix}{{*}}:changes"

    def channel(self, thread: str) -> str:
        """Name the channel on which a thread's new states are published."""
        return self._key(thread, "changes")

    def _key(self, tag: str, part: str) -> str:
        return f"{self._prefix}{{{tag}}}:{part}"

    async def write(self, thread: str, message: WebMessage) -> tuple[Written, int]:
        """Store a newer state and publish it; an older one is left aside as "late".

        Returns the outcome with the revision that is stored now. Raises LeaseLost when a newer fence has
        written, PlatformUnavailable.
        """
        keys = [self._key(thread, part) for part in ("states", "marks", "order")]
        final = int(message.is_final)
        arguments: list[str | int] = [
            message.id, message.fence, message.revision, final, message.model_dump_json(),
            self._settings.retention_seconds, self._settings.max_messages, self.channel(thread),
        ]  # fmt: skip
        async with reaching_redis():
            outcome, revision = await self._write(keys=keys, args=arguments)
        if outcome == b"lost":
            raise LeaseLost
        return ("late" if outcome == b"late" else "written"), int(revision)

    async def reach(self) -> None:
        """Make sure that Redis answers; raises PlatformUnavailable."""
        async with reaching_redis(), self.redis.pipeline(transaction=False) as pipe:
            pipe.ping()
            await pipe.execute()

    async def message(self, thread: str, message_id: str) -> WebMessage | None:
        """Read one message; raises PlatformUnavailable."""
        async with reaching_redis():
            state = await self.redis.hget(self._key(thread, "states"), message_id)
        return WebMessage.model_validate_json(state) if state else None

    async def snapshot(self, thread: str) -> list[StoredState]:
        """Read all messages of a thread, oldest first; raises PlatformUnavailable."""
        async with reaching_redis(), self.redis.pipeline(transaction=True) as pipe:
            pipe.lrange(self._key(thread, "order"), 0, -1)
            pipe.hgetall(self._key(thread, "states"))
            pipe.hgetall(self._key(thread, "marks"))
            order, states, marks = await pipe.execute()
        return [
            StoredState(name.decode(), read_mark(marks[name]), states[name])
            for name in order
            if name in states and name in marks
        ]

    async def put_file(self, stored: StoredFile, *, file_id: str | None = None) -> str:
        """Store a file's bytes and return the unguessable name to get them by; raises PlatformUnavailable."""
        file_id = file_id or secrets.token_urlsafe(24)
        key = self._key(file_id, "file")
        async with reaching_redis(), self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, items=["data", stored.data, "name", stored.name, "media_type", stored.media_type])
            pipe.expire(key, self._settings.retention_seconds)
            await pipe.execute()
        return file_id

    async def file_size(self, file_id: str) -> int | None:
        """Tell how many bytes a file has, None if it is not there; raises PlatformUnavailable."""
        key = self._key(file_id, "file")
        async with reaching_redis():
            if not await self.redis.exists(key):
                return None
            return int(await self.redis.hstrlen(key, "data"))

    async def file(self, file_id: str) -> StoredFile | None:
        """Read a file, None if it is not there (any more); raises PlatformUnavailable."""
        async with reaching_redis(), self.redis.pipeline(transaction=False) as pipe:
            pipe.hmget(self._key(file_id, "file"), ["data", "name", "media_type"])
            [[data, name, media_type]] = await pipe.execute()
        return None if data is None else StoredFile(data, name.decode(), media_type.decode())

    async def claim_upload(self, thread: str, key: str) -> str:
        """Give the file's name for an upload's key, always the same; raises PlatformUnavailable."""
        uploads = self._key(thread, "uploads")
        async with reaching_redis(), self.redis.pipeline(transaction=True) as pipe:
            pipe.hsetnx(uploads, key, secrets.token_urlsafe(24))
            pipe.expire(uploads, self._settings.retention_seconds)
            pipe.hget(uploads, key)
            file_id: bytes = (await pipe.execute())[-1]
        return file_id.decode()


def read_mark(text: bytes) -> Mark:
    """Read what ``write.lua`` stores beside a state."""
    fence, revision, is_final = text.split(b" ")
    return Mark(int(fence), int(revision), int(is_final))


def read_change(payload: bytes) -> StoredState:
    """Read what ``write.lua`` publishes."""
    name, mark, state = payload.split(b"\n", 2)
    return StoredState(name.decode(), read_mark(mark), state)
