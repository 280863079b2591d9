"""What the vendor calls a failure and what we call it: a table of codes, one of exceptions, one function."""

from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import httpx
from pydantic import ValidationError

from adapters.glm.answers import ErrorBody
from bots.errors import (
    ConcurrencyExceeded,
    KeyRejected,
    ModelError,
    ModelNotFound,
    ModelOverloaded,
    ModelRejectedRequest,
    ModelStreamBroken,
    ModelTimedOut,
    ModelUnavailable,
    OutOfMoney,
    PromptRefused,
    PromptTooLong,
    QuotaExhausted,
)

ERROR_BODY_BYTES = 16_384  # more of an error page is not read
DETAIL_CHARACTERS = 200
RETRY_AFTER_SECONDS_MAX = 3600.0

# GLM docs, error codes: the present table, the codes that only the former one had, and those met on the wire.
_CODES: dict[type[ModelError], tuple[int, ...]] = {
    # Accounts that are inactive, missing, locked or without a right are for the operator, as a wrong key is.
    KeyRejected: (401, 1000, 1001, 1002, 1003, 1004, 1005, 1110, 1111, 1112, 1121, 1220),
    OutOfMoney: (1113,),
    # 1231: a request with this id is still under way; it passes. 1701 to 1703: the web search behind a model.
    ModelUnavailable: (500, 503, 1100, 1120, 1200, 1230, 1231, 1234, 1701, 1702, 1703),
    ModelRejectedRequest: (1210, 1212, 1213, 1214, 1215, 1221, 1222, 1233),
    ModelNotFound: (1211,),
    PromptTooLong: (1261,),
    PromptRefused: (1300, 1301),
    ConcurrencyExceeded: (1302,),
    ModelOverloaded: (1303, 1305, 1312),
    QuotaExhausted: (1304, 1308, 1309, 1310, 1311, 1313, 1314, 1315, 1316, 1317, 1318, 1319, 1320, 1321),
}
BY_CODE: dict[str, type[ModelError]] = {str(code): ours for ours, codes in _CODES.items() for code in codes}

# For bodies without a code we know, such as an HTML page from the edge.
BY_STATUS: dict[int, type[ModelError]] = {
    HTTPStatus.UNAUTHORIZED: KeyRejected,
    HTTPStatus.FORBIDDEN: KeyRejected,
    HTTPStatus.NOT_FOUND: ModelNotFound,
    HTTPStatus.REQUEST_TIMEOUT: ModelUnavailable,
    HTTPStatus.CONFLICT: ModelUnavailable,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PromptTooLong,
    HTTPStatus.TOO_MANY_REQUESTS: ModelOverloaded,
    434: KeyRejected,  # the former table's "no right to this API"
}

# Each class is named, so that a new one of httpx's is a decision and not an accident; a test compares.
BY_EXCEPTION: dict[type[Exception], type[ModelError]] = {
    httpx.HTTPError: ModelUnavailable,
    httpx.RequestError: ModelUnavailable,
    httpx.TransportError: ModelUnavailable,
    httpx.TimeoutException: ModelTimedOut,
    httpx.ConnectTimeout: ModelUnavailable,
    httpx.ReadTimeout: ModelTimedOut,
    httpx.WriteTimeout: ModelUnavailable,
    httpx.PoolTimeout: ModelUnavailable,
    httpx.NetworkError: ModelUnavailable,
    httpx.ConnectError: ModelUnavailable,
    httpx.ReadError: ModelUnavailable,
    httpx.WriteError: ModelUnavailable,
    httpx.CloseError: ModelUnavailable,
    httpx.ProtocolError: ModelUnavailable,
    httpx.RemoteProtocolError: ModelUnavailable,
    httpx.LocalProtocolError: ModelRejectedRequest,
    httpx.ProxyError: ModelUnavailable,
    httpx.UnsupportedProtocol: ModelRejectedRequest,
    httpx.DecodingError: ModelUnavailable,
    httpx.TooManyRedirects: ModelUnavailable,
    httpx.HTTPStatusError: ModelUnavailable,
    httpx.InvalidURL: ModelRejectedRequest,
    httpx.CookieConflict: ModelRejectedRequest,
    httpx.StreamError: ModelStreamBroken,
    httpx.StreamClosed: ModelStreamBroken,
    httpx.StreamConsumed: ModelStreamBroken,
    httpx.ResponseNotRead: ModelStreamBroken,
    httpx.RequestNotRead: ModelStreamBroken,
    # httpx-aiohttp lets some of these through untranslated, a malformed header for one.
    aiohttp.ClientError: ModelUnavailable,
    TimeoutError: ModelTimedOut,
    OSError: ModelUnavailable,
}
TRANSPORT_FAILURES = (
    httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict, aiohttp.ClientError, OSError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the vendor said instead of an answer, with at most ``ERROR_BODY_BYTES`` of its body."""

    status: int
    body: bytes
    retry_after: str = ""  # the header of that name; the vendor sends none, a proxy may


def to_model_error(failure: Refusal | Exception, *, has_spoken: bool = False) -> ModelError:
    """Translate a refusal or a transport's exception; the one place where the vendor's failures become ours.

    The body's code decides, except at status 401, where the vendor's codes disagree. Once the model
    ``has_spoken`` a failure that would be worth another try is ModelStreamBroken, for that would be a second
    answer. PromptRefused has as its detail whose words were refused: ``user``, ``history`` or ``assistant``.
    """
    if isinstance(failure, Refusal):
        error = _from_refusal(failure)
    else:
        # The exception's own words stay out: they may quote a header, and with it the key.
        ours = next(BY_EXCEPTION[kind] for kind in type(failure).__mro__ if kind in BY_EXCEPTION)
        error = ours(type(failure).__name__)
    if has_spoken and error.is_transient:
        return ModelStreamBroken(error.detail, code=error.code)
    return error


def _from_refusal(refusal: Refusal) -> ModelError:
    try:
        said = ErrorBody.model_validate_json(refusal.body)
    except ValidationError:
        said = ErrorBody()
    ours = _class_of(refusal.status, said.any_code)
    code = said.any_code or str(refusal.status)
    detail = f"{code}: {said.any_message[:DETAIL_CHARACTERS]}"
    if ours is PromptRefused and said.refused_role:
        detail = said.refused_role
    return ours(detail, code=code, retry_after=_seconds(refusal.retry_after))


def _class_of(status: int, code: str) -> type[ModelError]:
    if status == HTTPStatus.UNAUTHORIZED:
        return KeyRejected
    if code in BY_CODE:
        return BY_CODE[code]
    if status in BY_STATUS:
        return BY_STATUS[status]
    is_ours = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return ModelRejectedRequest if is_ours else ModelUnavailable


def _seconds(header: str) -> float | None:
    return min(float(header), RETRY_AFTER_SECONDS_MAX) if header.isascii() and header.isdigit() else None
