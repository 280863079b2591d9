"""What the operator asks the gateway: is it alive, is it ready, what does it do."""

import ipaddress
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bots.errors import StoreUnavailable
from bots.line import LaneStatus
from workers.metrics import render_metrics
from workers.settings import ProcessSettings
from workers.wiring import GatewayParts


def create_operations(own: ProcessSettings, parts: GatewayParts) -> list[BaseRoute]:
    """Make the routes for health, metrics and the operator's view."""
    operations = _Operations(own, parts)
    return [
        Route("/healthz", operations.healthz),
        Route("/readyz", operations.readyz),
        Route("/metrics", operations.metrics),
        Route("/ops", operations.ops),
    ]


class _Operations:
    def __init__(self, own: ProcessSettings, parts: GatewayParts) -> None:
        self._own = own
        self._parts = parts

    async def healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(self, _: Request) -> Response:
        try:
            await self._parts.keeper.status()
        except StoreUnavailable:
            return JSONResponse({"ready": False, "redis": "away"}, status_code=503)
        problems = {name: one.problem() for name, one in self._parts.hearings.items()}
        is_ready = not any(problems.values())
        body = {"ready": is_ready, "redis": "ok"} | {name: said or "ok" for name, said in problems.items()}
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def metrics(self, request: Request) -> Response:
        if not self._is_operator(request):
            return PlainTextResponse("forbidden", status_code=403)
        try:
            lanes = await self._parts.keeper.status()
        except StoreUnavailable:
            lanes = ()
        body = render_metrics(lanes, shared_directory=self._own.prometheus_multiproc_dir)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def ops(self, request: Request) -> Response:
        if not self._is_operator(request):
            return PlainTextResponse("forbidden", status_code=403)
        try:
            lanes = await self._parts.keeper.status()
        except StoreUnavailable:
            return JSONResponse({"redis": "away"}, status_code=503)
        return JSONResponse({"redis": "ok", "lanes": [_lane(lane) for lane in lanes]})

    def _is_operator(self, request: Request) -> bool:
        """With a token only its bearer; without one only this machine."""
        token = self._own.ops_token.get_secret_value()
        if token:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            return secrets.compare_digest(given.encode(), token.encode())
        if request.headers.get("x-forwarded-for") or request.client is None:
            return False
        try:
            return ipaddress.ip_address(request.client.host).is_loopback
        except ValueError:
            return False


def _lane(lane: LaneStatus) -> dict[str, object]:
    return {
        "model": lane.model,
        "waiting": lane.waiting,
        "paused_for_seconds": round(lane.paused_for, 1),
        "slots": [
            {
                "account": one.account,
                "in_use": one.in_use,
                "limit": one.limit,
                "in_force": one.effective_limit,
            }
            for one in lane.slots
        ],
    }
