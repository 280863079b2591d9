"""Looking at the simulator: state as JSON, changes as server-sent events (nothing of it is Lark's)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulators.lark.fields import Json, dump
from simulators.lark.tenant import Tenant
from simulators.lark.views import card_view

KEEP_ALIVE_SECONDS = 15.0


def _chats(tenant: Tenant, _request: Request) -> Json:
    people = [asdict(person) for person in tenant.chats.people.values()]
    bot = {
        "name": tenant.config.bot_name,
        "open_id": tenant.chats.bot_open_id,
        "app_id": tenant.config.app_id,
    }
    return {"bot": bot, "people": people, "chats": [asdict(chat) for chat in tenant.chats.chats.values()]}


def _messages(tenant: Tenant, request: Request) -> Json:
    wanted = {
        name: request.query_params[name] for name in ("chat_id", "thread_id") if name in request.query_params
    }
    views = [tenant.view(message) for message in tenant.messages]
    return {
        "messages": [view for view in views if all(view[name] == value for name, value in wanted.items())]
    }


def _cards(tenant: Tenant, _request: Request) -> Json:
    cards = [
        {
            **card_view(entity, is_streaming=tenant.cards.is_streaming(entity, tenant.config)),
            "history": [asdict(change) for change in entity.history],
        }
        for entity in tenant.cards.entities.values()
    ]
    return {"cards": cards}


def _calls(tenant: Tenant, request: Request) -> Json:
    name = request.query_params.get("name")
    return {"calls": [asdict(call) for call in tenant.records.calls if name in {None, call.name}]}


def _violations(tenant: Tenant, _request: Request) -> Json:
    return {"violations": [asdict(violation) for violation in tenant.records.violations]}


def _deliveries(tenant: Tenant, _request: Request) -> Json:
    return {
        "deliveries": [
            {
                "event_id": delivery.event_id,
                "event_type": delivery.event_type,
                "state": delivery.state,
                "event": delivery.envelope["event"],
                "receipts": [asdict(receipt) for receipt in delivery.receipts],
            }
            for delivery in tenant.deliveries.all.values()
        ]
    }


def _status(tenant: Tenant, _request: Request) -> Json:
    config = tenant.config
    connections = [
        {"device_id": it.device_id, "pings": it.pings, "is_silent": it.is_silent}
        for it in tenant.long_connections.open.values()
    ]
    return {
        "now": tenant.clock.now(),
        "mode": config.mode,
        "connections": connections,
        "quota": {"used": tenant.quota.used, "limit": config.monthly_quota},
        "calls_in_flight": tenant.cards_in_flight.total(),
        "calls": len(tenant.records.calls),
        "violations": len(tenant.records.violations),
    }


VIEWS: dict[str, Callable[[Tenant, Request], Json]] = {
    "chats": _chats,
    "messages": _messages,
    "cards": _cards,
    "calls": _calls,
    "violations": _violations,
    "deliveries": _deliveries,
    "status": _status,
}


def routes(tenant: Tenant) -> list[Route]:
    """Make the routes of all views, of resources, and of the change feed."""

    def view(show: Callable[[Tenant, Request], Json]) -> Callable[[Request], Response]:
        def serve(request: Request) -> Response:
            return JSONResponse(show(tenant, request))

        return serve

    async def resource(request: Request) -> Response:
        found = tenant.resources.get(request.path_params["key"])
        if found is None:
            return Response(status_code=404)
        # What a bot uploads is shown, never run.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return Response(found.data, media_type=found.media_type, headers=headers)

    async def changes(_request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_changes(tenant), media_type="text/event-stream", headers=headers)

    return [
        *(Route(f"/_sim/{name}", view(show), methods=["GET"]) for name, show in VIEWS.items()),
        Route("/_sim/resources/{key}", resource, methods=["GET"]),
        Route("/_sim/changes", changes, methods=["GET"]),
    ]


async def _changes(tenant: Tenant) -> AsyncIterator[str]:
    with tenant.feed.subscription() as queue:
        yield ": listening\n\n"
        while not tenant.feed.is_closed:
            try:
                change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            yield f"data: {dump(change)}\n\n"
