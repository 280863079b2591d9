"""The line's Lua scripts, loaded from files and called by name."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from adapters.redis.connection import translated
from adapters.redis.settings import LineSettings

NAMES = (
    "accept",
    "bar",
    "configure",
    "finish",
    "free_slot",
    "renew",
    "requeue",
    "save",
    "start",
    "status",
    "stop",
    "sweep",
    "waiting",
    "workers",
)


@cache
def source(name: str) -> str:
    """Read one script with what all of them share in front."""
    folder = files("adapters.redis") / "lua"
    return (folder / "prelude.lua").read_text() + (folder / f"{name}.lua").read_text()


class LineScripts:
    """Calls the scripts on one root key; every script is one atomic step."""

    def __init__(
        self, redis: Redis, line: LineSettings, *, slot_grace: float = 0.0, root: str = "{glimmer}:"
    ) -> None:
        self.redis = redis
        self.root = root
        self.line = line
        self.grace_ms = milliseconds(slot_grace)
        self.probe_ms = milliseconds(line.probe_seconds)
        self.record_ms = milliseconds(line.record_seconds)
        self._scripts: dict[str, AsyncScript] = {}

    async def load(self) -> None:
        """Load every script; fakeredis drops the connection on NOSCRIPT, so nothing may meet one."""
        with translated():
            for name in NAMES:
                await self.redis.script_load(source(name))

    async def call(self, name: str, *args: str | float) -> Any:
        """Run a script; raises StoreUnavailable."""
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self.redis.register_script(source(name))
        with translated():
            return await script(keys=[self.root], args=list(args))

    async def call_json(self, name: str, *args: str | float) -> dict[str, Any]:
        """Run a script that answers in JSON; empty for a false answer."""
        answer = await self.call(name, *args)
        return {} if answer is None else json.loads(answer)


def milliseconds(seconds: float) -> int:
    """Convert, rounding to whole milliseconds."""
    return round(seconds * 1000)
