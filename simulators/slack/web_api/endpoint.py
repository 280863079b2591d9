"""Takes a call of ``/api/<method>`` through Slack's gates: token, rate limit, scope, arguments, handler."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from simulators.slack.bad_days import BrokenConnection
from simulators.slack.faults import Fault
from simulators.slack.ledger import CallRecord
from simulators.slack.oauth import access
from simulators.slack.simulation import Installation, Simulation
from simulators.slack.socket_mode import SocketMode
from simulators.slack.timeline import Timeline
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.wire import Arguments, JsonObject, SlackError

MAX_BODY_BYTES = 4 << 20
# Slack names no cap; common front ends refuse a request line above 8 kB.
MAX_URL_BYTES = 8 << 10
TOKEN_KINDS = {"bot": ("xoxb-", "xoxe.xoxb-"), "app": ("xapp-",)}


class WebApi:
    """The Web API of the simulated Slack."""

    def __init__(
        self, simulation: Simulation, timeline: Timeline, sockets: SocketMode, methods: dict[str, Method]
    ) -> None:
        self._simulation = simulation
        self._timeline = timeline
        self._sockets = sockets
        self._methods = methods

    async def serve(self, request: Request) -> Response:
        """Answer one HTTP request."""
        name = request.path_params["method"]
        if len(str(request.url)) > MAX_URL_BYTES:
            return HTMLResponse("<html>414 URI Too Long</html>", 414)
        fault = self._simulation.faults.take(name)
        if fault is not None and fault.kind == "slow":
            await self._simulation.clock.sleep(fault.seconds)
        if fault is not None and fault.kind == "http_error":
            self._note(name, "", f"http_{fault.status}", fault.status, {})
            return HTMLResponse("<html><body>Something went wrong</body></html>", fault.status)
        answer = await self._answer(request, name, fault)
        if fault is not None and fault.kind == "hang_after":
            await self._simulation.clock.sleep(fault.seconds)
            return HTMLResponse("<html>504 Gateway Timeout</html>", 504)
        if fault is not None and fault.kind == "drop_after":
            return BrokenConnection()
        return answer

    async def _answer(self, request: Request, name: str, fault: Fault | None) -> Response:
        team, arguments, headers = "", Arguments({}), {}
        try:
            method = self._methods.get(name)
            arguments = await read_arguments(request, takes_json=method is None or method.takes_json)
            refusal = fault.refusal() if fault is not None else None
            if name == "oauth.v2.access":
                body = self._oauth(arguments, request, refusal)
            elif method is None:
                raise SlackError(code="unknown_method", extra={"req_method": name})  # noqa: TRY301 - one exit
            else:
                installation = self._authorise(request, arguments, method)
                team = installation.team
                headers = {"x-oauth-scopes": ",".join(installation.scopes)}
                headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
                body = self._run(name, method, installation, arguments, refusal)
        except SlackError as error:
            self._note(name, team, error.code, error.status, arguments.values)
            if error.retry_after is not None:
                headers["retry-after"] = str(error.retry_after)
            return JSONResponse(error.body(), error.status, headers)
        self._note(name, team, "ok", 200, arguments.values)
        return JSONResponse({"ok": True, **body}, headers=headers)

    def _run(
        self,
        name: str,
        method: Method,
        installation: Installation,
        arguments: Arguments,
        refusal: SlackError | None,
    ) -> JsonObject:
        if refusal is not None:
            raise refusal
        self._simulation.limiter.admit((name, installation.team), method.tier.value)
        if method.scopes and not set(method.scopes) & set(installation.scopes):
            provided = ",".join(installation.scopes)
            raise SlackError(code="missing_scope", extra={"needed": method.scopes[0], "provided": provided})
        workspace = self._simulation.workspaces[installation.team]
        call = Call(name, arguments, self._simulation, self._timeline, self._sockets, installation, workspace)
        return method.handler(call)

    def _oauth(self, arguments: Arguments, request: Request, refusal: SlackError | None) -> JsonObject:
        if refusal is not None:
            raise refusal
        return access(self._simulation, arguments, request.headers.get("authorization", ""))

    def _authorise(self, request: Request, arguments: Arguments, method: Method) -> Installation:
        """Find the token's installation; raises SlackError as Slack words a wrong one."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not token and not request.headers.get("content-type", "").startswith("application/json"):
            token = arguments.text("token")
        if not token:
            raise SlackError(code="not_authed")
        installation = self._simulation.installations.get(token)
        if installation is None:
            raise SlackError(code="invalid_auth")
        if installation.revoked:
            raise SlackError(code="token_revoked")
        if installation.expires_at is not None and installation.expires_at <= self._simulation.clock.now():
            raise SlackError(code="token_expired")
        if not token.startswith(TOKEN_KINDS[method.caller]):
            raise SlackError(code="not_allowed_token_type")
        return installation

    def _note(self, name: str, team: str, outcome: str, status: int, arguments: JsonObject) -> None:
        shown = {key: value for key, value in arguments.items() if key not in ("token", "client_secret")}
        at = self._simulation.clock.now()
        self._simulation.ledger.note_call(CallRecord(at, name, team, outcome, status, shown))


async def read_arguments(request: Request, *, takes_json: bool) -> Arguments:
    """Read the arguments from URL, form or JSON; a method that takes no JSON does not see a JSON body."""
    values: JsonObject = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            values |= {name: value for name, value in form.items() if isinstance(value, str)}
    elif content_type == "application/json":
        values |= await _read_json(request) if takes_json else {}
    return Arguments(values)


async def _read_json(request: Request) -> JsonObject:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise SlackError(code="request_too_large", status=413)
    if not body:
        return {}
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise SlackError(code="invalid_json") from error
    if not isinstance(parsed, dict):
        raise SlackError(code="json_not_object")
    return parsed
