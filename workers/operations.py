"""What the operator asks the gateway: is it alive, is it ready, what does it do."""

import base64
import binascii
import ipaddress
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bots.errors import StoreUnavailable
from workers.hosts import LOOPBACK_NAMES, host_name
from workers.listening import Listening
from workers.metrics import render_metrics
from workers.ops_page import OPS_HEADERS, OpsView
from workers.settings import ProcessSettings
from workers.usage_report import last_days, sum_by_model
from workers.wiring import GatewayParts

# A proxy on this machine makes the whole world look like this machine.
SENT_BY_PROXIES = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)
WHO_MAY_LOOK = (
    "Set OPS_TOKEN and send it as bearer token or as password; without it only this machine may look.\n"
)


def create_operations(own: ProcessSettings, parts: GatewayParts, listening: Listening) -> list[BaseRoute]:
    """Make the routes for health, metrics and the operator's view."""
    operations = _Operations(own, parts, listening)
    return [
        Route("/healthz", operations.healthz),
        Route("/readyz", operations.readyz),
        Route("/metrics", operations.metrics),
        Route("/ops", operations.ops),
    ]


class _Operations:
    def __init__(self, own: ProcessSettings, parts: GatewayParts, listening: Listening) -> None:
        self._own = own
        self._parts = parts
        self._listening = listening

    async def healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(self, _: Request) -> Response:
        try:
            await self._parts.keeper.status()
        except StoreUnavailable:
            return JSONResponse({"ready": False, "redis": "away"}, status_code=503)
        problems = self._problems()
        is_ready = not any(problems.values())
        body = {"ready": is_ready, "redis": "ok"} | {name: said or "ok" for name, said in problems.items()}
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def metrics(self, request: Request) -> Response:
        if not self._is_operator(request):
            return _forbidden()
        try:
            lanes = await self._parts.keeper.status()
        except StoreUnavailable:
            lanes = ()
        body = render_metrics(lanes, shared_directory=self._own.prometheus_multiproc_dir)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def ops(self, request: Request) -> Response:
        if not self._is_operator(request):
            return _forbidden()
        view = await self._view()
        status = 503 if view.lanes is None else 200
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(view.as_html(), status_code=status, headers=OPS_HEADERS)
        return JSONResponse(view.as_json(), status_code=status, headers=OPS_HEADERS)

    async def _view(self) -> OpsView:
        parts = self._parts
        try:
            lanes = await parts.keeper.status()
            workers = await parts.keeper.workers_alive()
            rows = await parts.ledger.by_model(last_days(parts.clock.now(), 1))
        except StoreUnavailable:
            return OpsView(None)
        lanes = tuple(sorted(lanes, key=lambda lane: lane.model))  # so that rows stay where they are
        return OpsView(lanes, workers, sum_by_model(rows), self._problems())

    def _problems(self) -> dict[str, str]:
        hearings = self._parts.hearings.items()
        return {name: self._listening.problem(name) or one.problem() for name, one in hearings}

    def _is_operator(self, request: Request) -> bool:
        """With a token who gives it; without one this machine, unless a proxy stands before us."""
        token = self._own.ops_token.get_secret_value()
        if token:
            return secrets.compare_digest(_given(request).encode(), token.encode())
        if request.client is None or any(name in request.headers for name in SENT_BY_PROXIES):
            return False
        names = {host_name(request.headers.get("host", "")), urlsplit(self._own.public_url).hostname}
        if names - LOOPBACK_NAMES - {None}:
            return False
        try:
            return ipaddress.ip_address(request.client.host).is_loopback
        except ValueError:
            return False


def _given(request: Request) -> str:
    """Take the token out of the Authorization header: a program's bearer or a browser's password."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _forbidden() -> Response:
    # The browser asks its user for the password.
    headers = {"WWW-Authenticate": 'Basic realm="Glimmer", charset="UTF-8"'}
    return PlainTextResponse(WHO_MAY_LOOK, status_code=401, headers=headers)
