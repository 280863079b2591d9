"""Slack over HTTP: one address for events, commands and interactions, each signed."""

import hashlib
import hmac
import json
import logging
import re

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bots.ports import Clock

log = logging.getLogger(__name__)

EVENTS_PATH = "/slack/events"
MOST_BYTES = 2 * 1024 * 1024
SIGNATURE_SECONDS = 300  # Slack docs, verifying requests
_DIGITS = re.compile(r"[0-9]{1,12}")


class SignedRoute:
    """Checks the signature over the raw body before anything reads it."""

    def __init__(self, app: AsyncApp, signing_secret: str, clock: Clock) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock

    def route(self) -> Route:
        """Give the route."""
        return Route(EVENTS_PATH, self._serve, methods=["POST"])

    async def _serve(self, request: Request) -> Response:
        try:
            body = await _read(request)
        except ClientDisconnect:
            return PlainTextResponse("gone", status_code=400)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not self._is_signed(request, body):
            # Neither the body nor the signature: the first may be a message, the second a guess.
            log.warning("slack: a request without a valid signature")
            return PlainTextResponse("invalid signature", status_code=401)
        if not _is_readable(request, body):
            return PlainTextResponse("unreadable body", status_code=400)
        asked = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        said = await self._app.async_dispatch(asked)
        headers = {name: value for name, value in said.first_headers().items() if name == "content-type"}
        return Response(said.body, status_code=said.status, headers=headers)

    def _is_signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not _DIGITS.fullmatch(timestamp):
            return False
        if abs(self._clock.now().timestamp() - int(timestamp)) > SIGNATURE_SECONDS:
            return False
        signed = b"v0:" + timestamp.encode() + b":" + body
        expected = "v0=" + hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        given = request.headers.get("x-slack-signature", "")
        return hmac.compare_digest(expected.encode(), given.encode())


async def _read(request: Request) -> bytes | None:
    """Read the body; None if it is larger than Slack would ever send."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _is_readable(request: Request, body: bytes) -> bool:
    try:
        text = body.decode()
        if request.headers.get("content-type", "").startswith("application/json"):
            return isinstance(json.loads(text), dict)
    except ValueError:
        return False
    return True
