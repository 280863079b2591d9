"""The hearing side of Slack, put together; imports the SDK, so a worker never imports it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import BaseRoute

from adapters.platforms.slack.app import create_app, quiet_logger
from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.asking import Asking
from adapters.platforms.slack.background import Background
from adapters.platforms.slack.budget import CallBudget
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import SlackClient, open_http
from adapters.platforms.slack.commands import CommandReceiver
from adapters.platforms.slack.hearing_calls import HearingCalls
from adapters.platforms.slack.hearing_parts import HearingParts
from adapters.platforms.slack.home import HomeTab
from adapters.platforms.slack.http import SignedRoute
from adapters.platforms.slack.installations import InstallationStore
from adapters.platforms.slack.interactions import InteractionReceiver
from adapters.platforms.slack.listener import SocketListener
from adapters.platforms.slack.modals import Modals
from adapters.platforms.slack.oauth import InstallRoutes
from adapters.platforms.slack.oauth_calls import OAuthCalls
from adapters.platforms.slack.receive import EventReceiver
from adapters.platforms.slack.settings import SlackSettings
from adapters.platforms.slack.threads import Threads
from adapters.platforms.slack.tokens import bot_tokens
from adapters.plugin import GatewayServices, Hearing

CONNECT_SECONDS = 10  # for opening a socket; all other calls have their own patience


@asynccontextmanager
async def open_hearing(settings: SlackSettings, services: GatewayServices) -> AsyncIterator[Hearing]:
    """Open Socket Mode, HTTP or both, as the settings say."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        tokens = bot_tokens(settings, services.redis, services.clock, http)
        client = SlackClient(http, tokens, settings.api_url)
        background = Background()
        stack.push_async_callback(background.close)
        parts = HearingParts(
            services=services,
            api=HearingCalls(PacedCalls(client, CallBudget(services.redis), services.clock)),
            threads=Threads(services.redis),
            askers=Askers(services.redis),
            background=background,
        )
        routes: list[BaseRoute] = []
        installations: InstallationStore | None = None
        if settings.client_id:
            installations = InstallationStore(services.redis, settings.token_key)
            calls = OAuthCalls(settings, http, services.clock)
            routes += InstallRoutes(settings, services.redis, installations, calls).routes()
        app = create_app(_web_client(settings), *_receivers(parts, installations))
        if secret := settings.signing_secret.get_secret_value():
            routes.append(SignedRoute(app, secret, services.clock).route())
        if not (app_token := settings.app_token.get_secret_value()):
            yield Hearing(routes=tuple(routes))
            return
        sockets = SocketListener(app, app_token, settings.sockets, services.clock)
        yield Hearing(routes=tuple(routes), listen=sockets.listen, problem=sockets.problem)


def _receivers(
    parts: HearingParts, installations: InstallationStore | None
) -> tuple[EventReceiver, CommandReceiver, InteractionReceiver]:
    services = parts.services
    home = HomeTab(parts.api, services.preferences, services.models)
    asking = Asking(parts)
    return (
        EventReceiver(parts, home, installations),
        CommandReceiver(parts, asking),
        InteractionReceiver(parts, home, Modals(parts, asking)),
    )


def _web_client(settings: SlackSettings) -> AsyncWebClient:
    return AsyncWebClient(
        base_url=settings.api_url.rstrip("/") + "/", timeout=CONNECT_SECONDS, logger=quiet_logger()
    )
