"""Lark's open API over HTTP: one call, one answer, every size and every wait bounded."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from redis.asyncio import Redis

from adapters.platforms.lark.errors import AppMisconfigured, Refusal, ScopeMissing, TokenRefused, error_for
from adapters.platforms.lark.settings import LarkSettings
from adapters.platforms.lark.tokens import TenantToken, TokenCache
from bots.errors import AttachmentTooLarge, PlatformOutcomeUnknown, PlatformUnavailable
from bots.ports import Clock

log = logging.getLogger(__name__)

Json = dict[str, Any]
Answer = TypeVar("Answer")
CALL_SECONDS = 8.0  # a reply's lock must outlive one call
UPLOAD_SECONDS = 40.0
CONNECT_SECONDS = 4.0
MAX_ANSWER_BYTES = 1024 * 1024
MAX_CONNECTIONS = 100
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One API; ``name`` is what errors and budgets know it by."""

    name: str
    method: str
    path: str
    changes: bool = True  # whether a lost answer leaves it open what was done

    def at(self, **parts: str) -> str:
        """Fill the path in; whatever a part holds, it stays one part."""
        return self.path.format(**{name: quote(part, safe="") for name, part in parts.items()})


REPLY = Endpoint("message.reply", "POST", "/open-apis/im/v1/messages/{message_id}/reply")
CREATE = Endpoint("message.create", "POST", "/open-apis/im/v1/messages")
EDIT = Endpoint("message.edit", "PUT", "/open-apis/im/v1/messages/{message_id}")
PATCH = Endpoint("message.patch", "PATCH", "/open-apis/im/v1/messages/{message_id}")
RECALL = Endpoint("message.recall", "DELETE", "/open-apis/im/v1/messages/{message_id}")
CARD_CREATE = Endpoint("card.create", "POST", "/open-apis/cardkit/v1/cards")
CARD_REPLACE = Endpoint("card.update", "PUT", "/open-apis/cardkit/v1/cards/{card_id}")
CARD_SETTINGS = Endpoint("card.settings", "PATCH", "/open-apis/cardkit/v1/cards/{card_id}/settings")
CARD_BATCH = Endpoint("card.batch_update", "POST", "/open-apis/cardkit/v1/cards/{card_id}/batch_update")
CARD_CONTENT = Endpoint(
    "card.content", "PUT", "/open-apis/cardkit/v1/cards/{card_id}/elements/{element_id}/content"
)
IMAGE_CREATE = Endpoint("image.create", "POST", "/open-apis/im/v1/images")
IMAGE_GET = Endpoint("image.get", "GET", "/open-apis/im/v1/images/{image_key}", changes=False)
RESOURCE_GET = Endpoint(
    "resource.get", "GET", "/open-apis/im/v1/messages/{message_id}/resources/{file_key}", changes=False
)
TOKEN = Endpoint("token", "POST", TOKEN_PATH, changes=False)


