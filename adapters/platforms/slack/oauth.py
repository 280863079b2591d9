"""Installing the bot into further workspaces: ``/slack/install`` and where Slack sends people back to."""

import logging
import secrets
from urllib.parse import urlencode, urlsplit

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.platforms.slack.installations import InstallationStore
from adapters.platforms.slack.manifest import BOT_SCOPES
from adapters.platforms.slack.oauth_calls import OAuthCalls
from adapters.platforms.slack.settings import SlackSettings
from adapters.platforms.slack.store_errors import reaching_store
from bots.errors import PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

INSTALL_PATH = "/slack/install"
CALLBACK_PATH = "/slack/oauth_redirect"
STATE_SECONDS = 600  # a code lives as long
COOKIE = "glimmer_slack_state"


class InstallRoutes:
    """Sends people to Slack's consent page and keeps what they come back with.

    The state is in Redis, to be used once, and in a cookie, so that nobody can have somebody else's browser
    finish an installation.
    """

    def __init__(
        self, settings: SlackSettings, redis: Redis, store: InstallationStore, calls: OAuthCalls
    ) -> None:
        self._settings = settings
        self._redis = redis
        self._store = store
        self._calls = calls

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        return [Route(INSTALL_PATH, self._install), Route(CALLBACK_PATH, self._callback)]

    async def _install(self, request: Request) -> Response:
        state = secrets.token_urlsafe(24)
        try:
            with reaching_store():
                await self._redis.set(_key(state), b"", ex=STATE_SECONDS)
        except StoreUnavailable:
            return PlainTextResponse("Glimmer is not ready. Please try again in a moment.", status_code=503)
        query = {
            "client_id": self._settings.client_id,
            "scope": ",".join(BOT_SCOPES),
            "state": state,
            "redirect_uri": self._redirect_uri(request),
        }
        answer = RedirectResponse(f"{self._slack_url()}/oauth/v2/authorize?{urlencode(query)}", 302)
        is_secure = self._redirect_uri(request).startswith("https:")
        answer.set_cookie(
            COOKIE,
            state,
            max_age=STATE_SECONDS,
            path="/slack",
            secure=is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    async def _callback(self, request: Request) -> Response:
        query = request.query_params
        try:
            if not await self._is_expected(request):
                return _say(
                    "This link is not (or no longer) valid. Please begin again at /slack/install.", 400
                )
            if query.get("error") or not query.get("code"):
                return _say("Glimmer was not installed.", 400)
            installation = await self._calls.exchange(query["code"], self._redirect_uri(request))
            await self._store.save(installation)
        except StoreUnavailable:
            return _say("Glimmer is not ready. Please try again in a moment.", 503)
        except PlatformError as error:
            log.warning("slack: not installed", extra={"error": error.detail})
            return _say("Slack did not confirm the installation. Please begin again at /slack/install.", 502)
        log.info("slack: installed", extra={"team": installation.tenant_id})
        return _say("Glimmer is installed. Mention it in a channel, or write to it directly.", 200)

    async def _is_expected(self, request: Request) -> bool:
        """Use up the state; raises StoreUnavailable."""
        state = request.query_params.get("state", "")
        cookie = request.cookies.get(COOKIE, "")
        if not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            return False
        with reaching_store():
            return bool(await self._redis.delete(_key(state)))

    def _redirect_uri(self, request: Request) -> str:
        base = self._settings.public_url or str(request.base_url)
        return base.rstrip("/") + CALLBACK_PATH

    def _slack_url(self) -> str:
        parts = urlsplit(self._settings.api_url)
        return f"{parts.scheme}://{parts.netloc}"


def _say(sentence: str, status: int) -> Response:
    answer = PlainTextResponse(sentence, status_code=status)
    answer.delete_cookie(COOKIE, path="/slack")
    return answer


def _key(state: str) -> str:
    return f"glimmer:slack:state:{{{state}}}"
