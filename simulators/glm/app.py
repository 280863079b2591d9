"""The simulator as an ASGI application."""

import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulators.glm.chat import ChatDesk
from simulators.glm.config import SimulatorConfig
from simulators.glm.control_api import ControlDesk
from simulators.glm.errors import JSON_TYPE, Refusal, error_response
from simulators.glm.images import Studio
from simulators.glm.models import LISTED
from simulators.glm.simulation import Simulation
from simulators.glm.status_page import STATUS_PAGE
from simulators.glm.wire import json_bytes

BASE_PATH = "/api/paas/v4"
_LISTED_SINCE = 1_735_689_600


def create_app(config: SimulatorConfig | None = None) -> Starlette:
    """Build a simulator of its own, with nothing shared between two of them."""
    simulation = Simulation(config or SimulatorConfig())
    chat, studio, control = ChatDesk(simulation), Studio(simulation), ControlDesk(simulation)

    async def list_models(http: Request) -> Response:
        try:
            simulation.authenticate(http.headers.get("authorization"))
        except Refusal as refusal:
            return error_response(refusal)
        models = [
            {"id": name, "object": "model", "created": _LISTED_SINCE, "owned_by": "z-ai"} for name in LISTED
        ]
        return Response(json_bytes({"object": "list", "data": models}), headers={"content-type": JSON_TYPE})

    async def status_page(http: Request) -> Response:  # noqa: ARG001 - Starlette passes it
        return HTMLResponse(STATUS_PAGE)

    return Starlette(
        routes=[
            Route(f"{BASE_PATH}/chat/completions", chat.complete, methods=["POST"]),
            Route(f"{BASE_PATH}/tokenizer", chat.count, methods=["POST"]),
            Route(f"{BASE_PATH}/images/generations", studio.generate, methods=["POST"]),
            Route(f"{BASE_PATH}/models", list_models),
            Route("/files/cogview/{identity}.png", studio.serve_file),
            *control.routes(),
            Route("/", status_page),
        ],
        exception_handlers={404: _not_found},
    )


async def _not_found(http: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette passes it
    body = {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime()),
        "status": 404,
        "error": "Not Found",
        "path": http.url.path.removeprefix("/api/paas"),
    }
    return Response(json_bytes(body), 404, headers={"content-type": JSON_TYPE})
