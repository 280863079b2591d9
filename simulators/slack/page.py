"""The page at ``/``: a person watches threads grow, talks to the bot, presses its buttons."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulators.slack.files import login_page
from simulators.slack.simulation import Simulation
from simulators.slack.workspace import SlackFile

STATIC = Path(__file__).parent / "static"


class Page:
    """Serves the page, and pictures to a browser that has no bot token."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        return [
            Route("/", self._index),
            Route("/_sim/files/{id}/raw", self._raw, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def _index(self, request: Request) -> Response:
        """Show the page; with ``redir`` this address is where Slack's login page stands."""
        if "redir" in request.query_params:
            return login_page()
        return FileResponse(STATIC / "page.html")

    async def _raw(self, request: Request) -> Response:
        file = self._find(request.path_params["id"])
        if file is None or file.content is None:
            return Response("not found", 404)
        return Response(file.content, media_type=file.mimetype or "application/octet-stream")

    def _find(self, file_id: str) -> SlackFile | None:
        for workspace in self._simulation.workspaces.values():
            if file_id in workspace.files:
                return workspace.files[file_id]
        return None
