"""Calls that are counted before they are made, so that Slack has nothing to refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.platforms.slack.budget import CHANNEL_POST, POST, CallBudget
from adapters.platforms.slack.client import Json, SlackClient
from bots.errors import PlatformRateLimited
from bots.messages import Conversation
from bots.ports import Clock

OURS = "our own budget"
SHORT_WAIT = 1.5  # seconds; a longer wait is the caller's affair, who also keeps the lease


@dataclass(frozen=True, slots=True)
class PacedCalls:
    """The client behind the budget."""

    client: SlackClient
    budget: CallBudget
    clock: Clock

    async def offer(
        self, place: Conversation, method: str, arguments: Mapping[str, Any], holder: str = ""
    ) -> Json:
        """Make a call that may be left out; raises PlatformRateLimited when it is too early for it."""
        wait = 0.0
        if method == POST:
            wait = await self.budget.take(place.tenant_id, CHANNEL_POST, place=place.channel_id)
        wait = wait or await self.budget.take(place.tenant_id, method, holder)
        if wait:
            raise PlatformRateLimited(OURS, retry_after=wait)
        return await self._call(place, method, arguments)

    async def insist(
        self, place: Conversation, method: str, arguments: Mapping[str, Any], holder: str = ""
    ) -> Json:
        """Make a call that must be made; raises PlatformRateLimited when the wait for it is long."""
        if method == POST:
            await self._spend(place, CHANNEL_POST, "", place.channel_id)
        await self._spend(place, method, holder, "")
        return await self._call(place, method, arguments)

    async def _spend(self, place: Conversation, method: str, holder: str, narrowed: str) -> None:
        wait = await self.budget.spend(place.tenant_id, method, holder, place=narrowed)
        if wait and wait <= SHORT_WAIT:
            await self.clock.sleep(wait)
            wait = await self.budget.spend(place.tenant_id, method, holder, place=narrowed)
        if wait:
            raise PlatformRateLimited(OURS, retry_after=wait)

    async def _call(self, place: Conversation, method: str, arguments: Mapping[str, Any]) -> Json:
        try:
            return await self.client.call(place.tenant_id, method, arguments)
        except PlatformRateLimited as error:
            # Everybody waits: a method that is refused once is refused to all (Slack docs, rate limits).
            await self.budget.block(place.tenant_id, method, error.retry_after or 1.0)
            raise
