"""Calls that are counted before they are made, so that Slack has nothing to refuse."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.platforms.slack.budget import CHANNEL_POST, POST, CallBudget
from adapters.platforms.slack.client import Json, SlackClient
from bots.errors import PlatformRateLimited, StoreUnavailable
from bots.messages import Conversation
from bots.ports import Clock

SHORT_WAIT = 1.5  # seconds; a longer wait is the caller's affair, who also keeps the lease


class TooEarly(PlatformRateLimited):
    """Our own budget for this method is spent for now; Slack was not asked."""


@dataclass(frozen=True, slots=True)
class PacedCalls:
    """The client behind the budget."""

    client: SlackClient
    budget: CallBudget
    clock: Clock

    async def offer(
        self, place: Conversation, method: str, arguments: Mapping[str, Any], holder: str = ""
    ) -> Json:
        """Make a call that may be left out; raises TooEarly."""
        call_id, wait = secrets.token_hex(8), 0.0
        if method == POST:
            wait = await self.budget.take(
                place.tenant_id, CHANNEL_POST, place=place.channel_id, call_id=call_id
            )
        wait = wait or await self.budget.take(place.tenant_id, method, holder, call_id=call_id)
        if wait:
            await self._land(place, method, call_id)  # it may be counted in part
            raise TooEarly(retry_after=wait)
        return await self._call(place, method, arguments, call_id)

    async def insist(
        self, place: Conversation, method: str, arguments: Mapping[str, Any], holder: str = ""
    ) -> Json:
        """Make a call that must be made; raises TooEarly when the wait for it is long."""
        call_id = secrets.token_hex(8)
        try:
            if method == POST:
                await self._spend(place, CHANNEL_POST, call_id, place=place.channel_id)
            await self._spend(place, method, call_id, holder=holder)
        except TooEarly:
            await self._land(place, method, call_id)
            raise
        return await self._call(place, method, arguments, call_id)

    async def _spend(
        self, narrowed: Conversation, method: str, call_id: str, *, holder: str = "", place: str = ""
    ) -> None:
        spend, tenant_id = self.budget.spend, narrowed.tenant_id
        wait = await spend(tenant_id, method, holder, place=place, call_id=call_id)
        if wait and wait <= SHORT_WAIT:
            await self.clock.sleep(wait)
            wait = await spend(tenant_id, method, holder, place=place, call_id=call_id)
        if wait:
            raise TooEarly(retry_after=wait)

    async def _call(
        self, place: Conversation, method: str, arguments: Mapping[str, Any], call_id: str
    ) -> Json:
        try:
            return await self.client.call(place.tenant_id, method, arguments)
        except PlatformRateLimited as error:
            # Everybody waits: a method that is refused once is refused to all (Slack docs, rate limits).
            await self.budget.block(place.tenant_id, method, error.retry_after or 1.0)
            raise
        finally:
            await self._land(place, method, call_id)

    async def _land(self, place: Conversation, method: str, call_id: str) -> None:
        with suppress(StoreUnavailable):  # then the call counts for longer than it should
            await self.budget.landed(place.tenant_id, method, call_id)
            if method == POST:
                await self.budget.landed(place.tenant_id, CHANNEL_POST, call_id, place=place.channel_id)
