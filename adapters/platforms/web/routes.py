"""The playground's HTTP: the page, its files, and the API that the page and scripts use."""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from adapters.platforms.web.assets import SECURITY_HEADERS, load_assets, send_asset
from adapters.platforms.web.events import MalformedField, is_thread_name, parse_press
from adapters.platforms.web.hub import EventHub
from adapters.platforms.web.receive import Receiver
from adapters.platforms.web.refusals import RequestRefused, locale_of, refusal, require_same_site
from adapters.platforms.web.sentences import Sentence
from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.store import WebStore
from adapters.platforms.web.streams import thread_events
from adapters.platforms.web.uploads import capped
from bots.errors import BotError
from bots.events import BotEvent
from bots.ports import Clock

Handle = Callable[[BotEvent], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]

INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
MAX_ACTION_BYTES = 16 * 1024
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def create_routes(
    store: WebStore, settings: WebSettings, handle: Handle, clock: Clock, *, hub: EventHub | None = None
) -> list[BaseRoute]:
    """Make the routes; ``await hub.close()`` on a shutdown's first sign ends the open event streams."""
    page = _Page()
    api = _Api(store, settings, handle, clock, hub or EventHub(store, clock))
    return [
        Route("/", _guarded(page.index), name="playground"),
        Route("/static/{path:path}", _guarded(page.asset)),
        Route("/api/threads/{thread}/messages", _guarded(api.send), methods=["POST"]),
        Route("/api/threads/{thread}", _guarded(api.thread)),
        Route("/api/threads/{thread}/events", _guarded(api.events)),
        Route("/api/threads/{thread}/messages/{message_id}/actions", _guarded(api.act), methods=["POST"]),
        Route("/api/files/{file_id}", _guarded(api.file)),
    ]


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            _require_thread_name(request)
            if request.method == "POST":
                require_same_site(request)
            return await endpoint(request)
        except RequestRefused as refused:
            return refusal(request, refused)
        except BotError as error:
            transient = RequestRefused(503, "unavailable")
            return refusal(request, transient if error.is_transient else RequestRefused(500, "failed"))

    return answer


def _require_thread_name(request: Request) -> None:
    thread = request.path_params.get("thread")
    if thread is not None and not is_thread_name(thread):
        raise RequestRefused(400, "bad_thread")


class _Page:
    """The page itself."""

    def __init__(self) -> None:
        self._assets = load_assets()

    async def index(self, request: Request) -> Response:
        return send_asset(request, self._assets["index.html"])

    async def asset(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            return Response("not found", status_code=404, media_type="text/plain", headers=SECURITY_HEADERS)
        return send_asset(request, asset)


class _Api:
    """The API below ``/api``."""

    def __init__(
        self, store: WebStore, settings: WebSettings, handle: Handle, clock: Clock, hub: EventHub
    ) -> None:
        self._store = store
        self._settings = settings
        self._handle = handle
        self._clock = clock
        self._hub = hub
        self._receiver = Receiver(store, settings, handle, clock)

    async def send(self, request: Request) -> Response:
        message_id = await self._receiver.receive(request)
        return JSONResponse({"message_id": message_id}, status_code=202, headers=NO_STORE)

    async def thread(self, request: Request) -> Response:
        states = await self._store.snapshot(request.path_params["thread"])
        body = b'{"messages":[' + b",".join(state.state for state in states) + b"]}"
        return Response(body, media_type="application/json", headers=NO_STORE)

    async def events(self, request: Request) -> Response:
        thread = request.path_params["thread"]
        # So that a Redis that is away is a 503 the page can show, not a stream that stays silent.
        await self._store.reach()
        stream = thread_events(
            thread,
            store=self._store,
            hub=self._hub,
            clock=self._clock,
            keep_alive_seconds=self._settings.keep_alive_seconds,
        )
        headers = {**NO_STORE, "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        thread, message_id = request.path_params["thread"], request.path_params["message_id"]
        fields = await _json_object(request)
        try:
            event = parse_press(fields, thread=thread, reply_id=message_id, locale=locale_of(request))
        except MalformedField as error:
            name: Sentence = "unknown_action" if error.field == "action" else "bad_client_id"
            raise RequestRefused(400, name) from error
        message = await self._store.message(thread, message_id)
        if message is None or message.author != "bot":
            raise RequestRefused(404, "no_message")
        await self._handle(event)
        return JSONResponse({"press_id": event.press_id}, status_code=202, headers=NO_STORE)

    async def file(self, request: Request) -> Response:
        stored = await self._store.file(request.path_params["file_id"])
        if stored is None:
            raise RequestRefused(404, "no_file")
        is_inline = stored.media_type in INLINE_TYPES
        kind = "inline" if is_inline else "attachment"
        headers = {
            **SECURITY_HEADERS,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(stored.name, safe='')}",
            "Cache-Control": f"private, max-age={self._settings.retention_seconds}, immutable",
        }
        media_type = stored.media_type if is_inline else "application/octet-stream"
        return Response(stored.data, media_type=media_type, headers=headers)


async def _json_object(request: Request) -> dict[str, object]:
    limited = Request(request.scope, capped(request.receive, MAX_ACTION_BYTES))
    try:
        fields = json.loads(await limited.body())
    except (ValueError, ClientDisconnect) as error:
        raise RequestRefused(400, "bad_json") from error
    if not isinstance(fields, dict):
        raise RequestRefused(400, "bad_json")
    return fields
