"""``oauth.v2.access``: a code, or a refresh token, becomes a bot token (Slack docs, OAuth)."""

import logging
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.platforms.slack.client import read_at_most
from adapters.platforms.slack.installations import Installation
from adapters.platforms.slack.payloads import Flag, Maybe, Named, Text
from adapters.platforms.slack.refusals import refusal_of
from adapters.platforms.slack.settings import SlackSettings
from bots.errors import PlatformDenied, PlatformUnavailable
from bots.ports import Clock

log = logging.getLogger(__name__)

ANSWER_BYTES_MAX = 1024 * 1024


class _Granted(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    refresh_token: Text = ""
    expires_in: float | None = None
    bot_user_id: Text = ""
    team: Maybe = Named()
    enterprise: Maybe = Named()
    is_enterprise_install: Flag = False


class OAuthCalls:
    """Speaks to Slack as the app itself."""

    def __init__(self, settings: SlackSettings, http: httpx.AsyncClient, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock

    async def exchange(self, code: str, redirect_uri: str) -> Installation:
        """Change a code for a token; raises PlatformDenied, PlatformUnavailable."""
        granted = await self._access({"code": code, "redirect_uri": redirect_uri})
        home = granted.enterprise.id if granted.is_enterprise_install else granted.team.id
        return self._installation(granted, home, granted.bot_user_id)

    async def refresh(self, old: Installation) -> Installation:
        """Change a refresh token for the next token; raises PlatformDenied, PlatformUnavailable."""
        granted = await self._access({"grant_type": "refresh_token", "refresh_token": old.refresh_token})
        return self._installation(granted, old.tenant_id, granted.bot_user_id or old.bot_user_id)

    def _installation(self, granted: _Granted, tenant_id: str, bot_user_id: str) -> Installation:
        ends = None if granted.expires_in is None else self._clock.now().timestamp() + granted.expires_in
        return Installation(
            tenant_id=tenant_id,
            bot_user_id=bot_user_id,
            bot_token=granted.access_token,
            refresh_token=granted.refresh_token,
            expires_at=ends,
        )

    async def _access(self, form: dict[str, str]) -> _Granted:
        url = self._settings.api_url.rstrip("/") + "/oauth.v2.access"
        secret = self._settings.client_secret.get_secret_value()
        identity = httpx.BasicAuth(self._settings.client_id, secret)
        try:
            async with self._http.stream("POST", url, data=form, auth=identity) as response:
                content = await read_at_most(response, ANSWER_BYTES_MAX)
                status, retry_after = response.status_code, response.headers.get("retry-after", "")
        except httpx.HTTPError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        body = _parsed(content)
        if body.get("ok") is not True:
            raise refusal_of(status, body, retry_after)
        try:
            return _Granted.model_validate(body)
        except ValidationError as error:
            detail = "unknown answer"
            raise PlatformDenied(detail) from error


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        return _Body.model_validate_json(content).model_dump()
    except ValidationError:
        return {}


class _Body(BaseModel):
    model_config = ConfigDict(extra="allow")
