"""The control API under ``/_sim/``: it is not Slack's, and only tests and the page call it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.slack.acts import Acting, Acts
from simulators.slack.deliveries import Delivery, Dispatcher, delivery_json
from simulators.slack.events import Events
from simulators.slack.faults import Fault
from simulators.slack.http_delivery import HttpDelivery
from simulators.slack.simulation import Simulation
from simulators.slack.socket_mode import SocketMode
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel

MAX_WAIT_SECONDS = 30.0
Answer = Callable[[Request], Awaitable[JsonObject]]


class Control:
    """Scripts the simulator."""

    def __init__(
        self,
        simulation: Simulation,
        dispatcher: Dispatcher,
        events: Events,
        sockets: SocketMode,
        http: HttpDelivery,
        acts: Acts,
    ) -> None:
        self._simulation = simulation
        self._dispatcher = dispatcher
        self._events = events
        self._sockets = sockets
        self._http = http
        self._acts = acts

    def routes(self) -> list[Route]:
        """Give the routes."""
        table: dict[str, Answer] = {
            "/_sim/act/{verb}": self._act,
            "/_sim/faults": self._add_fault,
            "/_sim/faults/clear": self._clear_faults,
            "/_sim/clock": self._set_clock,
            "/_sim/sockets/disconnect": self._disconnect,
            "/_sim/events": self._send_event,
            "/_sim/deliveries/hold": self._hold,
            "/_sim/deliveries/release": self._release,
            "/_sim/deliveries/{id}/replay": self._replay,
            "/_sim/final": self._mark_final,
            "/_sim/channels": self._set_channel,
            "/_sim/files/{id}": self._set_file,
            "/_sim/app": self._set_app,
            "/_sim/verify": self._verify,
        }
        return [Route(path, _answering(handler), methods=["POST"]) for path, handler in table.items()]

    async def _act(self, request: Request) -> JsonObject:
        acting = Acting(self._simulation, await _body(request))
        result, sent = self._acts.perform(request.path_params["verb"], acting)
        wait_seconds = min(float(acting.body.get("wait_seconds") or 0), MAX_WAIT_SECONDS)
        if wait_seconds:
            await self._wait(sent, wait_seconds)
        now = self._simulation.clock.now()
        return {**result, "deliveries": [delivery_json(delivery, now) for delivery in sent]}

    @staticmethod
    async def _wait(sent: list[Delivery], seconds: float) -> None:
        for delivery in sent:
            # Real seconds: a frozen clock must not hold up the script.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(delivery.first_attempt_over.wait(), seconds)

    async def _add_fault(self, request: Request) -> JsonObject:
        self._simulation.faults.pending.append(Fault.model_validate(await _body(request)))
        return {"pending": [fault.model_dump() for fault in self._simulation.faults.pending]}

    async def _clear_faults(self, _request: Request) -> JsonObject:
        self._simulation.faults.pending.clear()
        return {}

    async def _set_clock(self, request: Request) -> JsonObject:
        """``{"freeze": true}`` stops, ``{"advance": seconds}`` pushes on, ``{"freeze": false}`` lets run."""
        body, clock = await _body(request), self._simulation.clock
        if body.get("freeze") is True:
            clock.freeze()
        elif body.get("freeze") is False:
            clock.thaw()
        clock.advance(float(body.get("advance") or 0))
        return {"now": clock.now()}

    async def _disconnect(self, request: Request) -> JsonObject:
        """``{"reason", "numbers"?, "close"?, "drop"?}``; with ``drop`` the sockets die without a word."""
        body = await _body(request)
        numbers = body.get("numbers") or list(self._sockets.sockets)
        for number in numbers:
            socket = self._sockets.sockets.get(int(number))
            if socket is None:
                continue
            if body.get("drop"):
                await self._sockets.drop(socket, code=1011)
            else:
                reason = str(body.get("reason") or "refresh_requested")
                await self._sockets.disconnect(socket, reason, close=bool(body.get("close", True)))
        return {"open": list(self._sockets.sockets)}

    async def _send_event(self, request: Request) -> JsonObject:
        """``{"event", "team"?, "times"?, "sockets"?}`` delivers any inner event, subscribed to or not."""
        body = await _body(request)
        acting = Acting(self._simulation, body)
        envelope = self._events.envelope(acting.workspace, body["event"])
        envelope |= body.get("envelope") or {}
        sent = self._dispatcher.send_event(acting.workspace.id, envelope)
        if sent:
            sockets = tuple(body.get("sockets") or ())
            sent += self._dispatcher.replay(sent[0], int(body.get("times") or 1) - 1, sockets)
        now = self._simulation.clock.now()
        return {"deliveries": [delivery_json(delivery, now) for delivery in sent]}

    async def _hold(self, _request: Request) -> JsonObject:
        if self._dispatcher.held is None:
            self._dispatcher.held = []
        return {}

    async def _release(self, request: Request) -> JsonObject:
        """``{"reverse"?, "order"?}``: send what was held, out of order if so asked."""
        body = await _body(request)
        released = self._dispatcher.release(body.get("order"), is_reversed=bool(body.get("reverse")))
        return {"released": released}

    async def _replay(self, request: Request) -> JsonObject:
        """``{"times"?, "sockets"?}``: deliver again under the same event_id."""
        body = await _body(request)
        delivery = self._dispatcher.find(request.path_params["id"])
        if delivery is None:
            raise SlackError(code="delivery_not_found")
        copies = self._dispatcher.replay(
            delivery, int(body.get("times") or 1), tuple(body.get("sockets") or ())
        )
        return {"deliveries": [copy.id for copy in copies]}

    async def _mark_final(self, request: Request) -> JsonObject:
        """``{"channel", "ts"}``: from now on any change of this message is a violation."""
        message = Acting(self._simulation, await _body(request)).message
        self._simulation.final_messages.add((message.channel, message.ts))
        return {}

    async def _set_channel(self, request: Request) -> JsonObject:
        """Make a channel (``name``, ``kind``, ``members``) or set one's ``is_archived``, ``is_read_only``."""
        body = await _body(request)
        acting = Acting(self._simulation, body)
        if "channel" not in body:
            prefix = "G" if body.get("kind") == "mpim" else "C"
            members = {str(user) for user in body.get("members") or []}
            made = Channel(self._simulation.new_id(prefix), str(body["name"]), "channel", members)
            made.kind = body["kind"] if body.get("kind") in ("group", "mpim") else "channel"
            acting.workspace.channels[made.id] = made
            return {"id": made.id}
        channel = acting.channel
        channel.is_archived = bool(body.get("is_archived", channel.is_archived))
        channel.is_read_only = bool(body.get("is_read_only", channel.is_read_only))
        return {"id": channel.id}

    async def _set_file(self, request: Request) -> JsonObject:
        """``{"mode"?, "by_redirect"?, "deleted"?}``: make a file a stub, behind a redirect, or gone."""
        body = await _body(request)
        file = Acting(self._simulation, body).workspace.files[request.path_params["id"]]
        file.mode = str(body.get("mode") or file.mode)
        file.by_redirect = bool(body.get("by_redirect", file.by_redirect))
        file.deleted = bool(body.get("deleted", file.deleted))
        return {}

    async def _set_app(self, request: Request) -> JsonObject:
        """``{"scopes"?, "rate_limits"?}``: reinstall with other scopes, switch the tiers off or on."""
        body = await _body(request)
        for installation in self._simulation.installations.values():
            if installation.kind == "bot" and "scopes" in body:
                installation.scopes = tuple(body["scopes"])
        self._simulation.limiter.enabled = bool(body.get("rate_limits", self._simulation.limiter.enabled))
        return {}

    async def _verify(self, _request: Request) -> JsonObject:
        return {"verified": await self._http.verify()}


async def _body(request: Request) -> JsonObject:
    raw = await request.body()
    if not raw:
        return {}
    body = await request.json()
    if not isinstance(body, dict):
        raise SlackError(code="json_not_object")
    return body


def _answering(handler: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Turn a handler into an endpoint; what the script got wrong is a 400 with words."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, **await handler(request)})
        except SlackError as error:
            return JSONResponse(error.body(), 400)
        except (ValidationError, KeyError, ValueError, TypeError) as error:
            return JSONResponse({"ok": False, "error": f"{type(error).__name__}: {error}"}, 400)

    return endpoint
