"""Slack's Web API over httpx: one call, one outcome, never repeated on its own.

An SDK's default is to send a POST again when the connection breaks, which is how messages come twice.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx

from adapters.platforms.slack.installations import BotTokens
from adapters.platforms.slack.refusals import refusal_of
from bots.errors import PlatformOutcomeUnknown, PlatformUnavailable

log = logging.getLogger(__name__)

ANSWER_BYTES_MAX = 8 * 1024 * 1024  # a thread of a thousand long messages
CONNECT_SECONDS = 5.0
CALL_SECONDS = 10.0
CONNECTIONS_MAX = 200
KEEP_ALIVE_SECONDS = 5.0
# They change nothing, so a lost answer leaves nothing in doubt; Slack takes no JSON for them.
READS = frozenset(
    {
        "auth.test",
        "conversations.replies",
        "conversations.history",
        "conversations.info",
        "files.info",
        "users.info",
    }
)
FORMS = READS | {"files.getUploadURLExternal"}
# Nothing of the request can have arrived when one of these is raised.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Json = dict[str, Any]


class SlackClient:
    """Calls methods with the token of the workspace they are for."""

    def __init__(self, http: httpx.AsyncClient, tokens: BotTokens, api_url: str) -> None:
        self.http = http
        self.tokens = tokens
        self._api_url = api_url.rstrip("/") + "/"

    async def call(
        self, tenant_id: str, method: str, arguments: Mapping[str, Any], *, timeout: float = CALL_SECONDS
    ) -> Json:
        """Call a method once, within ``timeout`` seconds.

        Raises the errors of ``refusal_of``; PlatformUnavailable when Slack was not reached;
        PlatformOutcomeUnknown when it may have acted without our hearing of it; StoreUnavailable.
        """
        token = await self.tokens.bot_token(tenant_id)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with asyncio.timeout(timeout):
                answer = await self._send(method, arguments, headers, timeout)
        except UNSENT as error:
            raise PlatformUnavailable(type(error).__name__) from error
        except (httpx.TransportError, TimeoutError) as error:
            failure = PlatformUnavailable if method in READS else PlatformOutcomeUnknown
            raise failure(type(error).__name__) from error
        if answer.status == HTTPStatus.OK and answer.body.get("ok") is True:
            return answer.body
        refusal = refusal_of(answer.status, answer.body, answer.retry_after)
        log.info("slack refused", extra={"method": method, "error": refusal.detail, "status": answer.status})
        if isinstance(refusal, PlatformOutcomeUnknown) and method in READS:
            raise PlatformUnavailable(refusal.detail, retry_after=refusal.retry_after)
        raise refusal

    async def _send(
        self, method: str, arguments: Mapping[str, Any], headers: dict[str, str], timeout: float
    ) -> "_Answer":
        given = {name: value for name, value in arguments.items() if value is not None}
        # Never in the URL: a Chinese character takes nine bytes there.
        body: Json = {"data": _form(given)} if method in FORMS else {"json": given}
        limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        url = self._api_url + method
        async with self.http.stream("POST", url, headers=headers, timeout=limits, **body) as response:
            content = await read_at_most(response, ANSWER_BYTES_MAX)
            return _Answer(response.status_code, _parsed(content), response.headers.get("retry-after", ""))


class _Answer(NamedTuple):
    status: int
    body: Json
    retry_after: str


@asynccontextmanager
async def open_http() -> AsyncIterator[httpx.AsyncClient]:
    """Open the connections; nobody follows redirects by himself, for a token would go along."""
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, keepalive_expiry=KEEP_ALIVE_SECONDS)
    timeout = httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(timeout=timeout, limits=limits, follow_redirects=False) as http:
        yield http


async def read_at_most(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body up to ``max_bytes`` and leave the rest unread."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _form(arguments: Mapping[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}


def _parsed(body: bytes) -> Json:
    """Read the answer; a page of HTML says nothing."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
