"""Puts the simulator together as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.slack.acts import Acts
from simulators.slack.bad_days import with_faults
from simulators.slack.config import SlackSimulatorConfig
from simulators.slack.control import Control
from simulators.slack.deliveries import Dispatcher
from simulators.slack.events import Events
from simulators.slack.files import FileStore
from simulators.slack.http_delivery import HttpDelivery
from simulators.slack.inspection import Inspection
from simulators.slack.interactions import Interactions
from simulators.slack.oauth import authorize
from simulators.slack.page import Page
from simulators.slack.people import People
from simulators.slack.response_urls import ResponseUrls
from simulators.slack.seed import seed
from simulators.slack.simulation import Simulation
from simulators.slack.socket_mode import SocketMode
from simulators.slack.timeline import Timeline
from simulators.slack.web_api import apps, chat, conversations, sessions, streaming, view_methods
from simulators.slack.web_api.calls import Method
from simulators.slack.web_api.endpoint import WebApi
from simulators.slack.web_api.file_methods import FileMethods


class _NoteBaseUrl:
    """Learns from the first request under which address the simulator is reached, for the URLs it gives."""

    def __init__(self, app: ASGIApp, simulation: Simulation) -> None:
        self._app = app
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._simulation.base_url and scope["type"] == "http":
            self._simulation.base_url = str(Request(scope).base_url).rstrip("/")
        await self._app(scope, receive, send)


def create_app(config: SlackSimulatorConfig | None = None) -> Starlette:
    """Make a fresh simulated Slack; nothing is kept when it ends."""
    simulation = Simulation(config or SlackSimulatorConfig())
    seed(simulation)
    sockets, http = SocketMode(simulation), HttpDelivery(simulation)
    dispatcher = Dispatcher(simulation, sockets if simulation.config.uses_socket_mode else http)
    events = Events(simulation, dispatcher)
    timeline = Timeline(simulation, events)
    files = FileStore(simulation, timeline)
    responses = ResponseUrls(simulation, timeline)
    interactions = Interactions(simulation, dispatcher, timeline, responses)
    acts = Acts(People(simulation, timeline, files), interactions)
    web_api = WebApi(simulation, timeline, sockets, _methods(files))

    async def authorise(request: Request) -> Response:
        return authorize(simulation, request)

    routes: list[BaseRoute] = [
        Route("/api/{method}", web_api.serve, methods=["GET", "POST"]),
        Route("/upload/v1/{key}", with_faults(simulation, "upload", files.take_upload), methods=["POST"]),
        Route("/files-pri/{name}/{rest:path}", with_faults(simulation, "download", files.download)),
        Route("/files-cdn/{name}/{rest:path}", with_faults(simulation, "download", files.download)),
        Route("/response/{key}", with_faults(simulation, "response_url", responses.serve), methods=["POST"]),
        Route("/oauth/v2/authorize", authorise),
        WebSocketRoute("/link/", sockets.serve),
        WebSocketRoute("/link", sockets.serve),
        *Inspection(simulation, dispatcher, sockets).routes(),
        *Page(simulation).routes(),
        *Control(simulation, dispatcher, events, sockets, http, acts).routes(),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await simulation.close()
        await http.close()

    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(_NoteBaseUrl, simulation=simulation)
    app.state.simulation = simulation
    return app


def _methods(files: FileStore) -> dict[str, Method]:
    """Gather the families; a file upload of the old kind is refused as retired."""
    return {
        **apps.METHODS,
        **chat.METHODS,
        **streaming.METHODS,
        **sessions.METHODS,
        **conversations.METHODS,
        **view_methods.METHODS,
        **FileMethods(files).methods(),
    }
