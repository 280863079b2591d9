"""How often methods may be called: one budget per workspace and method, which all workers share in Redis."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.errors import StoreUnavailable

SCRIPT = files("adapters.platforms.slack").joinpath("budget.lua").read_text(encoding="utf-8")
Operation = Literal["take", "hold", "spend", "release", "landed"]

START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"
POST, UPDATE, DELETE = "chat.postMessage", "chat.update", "chat.delete"
STATUS, REPLIES = "assistant.threads.setStatus", "conversations.replies"
FILE_INFO, FILE_URL, FILE_DONE = "files.info", "files.getUploadURLExternal", "files.completeUploadExternal"
CHANNEL_POST = "post to one channel"  # not a method, but Slack counts it like one


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many calls in so many seconds; ``reserve`` of them are kept for writes that must get through;
    at most ``holds`` replies may have their last call set aside.

    ``gap`` is the least time in seconds between calls for one reply. Where ``shared_by`` names the method
    that ends such a reply, all open ones take turns, so that ``shared`` calls in a window are spread evenly.
    """

    calls: int
    reserve: int = 0
    holds: int = 1000
    gap: float = 0.0
    shared_by: str = ""
    shared: int = 1
    window: float = 62.0  # Slack's minute, and what two calls' ways to Slack may differ by


# Slack docs: tiers 2, 3 and 4 are 20, 50 and 100 a minute; chat.postMessage is "several hundred" and about
# one a second and channel with short bursts; a longer message should be updated every three seconds at most.
ALLOWANCES: Mapping[str, Allowance] = {
    START: Allowance(20),
    STOP: Allowance(20, holds=20),
    APPEND: Allowance(100, gap=0.7, shared_by=STOP, shared=90),
    # More replies than twelve at once would each be updated less than every 20 s: not worth the calls.
    UPDATE: Allowance(50, reserve=4, holds=12, gap=3.0, shared_by=UPDATE, shared=38),
    DELETE: Allowance(50),
    POST: Allowance(280, reserve=40),
    CHANNEL_POST: Allowance(4, window=4.3),
    STATUS: Allowance(240),
    REPLIES: Allowance(45),
    FILE_INFO: Allowance(95),
    FILE_URL: Allowance(95),
    FILE_DONE: Allowance(95),
}
FLIGHT_MS = 15_000  # longer than a call may take
HOLD_SECONDS = 900.0  # longer than any answer takes; a dead worker's hold ends by itself


class CallBudget:
    """Counts calls before they are made; raises StoreUnavailable."""

    def __init__(self, redis: Redis, allowances: Mapping[str, Allowance] = ALLOWANCES) -> None:
        self._redis = redis
        self._script = redis.register_script(SCRIPT)
        self.allowances = allowances

    async def take(
        self, tenant_id: str, method: str, holder: str = "", *, place: str = "", call_id: str = ""
    ) -> float:
        """Count a call that may be left out; 0 if it may be made now, else the seconds until it may.

        ``place`` narrows the method to a channel. With a ``call_id`` the call counts from its landing.
        """
        return await self._run("take", tenant_id, method, holder, place, call_id)

    async def landed(self, tenant_id: str, method: str, call_id: str, *, place: str = "") -> None:
        """Tell that a call's answer has come: somewhere in between it arrived at Slack, which counts it."""
        await self._run("landed", tenant_id, method, "", place, call_id)

    async def hold(self, tenant_id: str, method: str, holder: str) -> bool:
        """Set a later call aside, so that it will surely be free."""
        return not await self._run("hold", tenant_id, method, holder)

    async def spend(
        self, tenant_id: str, method: str, holder: str, *, place: str = "", call_id: str = ""
    ) -> float:
        """Count a call that must be made, out of what was held for it or out of the reserve."""
        return await self._run("spend", tenant_id, method, holder, place, call_id)

    async def release(self, tenant_id: str, method: str, holder: str) -> None:
        """Give back what was held and is not needed."""
        await self._run("release", tenant_id, method, holder)

    async def block(self, tenant_id: str, method: str, seconds: float, *, place: str = "") -> None:
        """Keep everybody from calling a method after Slack refused it."""
        key = _key(tenant_id, method + place, "blocked")
        try:
            await self._redis.set(key, 1, px=max(1, round(seconds * 1000)))
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def _run(
        self,
        operation: Operation,
        tenant_id: str,
        method: str,
        holder: str,
        place: str = "",
        call_id: str = "",
    ) -> float:
        given = self.allowances[method]
        keys = [_key(tenant_id, method + place, part) for part in ("calls", "held", "blocked", "turns")]
        keys.append(_key(tenant_id, given.shared_by or method, "held"))
        arguments: list[str | int] = [
            operation, call_id or secrets.token_hex(8), holder, given.calls, round(given.window * 1000),
            given.reserve, round(HOLD_SECONDS * 1000), round(given.gap * 1000), given.shared, given.holds,
            FLIGHT_MS if call_id else 0,
        ]  # fmt: skip
        try:
            is_free, wait = await self._script(keys=keys, args=arguments)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error
        return 0.0 if is_free else int(wait) / 1000


def _key(tenant_id: str, method: str, part: str) -> str:
    return f"glimmer:slack:{{budget:{tenant_id}}}:{method}:{part}"