class LarkClient:
    """Makes calls with a valid token; a refused token is fetched anew once."""

    def __init__(self, http: httpx.AsyncClient, settings: LarkSettings, redis: Redis, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        app = f"{settings.app_id}@{settings.domain}"
        self._tokens = TokenCache(redis, clock, app=app, fetch=self._fetch_token)

    async def call(
        self, endpoint: Endpoint, path: str, body: Json, *, query: Mapping[str, str] | None = None
    ) -> Json:
        """Call with a JSON body and give the answer's ``data``.

        Raises what ``error_for`` makes of a refusal, PlatformUnavailable when nothing was done, and
        PlatformOutcomeUnknown when a change may have been made.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = self._http.build_request(
            endpoint.method, path, content=content, headers=headers, params=query
        )
        return await self._authorised(endpoint, request, CALL_SECONDS)

    async def upload(self, endpoint: Endpoint, data: bytes, name: str, form: Mapping[str, str]) -> Json:
        """Send a file as the part ``image``; raises like ``call``."""
        request = self._http.build_request(
            endpoint.method, endpoint.path, files={"image": (name, data)}, data=dict(form)
        )
        await request.aread()
        return await self._authorised(endpoint, request, UPLOAD_SECONDS)

    async def download(
        self, endpoint: Endpoint, path: str, *, query: Mapping[str, str], max_bytes: int
    ) -> bytes:
        """Read a file; raises AttachmentTooLarge above ``max_bytes``, else like ``call``."""

        async def attempt(token: str) -> bytes:
            request = self._http.build_request(endpoint.method, path, params=query)
            request.headers["Authorization"] = f"Bearer {token}"
            return await self._read_file(endpoint, request, max_bytes)

        return await self._with_token(attempt)

    async def _authorised(self, endpoint: Endpoint, request: httpx.Request, seconds: float) -> Json:
        async def attempt(token: str) -> Json:
            request.headers["Authorization"] = f"Bearer {token}"
            return _data(await self._answer(endpoint, request, seconds))

        return await self._with_token(attempt)

    async def _with_token(self, attempt: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Try with a token, and once more with another one when Lark refuses it."""
        token = await self._tokens.get()
        try:
            return await attempt(token)
        except TokenRefused:
            await self._tokens.drop(token)
        return await attempt(await self._tokens.get())

    async def _answer(self, endpoint: Endpoint, request: httpx.Request, seconds: float) -> Json:
        async with self._sent(endpoint, request, seconds) as response:
            body = await _read(response, MAX_ANSWER_BYTES)
            return _judged(endpoint, response, body)

    async def _read_file(self, endpoint: Endpoint, request: httpx.Request, max_bytes: int) -> bytes:
        async with self._sent(endpoint, request, UPLOAD_SECONDS) as response:
            if response.is_error or response.headers.get("content-type", "").startswith("application/json"):
                _judged(endpoint, response, await _read(response, MAX_ANSWER_BYTES))
            if int(response.headers.get("content-length") or 0) > max_bytes:
                raise AttachmentTooLarge(limit=max_bytes)
            data = await _read(response, max_bytes + 1)
        if len(data) > max_bytes:
            raise AttachmentTooLarge(limit=max_bytes)
        return data

    @asynccontextmanager
    async def _sent(
        self, endpoint: Endpoint, request: httpx.Request, seconds: float
    ) -> AsyncIterator[httpx.Response]:
        """Send and lend the response; the whole exchange takes at most ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                response = await self._http.send(request, stream=True)
                try:
                    yield response
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise PlatformUnavailable(f"{endpoint.name}: {type(error).__name__}") from error
        except (TimeoutError, httpx.TransportError) as error:
            kind = PlatformOutcomeUnknown if endpoint.changes else PlatformUnavailable
            raise kind(f"{endpoint.name}: {type(error).__name__}") from error

    async def _fetch_token(self) -> TenantToken:
        body = {
            "app_id": self._settings.app_id,
            "app_secret": self._settings.app_secret.get_secret_value(),
        }
        began_at = self._clock.now().timestamp()
        request = self._http.build_request("POST", TOKEN_PATH, json=body)
        answer = await self._answer(TOKEN, request, CALL_SECONDS)
        try:
            return TenantToken(str(answer["tenant_access_token"]), began_at + float(answer["expire"]))
        except (KeyError, TypeError, ValueError) as error:
            detail = "token: an answer without a token"
            raise PlatformUnavailable(detail) from error


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _judged(endpoint: Endpoint, response: httpx.Response, body: bytes) -> Json:
    """Trust the code in the body, not the HTTP status; raises what ``error_for`` makes of a refusal."""
    log_id = response.headers.get("x-tt-logid", "")
    try:
        answer = json.loads(body)
        code = int(answer["code"])
    except (ValueError, KeyError, TypeError) as error:
        detail = f"{endpoint.name}: HTTP {response.status_code} without a code (log id {log_id})"
        # A gateway in between speaks: what it passed on before nobody knows.
        kind = PlatformOutcomeUnknown if endpoint.changes else PlatformUnavailable
        raise kind(detail) from error
    if code == 0:
        return dict(answer)
    refusal = Refusal(
        endpoint=endpoint.name,
        status=response.status_code,
        code=code,
        message=str(answer.get("msg", "")),
        log_id=log_id,
        reset=_seconds(response.headers.get("x-ogw-ratelimit-reset")),
    )
    problem = error_for(refusal)
    if isinstance(problem, ScopeMissing | AppMisconfigured):
        # For the admin: Lark names the missing scope and links to the page that grants it.
        log.error("lark refuses the app", extra={"code": code, "hint": refusal.message[:500]})
    raise problem


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _data(answer: Json) -> Json:
    data = answer.get("data")
    return data if isinstance(data, dict) else answer  # bot/v3/info answers without "data" around it


@asynccontextmanager
async def open_client(settings: LarkSettings, redis: Redis, clock: Clock) -> AsyncIterator[LarkClient]:
    """Open the connections of one process."""
    timeout = httpx.Timeout(UPLOAD_SECONDS, connect=CONNECT_SECONDS)
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS // 2)
    async with httpx.AsyncClient(base_url=settings.domain, timeout=timeout, limits=limits) as http:
        yield LarkClient(http, settings, redis, clock)
