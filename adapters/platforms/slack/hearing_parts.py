"""What everything that hears Slack shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.background import Background
from adapters.platforms.slack.threads import Threads
from adapters.plugin import GatewayServices

Json = dict[str, Any]


class WebApi(Protocol):
    """Slack's Web API, as far as hearing needs it."""

    async def call(self, tenant_id: str, method: str, arguments: Mapping[str, Any]) -> Json:
        """Call a method with a workspace's token; raises PlatformError, StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class HearingParts:
    """The services of the gateway and Slack's own."""

    services: GatewayServices
    api: WebApi
    threads: Threads
    askers: Askers
    background: Background
