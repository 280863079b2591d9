"""What the control API shows: state, messages with their growth, calls, deliveries, counts, the live feed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulators.slack.deliveries import Dispatcher, delivery_json
from simulators.slack.rendering import page_json
from simulators.slack.simulation import Simulation
from simulators.slack.socket_mode import SocketMode
from simulators.slack.web_api.view_methods import view_json
from simulators.slack.wire import JsonObject
from simulators.slack.workspace import Workspace

MAX_WAIT_SECONDS = 30.0


class Inspection:
    """Shows what the simulator holds."""

    def __init__(self, simulation: Simulation, dispatcher: Dispatcher, sockets: SocketMode) -> None:
        self._simulation = simulation
        self._dispatcher = dispatcher
        self._sockets = sockets

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/_sim/state", self._state),
            Route("/_sim/messages", self._messages),
            Route("/_sim/calls", self._calls),
            Route("/_sim/counts", self._counts),
            Route("/_sim/violations", self._violations),
            Route("/_sim/sockets", self._open_sockets),
            Route("/_sim/deliveries", self._deliveries),
            Route("/_sim/deliveries/{id}", self._delivery),
            Route("/_sim/feed", self._feed),
        ]

    async def _state(self, _request: Request) -> Response:
        """Give everything that the page needs to begin."""
        config = self._simulation.config
        workspaces = [self._workspace_json(found) for found in self._simulation.workspaces.values()]
        app = {"bot_name": config.bot_name, "commands": config.commands, "agent_view": config.agent_view}
        return JSONResponse({"app": app, "now": self._simulation.clock.now(), "workspaces": workspaces})

    def _workspace_json(self, workspace: Workspace) -> JsonObject:
        simulation = self._simulation
        return {
            "id": workspace.id,
            "name": workspace.name,
            "bot_user_id": workspace.bot_user_id,
            "installed": bool(simulation.bot_tokens(workspace.id)),
            "users": [workspace.user_json(user) for user in workspace.users.values()],
            "channels": [
                {**workspace.channel_json(channel), "members": sorted(channel.members), "kind": channel.kind}
                for channel in workspace.channels.values()
            ],
            "messages": [
                page_json(simulation, workspace, message)
                for channel in workspace.channels.values()
                for message in channel.messages.values()
            ],
            "statuses": [
                {"channel": key[0], "thread_ts": key[1], "status": status.status, "set_at": status.set_at}
                for key, status in workspace.statuses.items()
            ],
            "sessions": [
                {"channel": key[0], "thread_ts": key[1], "status": session.status, "title": session.title}
                for key, session in workspace.sessions.items()
            ],
            "prompts": [
                {"channel": key[0], "prompts": prompts} for key, prompts in workspace.prompts.items()
            ],
            "titles": [
                {"channel": key[0], "thread_ts": key[1], "title": t} for key, t in workspace.titles.items()
            ],
            "views": [
                {"user": view.user, "kind": view.kind, "view": view_json(simulation, workspace, view)}
                for view in workspace.views.values()
                if not view.closed
            ],
        }

    async def _messages(self, request: Request) -> Response:
        """Give messages in the order they came; ``channel``, ``thread_ts``, ``author=bot|user`` narrow it."""
        query = request.query_params
        found = []
        for workspace in self._simulation.workspaces.values():
            for channel in workspace.channels.values():
                if query.get("channel") not in (None, channel.id, channel.name):
                    continue
                found += [page_json(self._simulation, workspace, m) for m in channel.messages.values()]
        if "thread_ts" in query:
            found = [m for m in found if query["thread_ts"] in (m["ts"], m["thread_ts"])]
        if "author" in query:
            found = [m for m in found if m["is_bot"] == (query["author"] == "bot")]
        return JSONResponse({"messages": sorted(found, key=lambda m: str(m["ts"]))})

    async def _calls(self, request: Request) -> Response:
        """Give the calls; ``method`` and ``outcome`` narrow it."""
        query = request.query_params
        shown = [
            asdict(call)
            for call in self._simulation.ledger.calls
            if query.get("method") in (None, call.method) and query.get("outcome") in (None, call.outcome)
        ]
        return JSONResponse({"calls": shown})

    async def _counts(self, _request: Request) -> Response:
        """Count calls, 429s, violations, deliveries, acks that were late, and what is still unacked."""
        deliveries = self._dispatcher.deliveries
        attempts = [attempt for delivery in deliveries for attempt in delivery.attempts]
        seconds = sorted(a.ack_seconds for a in attempts if a.ack_seconds is not None)
        return JSONResponse(
            {
                **self._simulation.ledger.summary(),
                "deliveries": len(deliveries),
                "retries": sum(attempt.number > 0 for attempt in attempts),
                "unacked": sum(not delivery.acked for delivery in deliveries),
                "ack_seconds": {
                    "max": seconds[-1] if seconds else None,
                    "median": seconds[len(seconds) // 2] if seconds else None,
                },
                "windows": self._simulation.limiter.used(),
            }
        )

    async def _violations(self, _request: Request) -> Response:
        return JSONResponse({"violations": self._simulation.ledger.violation_list()})

    async def _open_sockets(self, _request: Request) -> Response:
        shown = [
            {"number": socket.number, "opened_at": socket.opened_at, "sent": socket.sent}
            for socket in self._sockets.sockets.values()
        ]
        return JSONResponse({"sockets": shown})

    async def _deliveries(self, request: Request) -> Response:
        """Give the deliveries; ``pending=true`` only those without an ack."""
        now = self._simulation.clock.now()
        only_pending = request.query_params.get("pending") == "true"
        shown = [delivery_json(d, now) for d in self._dispatcher.deliveries if not (only_pending and d.acked)]
        return JSONResponse({"deliveries": shown})

    async def _delivery(self, request: Request) -> Response:
        """Give one delivery, by its id or event_id; ``wait`` waits so many seconds for its end."""
        delivery = self._dispatcher.find(request.path_params["id"])
        if delivery is None:
            return JSONResponse({"ok": False, "error": "delivery_not_found"}, 404)
        wait_seconds = min(float(request.query_params.get("wait", "0")), MAX_WAIT_SECONDS)
        if wait_seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(delivery.settled.wait(), wait_seconds)
        return JSONResponse(delivery_json(delivery, self._simulation.clock.now()))

    async def _feed(self, _request: Request) -> Response:
        """Stream every change as a server-sent event."""
        # Listening begins before the answer does: a page that loads the state on opening misses nothing.
        lines = _lines(self._simulation.feed.listen())
        return StreamingResponse(lines, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _lines(changes: AsyncIterator[JsonObject]) -> AsyncIterator[str]:
    yield ": hello\n\n"
    async for change in changes:
        yield f"data: {json.dumps(change, ensure_ascii=False)}\n\n"
