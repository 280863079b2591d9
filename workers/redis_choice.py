"""Which Redis is used: the operator's, one started here, or for the demo an in-memory stand-in."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.embedded import HOW_TO_INSTALL, EmbeddedRedis, find_redis_program
from adapters.redis.stand_in import can_stand_in
from bots.errors import StoreUnavailable
from workers.children import ChildSpec
from workers.ports import any_free_port
from workers.programs import LOOPBACK, Place, redis_child, stand_in_child

REACH_SECONDS = 3.0


@dataclass(frozen=True)
class RedisChoice:
    """The Redis to use: a server of the operator's, one of ours, or the stand-in."""

    url: str
    described: str
    embedded: EmbeddedRedis | None = None
    stand_in_port: int | None = None

    def hold(self) -> AbstractContextManager[None]:
        """Keep others off the data directory while we run."""
        return self.embedded.hold() if self.embedded else nullcontext()

    def children(self, place: Place) -> list[ChildSpec]:
        """Name what must be started for it."""
        if self.embedded is not None:
            return [redis_child(self.embedded, place)]
        return [] if self.stand_in_port is None else [stand_in_child(self.stand_in_port, place)]


def choose_redis(redis_url: str, data_dir: Path) -> RedisChoice:
    """Choose REDIS_URL, or a server found here; raises StoreUnavailable, which says how to install one."""
    if redis_url:
        parts = urlsplit(redis_url)
        return RedisChoice(redis_url, f"{parts.hostname or parts.path} (REDIS_URL)")
    program = find_redis_program()
    if program is None:
        raise StoreUnavailable(HOW_TO_INSTALL)
    embedded = EmbeddedRedis(program, data_dir)
    version = ".".join(map(str, program.version))
    return RedisChoice(embedded.url, f"our own, version {version} {program.origin}", embedded=embedded)


def choose_demo_redis(data_dir: Path, *, searches_server: bool = True) -> RedisChoice:
    """Choose a server found here, else the stand-in; raises StoreUnavailable where there is neither."""
    if (searches_server and find_redis_program() is not None) or not can_stand_in():
        return choose_redis("", data_dir)
    port = any_free_port()
    described = (
        "IN-MEMORY STAND-IN, as no server was found:\nnothing survives and it is slow; for a look only"
    )
    return RedisChoice(f"redis://{LOOPBACK}:{port}/0", described, stand_in_port=port)


async def check_reachable(redis_url: str) -> tuple[int, int]:
    """Tell the version of the server at this URL; raises StoreUnavailable if it does not answer in time."""
    try:
        async with (
            asyncio.timeout(REACH_SECONDS),
            Redis.from_url(redis_url, socket_connect_timeout=REACH_SECONDS) as client,
        ):
            found = (await client.info("server"))["redis_version"]
    except (RedisError, OSError, ValueError) as error:
        raise StoreUnavailable(f"The Redis in REDIS_URL does not answer: {error}") from error
    major, minor, *_ = str(found).split(".")
    return int(major), int(minor)
