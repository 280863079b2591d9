"""What every call goes through: faults, token, scopes, rates, quota, log, the answer's shape."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulators.lark.config import MEBIBYTE
from simulators.lark.errors import Refused, invalid_field
from simulators.lark.faults import Fault
from simulators.lark.fields import Json, parse_object
from simulators.lark.ids import new_id
from simulators.lark.records import CallRecord
from simulators.lark.tenant import Tenant

MAX_BODY_BYTES = 110 * MEBIBYTE


@dataclass(frozen=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """One request, read and ready."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    host: str
    body: Json = field(default_factory=dict)
    body_bytes: int = 0
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)


Handler: TypeAlias = Callable[[Tenant, Call], Json | Response]


@dataclass(frozen=True)
class Endpoint:
    """One API: any of `scopes` opens it; `is_open` needs no token and counts against nothing."""

    name: str
    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...] = ()
    is_open: bool = False
    is_upload: bool = False


def route(tenant: Tenant, endpoint: Endpoint) -> Route:
    """Make the HTTP route of an endpoint."""

    async def serve(request: Request) -> Response:
        started, at, log_id = time.monotonic(), tenant.clock.now(), new_id("2026")
        fault = tenant.faults.take(endpoint.name)
        card_id = request.path_params.get("card_id", "")
        if card_id and tenant.cards_in_flight[card_id]:
            tenant.records.violate(
                at, endpoint.name, 0, "calls on one card overlap; their order is not certain"
            )
        tenant.cards_in_flight[card_id] += 1
        call = Call({}, {}, {}, "")
        try:
            call = await _read(request, endpoint)
            response, code = await _answer(tenant, endpoint, call, fault)
        except ClientDisconnect:
            response, code = Response(status_code=499), 0
        finally:
            tenant.cards_in_flight[card_id] -= 1
        response.headers["X-Tt-Logid"] = log_id
        is_lost = fault is not None and fault.kind in {"hang", "lost_answer"}
        is_counted = code == 0 and response.status_code < 400 and not endpoint.is_open
        record = CallRecord(
            at=at,
            name=endpoint.name,
            method=endpoint.method,
            path=request.url.path,
            status=0 if is_lost else response.status_code,
            code=code,
            request=_loggable(call),
            duration_ms=int((time.monotonic() - started) * 1000),
            log_id=log_id,
            is_counted=is_counted,
            fault=fault.kind if fault else "",
        )
        tenant.records.calls.append(record)
        if is_counted:
            tenant.quota.count()
        if is_lost:
            await _hang(request, tenant.config.hang_seconds)
        return response

    return Route(endpoint.path, serve, methods=[endpoint.method])


async def _answer(
    tenant: Tenant, endpoint: Endpoint, call: Call, fault: Fault | None
) -> tuple[Response, int]:
    if fault and fault.kind == "slow":
        await asyncio.sleep(fault.delay_seconds)
    if fault and fault.kind in {"internal", "hang"}:
        return PlainTextResponse("internal server error", fault.http_status or 500), -1
    try:
        if fault and fault.kind == "refuse":
            raise fault.refusal()
        if not endpoint.is_open:
            _admit(tenant, endpoint, call)
        result = endpoint.handler(tenant, call)
    except Refused as refusal:
        if fault is None or fault.kind != "refuse":
            tenant.records.violate(tenant.clock.now(), endpoint.name, refusal.code, refusal.message)
        return refusal_response(refusal), refusal.code
    if isinstance(result, Response):
        return result, 0
    return JSONResponse({"code": 0, "msg": "success", "data": result}), 0


def refusal_response(refusal: Refused) -> Response:
    """Write an error as the open platform does."""
    body: Json = {"code": refusal.code, "msg": refusal.message, "error": {"log_id": "", **refusal.details}}
    return JSONResponse(body, refusal.http_status, refusal.headers)


def _admit(tenant: Tenant, endpoint: Endpoint, call: Call) -> None:
    tenant.tokens.check(call.headers.get("authorization"))
    if endpoint.scopes and not tenant.config.scopes.intersection(endpoint.scopes):
        wanted = ", ".join(endpoint.scopes)
        link = f"https://open.feishu.cn/app/{tenant.config.app_id}/auth?q={wanted.replace(' ', '')}"
        raise Refused(99991672, f"Access denied. One of the following scopes is required: [{wanted}]. {link}")
    tenant.limits.check_app(endpoint.name)
    tenant.quota.check(tenant.config.monthly_quota)


async def _read(request: Request, endpoint: Endpoint) -> Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    call = Call(dict(request.path_params), dict(request.query_params), headers, request.url.netloc)
    if endpoint.is_upload:
        return await _read_upload(request, call)
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            break
    # A body that is no JSON object reads as an empty one and then lacks its fields.
    body = parse_object(bytes(chunks)) or {}
    return Call(call.path, call.query, headers, call.host, body, len(chunks))


async def _read_upload(request: Request, call: Call) -> Call:
    form: dict[str, str] = {}
    files: dict[str, Upload] = {}
    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        return call
    async with request.form(max_files=5, max_fields=20) as parts:
        for name, part in parts.multi_items():
            if isinstance(part, UploadFile):
                media_type = part.content_type or "application/octet-stream"
                files[name] = Upload(part.filename or "", media_type, await part.read())
            else:
                form[name] = part
    return Call(call.path, call.query, call.headers, call.host, form=form, files=files)


def upload(call: Call, name: str) -> Upload:
    """Give a file part; raises Refused 99992402 when there is none, or one without a file name."""
    if (part := call.files.get(name)) is None or not part.name:
        raise invalid_field(name, "is required, as a file with a name")
    return part


def _loggable(call: Call) -> Json:
    hidden = {"app_secret", "AppSecret"}
    seen: Json = {
        "query": dict(call.query),
        "body": {k: "…" if k in hidden else v for k, v in call.body.items()},
    }
    if call.files:
        seen["files"] = {name: len(part.data) for name, part in call.files.items()}
        seen["form"] = dict(call.form)
    return seen


async def _hang(request: Request, seconds: float) -> None:
    """Keep the client waiting until it gives up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
