"""Which tokens there are: the one in the settings, or those OAuth brought, refreshed before they expire."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from redis.asyncio import Redis
from redis.exceptions import LockError

from adapters.platforms.slack.installations import BotTokens, Installation, InstallationStore, OneWorkspace
from adapters.platforms.slack.oauth_calls import OAuthCalls
from adapters.platforms.slack.settings import SlackSettings
from adapters.platforms.slack.store_errors import reaching_store
from bots.errors import PlatformDenied, PlatformError, PlatformUnavailable
from bots.ports import Clock

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2 * 3600.0  # before the end of the twelve hours that a token lives
LAST_SECONDS = 60.0  # a token is used until so long before its end
LOCK_SECONDS = 20.0
LOCK_WAIT_SECONDS = 5.0


def bot_tokens(settings: SlackSettings, redis: Redis, clock: Clock, http: httpx.AsyncClient) -> BotTokens:
    """Choose by the settings: with a client id, tokens come from installations."""
    if not settings.client_id:
        return OneWorkspace(settings.bot_token)
    store = InstallationStore(redis, settings.token_key)
    return InstalledTokens(store, OAuthCalls(settings, http, clock), redis, clock)


class InstalledTokens:
    """BotTokens from the store; one process at a time refreshes a workspace's, for that works only once."""

    def __init__(self, store: InstallationStore, calls: OAuthCalls, redis: Redis, clock: Clock) -> None:
        self._store = store
        self._calls = calls
        self._redis = redis
        self._clock = clock

    async def bot_token(self, tenant_id: str) -> str:
        """Look up a token with some life left.

        Raises PlatformDenied if the bot is not installed there, PlatformUnavailable, StoreUnavailable.
        """
        found = await self._find(tenant_id)
        if self._seconds_left(found) > REFRESH_SECONDS:
            return found.bot_token
        try:
            return (await self._refreshed(found)).bot_token
        except PlatformError as error:
            log.warning("slack: token not refreshed", extra={"error": error.detail, "team": found.tenant_id})
            if self._seconds_left(found) > LAST_SECONDS:
                return found.bot_token
            raise

    async def _find(self, tenant_id: str) -> Installation:
        found = await self._store.find(tenant_id)
        if found is None:
            detail = "not_installed"
            raise PlatformDenied(detail)
        return found

    async def _refreshed(self, old: Installation) -> Installation:
        async with self._locked(old.tenant_id):
            current = await self._find(old.tenant_id)
            if self._seconds_left(current) > REFRESH_SECONDS:
                return current  # somebody else was quicker
            fresh = await self._calls.refresh(current)
            await self._store.save(fresh)
            return fresh

    @asynccontextmanager
    async def _locked(self, tenant_id: str) -> AsyncIterator[None]:
        """Hold a workspace's lock; raises PlatformUnavailable while another process has it for long."""
        lock = self._redis.lock(
            f"glimmer:slack:refreshing:{{{tenant_id}}}",
            timeout=LOCK_SECONDS,
            blocking_timeout=LOCK_WAIT_SECONDS,
        )
        with reaching_store():
            is_ours = await lock.acquire()
        if not is_ours:
            detail = "token is being refreshed"
            raise PlatformUnavailable(detail)
        try:
            yield
        finally:
            with reaching_store():
                try:
                    await lock.release()
                except LockError:  # it took longer than the lock lives
                    log.warning("slack: a refresh outlived its lock", extra={"team": tenant_id})

    def _seconds_left(self, installation: Installation) -> float:
        if installation.expires_at is None:
            return float("inf")
        return installation.expires_at - self._clock.now().timestamp()
