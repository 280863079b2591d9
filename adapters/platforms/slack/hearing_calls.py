"""What hearing calls, out of the budget that it shares with showing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.platforms.slack.budget import FILE_INFO, POST, REPLIES
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import Json
from adapters.platforms.slack.events import PLATFORM
from bots.messages import Conversation


@dataclass(frozen=True, slots=True)
class HearingCalls:
    """Implements WebApi; methods that answers need as well are counted first."""

    paced: PacedCalls

    async def call(self, tenant_id: str, method: str, arguments: Mapping[str, Any]) -> Json:
        """Call a method; raises PlatformError, StoreUnavailable."""
        channel = str(arguments.get("channel") or "")
        place = Conversation(platform=PLATFORM, tenant_id=tenant_id, channel_id=channel)
        if method == POST:
            return await self.paced.insist(place, method, arguments)
        if method in (REPLIES, FILE_INFO):
            return await self.paced.offer(place, method, arguments)
        return await self.paced.client.call(tenant_id, method, arguments)
