"""The simulator as one web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from simulators.lark import control, inspection
from simulators.lark.api import route
from simulators.lark.config import Config
from simulators.lark.endpoints import ENDPOINTS
from simulators.lark.long_connection import refuse_handshake
from simulators.lark.tenant import Tenant

STATIC = Path(__file__).parent / "static"


def create_app(config: Config | None = None) -> Starlette:
    """Make a simulated Lark with one app and one tenant; all state lives in the returned application."""
    tenant = Tenant(config or Config())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        tenant.feed.close()
        await tenant.close()

    async def page(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def unknown(request: Request) -> Response:
        tenant.records.violate(
            tenant.clock.now(), request.url.path, 404, f"{request.method} of an unknown path"
        )
        return PlainTextResponse("404 page not found", 404)

    async def connect(websocket: WebSocket) -> None:
        fault = tenant.faults.take("ws.handshake")
        if fault:
            auth_code = int(fault.headers.get("handshake-autherrcode", "0"))
            await refuse_handshake(websocket, fault.code, fault.message, auth_code)
            return
        await tenant.long_connections.serve(websocket)

    routes = [
        *(route(tenant, endpoint) for endpoint in ENDPOINTS),
        WebSocketRoute("/ws/v2", connect),
        *inspection.routes(tenant),
        *control.routes(tenant),
        Route("/", page),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/open-apis/{path:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.tenant = tenant
    return app
