"""Events over HTTP, at /lark/events."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.platforms.lark.crypto import Unreadable, decrypt, is_same, is_signed
from adapters.platforms.lark.events_fields import JsonObject, object_at, parse_object, text_at
from adapters.platforms.lark.receive import Receiver
from adapters.platforms.lark.settings import LarkSettings
from bots.errors import StoreUnavailable

log = logging.getLogger(__name__)

PATH = "/lark/events"
MAX_BODY_BYTES = 1024 * 1024  # a message is at most 150 KB; encryption adds a third


class Refused(Exception):
    """A request that is not Lark's; the text is for the log."""

    def __init__(self, *, why: str, status: int = 403) -> None:
        super().__init__(why)
        self.status = status


class Webhook:
    """Takes in events that prove to be Lark's; without a secret to check there is no such proof."""

    def __init__(self, settings: LarkSettings, receiver: Receiver) -> None:
        self._encrypt_key = settings.encrypt_key.get_secret_value()
        self._token = settings.verification_token.get_secret_value()
        self._receiver = receiver

    @property
    def route(self) -> Route:
        """Give the one route there is."""
        return Route(PATH, self._answer, methods=["POST"])

    def problem(self) -> str:
        """Tell what is missing to hear anything."""
        if self._encrypt_key or self._token:
            return ""
        return "set LARK_ENCRYPT_KEY and LARK_VERIFICATION_TOKEN"

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._take_in(request)
        except Refused as refused:
            log.warning("webhook refused", extra={"why": str(refused)})
            return JSONResponse({}, refused.status)
        except StoreUnavailable as error:
            # Anything but 200 has Lark try again after 15 s, 5 min, 1 h and 6 h.
            log.warning("event not kept", extra={"error": str(error)})
            return JSONResponse({}, 503)

    async def _take_in(self, request: Request) -> Response:
        if self.problem():
            raise Refused(why=self.problem())
        body = await _read(request)
        event = parse_object(body)
        if self._encrypt_key:
            event = self._decrypted(event)
        if event.get("type") == "url_verification":  # a challenge need not be signed
            self._check_token(text_at(event, "token"))
            return JSONResponse({"challenge": text_at(event, "challenge")})
        if self._encrypt_key:
            self._check_signature(request, body)
        self._check_token(text_at(object_at(event, "header"), "token"))
        return JSONResponse(await self._receiver.receive(event) or {})

    def _decrypted(self, body: JsonObject) -> JsonObject:
        try:
            return parse_object(decrypt(text_at(body, "encrypt"), self._encrypt_key))
        except Unreadable as error:
            raise Refused(why="not encrypted with our key") from error

    def _check_signature(self, request: Request, body: bytes) -> None:
        headers = request.headers  # finds them in whatever case
        if not is_signed(
            body,
            timestamp=headers.get("x-lark-request-timestamp", ""),
            nonce=headers.get("x-lark-request-nonce", ""),
            signature=headers.get("x-lark-signature", ""),
            encrypt_key=self._encrypt_key,
        ):
            raise Refused(why="wrong signature")

    def _check_token(self, claimed: str) -> None:
        if self._token and not is_same(self._token, claimed):
            raise Refused(why="wrong verification token")


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(why="too large", status=413)
    return bytes(body)
