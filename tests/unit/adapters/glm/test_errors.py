import json

import aiohttp
import httpx
import pytest

from adapters.glm.errors import BY_CODE, BY_EXCEPTION, Refusal, to_model_error
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

# GLM docs, error codes: code, HTTP status, what it is for us. The second part comes from the former table.
DOCUMENTED = [
    ("1000", 401, KeyRejected),
    ("1001", 401, KeyRejected),
    ("1003", 401, KeyRejected),
    ("1005", 401, KeyRejected),
    ("1113", 429, OutOfMoney),
    ("1200", 500, ModelUnavailable),
    ("1210", 400, ModelRejectedRequest),
    ("1211", 400, ModelNotFound),
    ("1212", 400, ModelRejectedRequest),
    ("1213", 400, ModelRejectedRequest),
    ("1214", 400, ModelRejectedRequest),
    ("1215", 400, ModelRejectedRequest),
    ("1220", 403, KeyRejected),
    ("1221", 400, ModelRejectedRequest),
    ("1222", 400, ModelRejectedRequest),
    ("1230", 500, ModelUnavailable),
    ("1234", 500, ModelUnavailable),
    ("1261", 400, PromptTooLong),
    ("1301", 400, PromptRefused),
    ("1302", 429, ConcurrencyExceeded),
    ("1305", 429, ModelOverloaded),
    *((str(code), 429, QuotaExhausted) for code in (1308, 1309, 1310, 1311, *range(1313, 1322))),
    ("1002", 401, KeyRejected),
    ("1004", 401, KeyRejected),
    ("1100", 500, ModelUnavailable),
    ("1110", 429, KeyRejected),
    ("1111", 429, KeyRejected),
    ("1112", 429, KeyRejected),
    ("1120", 500, ModelUnavailable),
    ("1121", 429, KeyRejected),
    ("1231", 400, ModelUnavailable),
    ("1300", 400, PromptRefused),
    ("1303", 429, ModelOverloaded),
    ("1304", 429, QuotaExhausted),
    ("1312", 429, ModelOverloaded),
    ("1233", 400, ModelRejectedRequest),
    ("1701", 400, ModelUnavailable),
    ("1702", 400, ModelUnavailable),
    ("1703", 400, ModelUnavailable),
    ("401", 401, KeyRejected),
    ("500", 500, ModelUnavailable),
    ("503", 503, ModelUnavailable),
]


def body(code: object, **more: object) -> bytes:
    return json.dumps({**more, "error": {"code": code, "message": "…"}}).encode()


@pytest.mark.parametrize(("code", "status", "ours"), DOCUMENTED)
def test_each_documented_code_becomes_the_error_it_means(
    code: str, status: int, ours: type[ModelError]
) -> None:
    error = to_model_error(Refusal(status, body(code)))
    assert type(error) is ours
    assert error.code == code


def test_no_code_is_mapped_that_the_documents_do_not_have() -> None:
    assert set(BY_CODE) == {code for code, _, _ in DOCUMENTED}


def test_the_code_decides_and_not_the_status() -> None:
    assert type(to_model_error(Refusal(400, body("1113")))) is OutOfMoney
    assert type(to_model_error(Refusal(200, body("1302")))) is ConcurrencyExceeded


def test_a_code_may_be_a_number() -> None:
    assert type(to_model_error(Refusal(429, body(1302)))) is ConcurrencyExceeded


def test_an_error_without_its_wrapper_is_understood() -> None:
    said = b'{"code":1000,"msg":"\xe8\xba\xab\xe4\xbb\xbd","success":false}'
    assert type(to_model_error(Refusal(200, said))) is KeyRejected


@pytest.mark.parametrize("code", ["1000", "401", "9999", ""])
def test_status_401_is_a_wrong_key_whatever_the_code(code: str) -> None:
    assert type(to_model_error(Refusal(401, body(code)))) is KeyRejected


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (403, KeyRejected),
        (404, ModelNotFound),
        (413, PromptTooLong),
        (418, ModelRejectedRequest),
        (429, ModelOverloaded),
        (302, ModelUnavailable),
        (502, ModelUnavailable),
        (503, ModelUnavailable),
    ],
)
@pytest.mark.parametrize(
    "page", [b"<html>no</html>", b"", b'{"error":"no"}', b"[]", b"\xff\xfe", b'{"error":null}']
)
def test_a_page_of_the_edge_is_judged_by_its_status(status: int, page: bytes, ours: type[ModelError]) -> None:
    error = to_model_error(Refusal(status, page))
    assert type(error) is ours
    assert error.code == str(status)


@pytest.mark.parametrize("role", ["user", "history", "assistant"])
@pytest.mark.parametrize("name", ["contentFilter", "content_filter"])
def test_a_refusal_tells_whose_words_were_refused(role: str, name: str) -> None:
    said = body("1301", **{name: [{"level": 1, "role": role}]})
    error = to_model_error(Refusal(400, said))
    assert type(error) is PromptRefused
    assert error.detail == role


def test_a_proxy_may_say_when_to_come_back() -> None:
    assert to_model_error(Refusal(429, body("1305"), "7")).retry_after == 7
    assert to_model_error(Refusal(429, body("1305"), "99999999")).retry_after == 3600
    assert to_model_error(Refusal(429, body("1305"), "Wed, 21 Oct 2026 07:28:00 GMT")).retry_after is None


def test_each_exception_of_httpx_is_translated() -> None:
    theirs = {
        thing
        for name in httpx.__all__
        if isinstance(thing := getattr(httpx, name), type) and issubclass(thing, Exception)
    }
    assert len(theirs) > 20
    assert theirs <= set(BY_EXCEPTION)


@pytest.mark.parametrize(
    ("failure", "ours"),
    [
        (httpx.ConnectError("no"), ModelUnavailable),
        (httpx.ConnectTimeout("slow"), ModelUnavailable),
        (httpx.ReadTimeout("slow"), ModelTimedOut),
        (httpx.RemoteProtocolError("cut"), ModelUnavailable),
        (TimeoutError(), ModelTimedOut),
        (ConnectionResetError(), ModelUnavailable),
        (aiohttp.ClientPayloadError("cut"), ModelUnavailable),
    ],
)
def test_a_transports_failure_before_the_first_word_may_be_tried_again(
    failure: Exception, ours: type[ModelError]
) -> None:
    assert type(to_model_error(failure)) is ours


def test_what_could_be_tried_again_is_a_broken_answer_once_the_model_has_spoken() -> None:
    for failure in (httpx.ReadError("cut"), Refusal(200, body("1305")), Refusal(200, body("1302"))):
        assert type(to_model_error(failure, has_spoken=True)) is ModelStreamBroken
    assert type(to_model_error(Refusal(200, body("1301")), has_spoken=True)) is PromptRefused


def test_a_key_in_an_exceptions_words_is_not_repeated() -> None:
    error = to_model_error(httpx.LocalProtocolError("Illegal header value b'Bearer id.secret'"))
    assert "secret" not in f"{error} {error.detail}"
