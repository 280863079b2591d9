"""The Bolt app: brings what Slack sends, over either way, to the receivers, and their answers back.

Bolt acknowledges an event before its listener has run unless ``process_before_response`` is set; with it an
acknowledgement means that the event is safe.
"""

import logging
import re
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.commands import CommandReceiver
from adapters.platforms.slack.hearing_parts import Json
from adapters.platforms.slack.interactions import InteractionReceiver
from adapters.platforms.slack.receive import EventReceiver
from bots.errors import StoreUnavailable

log = logging.getLogger(__name__)

ANYTHING = re.compile(".*", re.DOTALL)


def create_app(
    web_client: AsyncWebClient,
    events: EventReceiver,
    commands: CommandReceiver,
    interactions: InteractionReceiver,
) -> AsyncApp:
    """Build the app; everything that Slack can send has a listener, because what has none is sent again."""
    app = AsyncApp(
        client=web_client,
        logger=quiet_logger(),
        signing_secret="",  # checked before Bolt, which would log the body of what it refuses
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,  # the parser knows our own, and others' bots besides
        authorize=_authorize,
        attaching_conversation_kwargs_enabled=False,
        process_before_response=True,
    )

    async def on_event(body: Json) -> None:
        await events.receive(body)

    async def on_command(ack: AsyncAck, body: Json) -> None:
        await ack(await commands.receive(body))

    async def on_interaction(ack: AsyncAck, body: Json) -> None:
        await ack(**await interactions.receive(body))

    app.middleware(_on_rate_limit)
    app.event(ANYTHING)(on_event)
    app.command(ANYTHING)(on_command)
    for listen in (app.action, app.shortcut, app.view):
        listen(ANYTHING)(on_interaction)
    app.error(_on_error)
    return app


def quiet_logger() -> logging.Logger:
    """Give Bolt and the SDK a logger without the levels at which they write out whole messages."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.ERROR)
    return logger


async def _authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
    """Let everything in: each call finds its token itself, and nothing may be asked before the ack."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)


async def _on_rate_limit(body: Json, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:  # noqa: A002 - Bolt's name
    """Take what is no event but a type of its own, which Bolt cannot route."""
    if body.get("type") == "app_rate_limited":
        log.warning("slack: too many events, some were not sent", extra={"team": body.get("team_id")})
        return BoltResponse(status=200, body="")
    await next()
    return None


async def _on_error(error: Exception) -> BoltResponse:
    """Refuse to acknowledge, so that Slack sends it again."""
    if isinstance(error, StoreUnavailable):
        log.warning("slack: not acknowledged, redis is away")
        return BoltResponse(status=503, body="")
    log.error("slack: not acknowledged", exc_info=error)
    return BoltResponse(status=500, body="")
