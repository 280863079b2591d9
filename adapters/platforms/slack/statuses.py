"""The words under a thread while nothing is posted yet: place in line, thinking.

Slack takes them away after two minutes without a message (Slack docs, assistant.threads.setStatus), so they
are kept in Redis with their due time and said again by whichever process looks first.
"""

import asyncio
import json
import logging
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.platforms.slack.budget import STATUS, CallBudget
from adapters.platforms.slack.client import SlackClient
from bots.errors import PlatformError, PlatformRateLimited, StoreUnavailable
from bots.messages import Conversation
from bots.ports import Clock

log = logging.getLogger(__name__)

CALL_SECONDS = 5.0
AGAIN_SECONDS = 80.0
LONGEST_SECONDS = 1_800.0  # nobody waits longer; whoever should have cleared it is dead
LOOK_SECONDS = 5.0
DUE, WORDS = "glimmer:slack:{statuses}:due", "glimmer:slack:{statuses}:words"
# Takes what is due and makes it due again, so that one process says it. KEYS: due, words (since, words).
# ARGV: now, seconds until it is due again, seconds after which it is forgotten.
CLAIM = """
local now, found = tonumber(ARGV[1]), {}
for _, thread in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 50)) do
  local since, words = string.match(redis.call('HGET', KEYS[2], thread) or '', '^(%d+) (.*)$')
  if not since or now - tonumber(since) > tonumber(ARGV[3]) then
    redis.call('ZREM', KEYS[1], thread)
    redis.call('HDEL', KEYS[2], thread)
  else
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), thread)
    found[#found + 1] = thread
    found[#found + 1] = words
  end
end
return found
"""


class ThreadStatuses:
    """Says what a thread waits for; it is a courtesy, so whatever fails is left out.

    Nobody waits for the call itself: an event must be acknowledged within three seconds, however many come.
    """

    def __init__(self, client: SlackClient, budget: CallBudget, redis: Redis, clock: Clock) -> None:
        self._client = client
        self._budget = budget
        self._redis = redis
        self._clock = clock
        self._claim = redis.register_script(CLAIM)
        self._wanted: dict[str, tuple[Conversation, str]] = {}
        self._saying: dict[str, asyncio.Task[None]] = {}

    async def show(self, conversation: Conversation, words: str) -> None:
        """Say it now, and again until it is cleared."""
        if conversation.thread_id is None:
            return
        thread, now = _name(conversation), self._now()
        with suppress(RedisError):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(WORDS, thread, f"{now} {words}")
                pipe.zadd(DUE, {thread: now + AGAIN_SECONDS})
                await pipe.execute()
        self._say_soon(conversation, words)

    async def forget(self, conversation: Conversation) -> None:
        """Say it no more; a message that comes takes the words away itself."""
        thread = _name(conversation)
        with suppress(RedisError):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zrem(DUE, thread)
                pipe.hdel(WORDS, thread)
                await pipe.execute()

    async def clear(self, conversation: Conversation) -> None:
        """Take the words away."""
        if conversation.thread_id is not None:
            await self.forget(conversation)
            self._say_soon(conversation, "")

    async def settle(self, conversation: Conversation) -> None:
        """Wait until a thread's words are said, so that they do not come after the message they announce."""
        if task := self._saying.get(_name(conversation)):
            await asyncio.wait([task])

    async def drain(self) -> None:
        """Wait until all is said."""
        if self._saying:
            await asyncio.wait(self._saying.values())

    async def keep(self) -> None:
        """Say again what would fade, for ever."""
        while True:
            try:
                await self.say_due()
            except RedisError as error:
                log.debug("statuses are not kept", extra={"error": type(error).__name__})
            await self._clock.sleep(LOOK_SECONDS)

    async def say_due(self) -> None:
        """Say again what is due; raises RedisError."""
        arguments = [self._now(), round(AGAIN_SECONDS), round(LONGEST_SECONDS)]
        found = await self._claim(keys=[DUE, WORDS], args=arguments)
        for thread, words in zip(found[::2], found[1::2], strict=True):
            tenant_id, channel_id, thread_id = json.loads(thread)
            place = Conversation(
                platform="slack", tenant_id=tenant_id, channel_id=channel_id, thread_id=thread_id
            )
            await self._say(place, words.decode())

    def _say_soon(self, place: Conversation, words: str) -> None:
        """Have it said by the thread's own task; of words that wait for it only the last are said."""
        thread = _name(place)
        self._wanted[thread] = (place, words)
        if thread not in self._saying:
            self._saying[thread] = asyncio.create_task(self._say_latest(thread))

    async def _say_latest(self, thread: str) -> None:
        try:
            while wanted := self._wanted.pop(thread, None):
                await self._say(*wanted)
        finally:
            del self._saying[thread]

    async def _say(self, place: Conversation, words: str) -> None:
        arguments = {"channel_id": place.channel_id, "thread_ts": place.thread_id, "status": words}
        try:
            if await self._budget.take(place.tenant_id, STATUS):
                return
            await self._client.call(place.tenant_id, STATUS, arguments, timeout=CALL_SECONDS)
        except PlatformRateLimited as error:
            with suppress(StoreUnavailable):
                await self._budget.block(place.tenant_id, STATUS, error.retry_after or 1.0)
        except (PlatformError, StoreUnavailable) as error:
            log.debug("status not shown", extra={"error": type(error).__name__})

    def _now(self) -> int:
        return round(self._clock.now().timestamp())


def _name(place: Conversation) -> str:
    return json.dumps([place.tenant_id, place.channel_id, place.thread_id])
