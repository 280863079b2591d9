import asyncio
import logging
from collections.abc import Callable, Iterable

import httpx
import pytest

from adapters.glm import client as client_module
from bots.deltas import Finished
from bots.errors import (
    ConcurrencyExceeded,
    KeyRejected,
    ModelError,
    ModelNotFound,
    ModelRejectedRequest,
    ModelStreamBroken,
    ModelTimedOut,
    ModelUnavailable,
)
from bots.prompts import Picture, Prompt, Turn
from tests.unit.adapters.glm.asking import answering, deltas_of, glm, never, streaming
from tests.unit.adapters.glm.wire import DONE, EVENT_STREAM, Bytes, frame, prompt, settings


async def test_an_account_without_a_key_and_a_model_without_an_entry_are_told() -> None:
    with pytest.raises(KeyRejected, match="nobody"):
        await deltas_of(streaming(), prompt(account="nobody"))
    with pytest.raises(ModelNotFound):
        await deltas_of(streaming(), prompt(model="glm-9"))


async def test_an_error_before_the_stream_is_raised_on_entry() -> None:
    refused = answering(429, b'{"error":{"code":"1302","message":"slow down"}}')
    async with glm(refused) as client:
        with pytest.raises(ConcurrencyExceeded) as caught:
            async with client.stream(prompt()):
                pytest.fail("The stream was opened.")
    assert caught.value.code == "1302"


async def test_a_page_instead_of_an_answer_is_a_failure_of_the_service() -> None:
    for status in (200, 502):
        with pytest.raises(ModelUnavailable):
            await deltas_of(answering(status, b"<html>busy</html>", "text/html"))


async def test_an_error_page_without_an_end_is_not_read_to_it() -> None:
    body = Bytes(b"x" * 1000 for _ in iter(int, 1))
    with pytest.raises(ModelUnavailable):
        await deltas_of(lambda _request: httpx.Response(500, stream=body))
    assert body.is_closed


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ConnectTimeout("slow"), OSError("gone")])
async def test_a_service_that_cannot_be_reached_is_unavailable(failure: Exception) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(ModelUnavailable) as caught:
        await deltas_of(answer)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    ("before", "ours"),
    [(b"", ModelUnavailable), (b": hello\n\n", ModelUnavailable), (frame("4"), ModelStreamBroken)],
)
async def test_a_connection_that_breaks_is_worth_a_second_try_only_before_the_first_word(
    before: bytes, ours: type[ModelError]
) -> None:
    with pytest.raises(ModelError) as caught:
        await deltas_of(streaming(before, httpx.ReadError("reset")))
    assert type(caught.value) is ours


async def test_a_connection_that_breaks_after_the_end_is_no_harm() -> None:
    answer = streaming(frame("4", finish_reason="stop"), httpx.RemoteProtocolError("cut"))
    assert (await deltas_of(answer))[-1] == Finished("stop")


async def test_a_stream_that_just_ends_is_broken() -> None:
    with pytest.raises(ModelStreamBroken):
        await deltas_of(streaming(frame("4")))


async def test_a_first_token_that_does_not_come_is_a_time_out() -> None:
    using = settings(first_token_timeout=0.05)
    with pytest.raises(ModelTimedOut):
        await deltas_of(streaming(never), using=using)


async def test_signs_of_life_are_no_token() -> None:
    def alive() -> Iterable[bytes]:
        while True:
            yield b": keep-alive\n\n"

    with pytest.raises(ModelTimedOut):
        await deltas_of(
            lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=Bytes(paced(alive()))),
            using=settings(first_token_timeout=0.05),
        )


def paced(chunks: Iterable[bytes]) -> Iterable[bytes | Callable[[], object]]:
    for chunk in chunks:
        yield chunk
        yield lambda: asyncio.sleep(0.001)


async def test_a_silence_between_chunks_is_a_time_out() -> None:
    with pytest.raises(ModelTimedOut):
        await deltas_of(streaming(frame("4"), never), using=settings(chunk_timeout=0.05))


async def test_an_answer_that_never_ends_is_a_time_out() -> None:
    def endless() -> Iterable[bytes]:
        while True:
            yield frame("x")

    with pytest.raises(ModelTimedOut):
        await deltas_of(
            lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=Bytes(paced(endless()))),
            using=settings(answer_timeout=0.1),
        )


async def test_a_stream_that_stays_open_after_the_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "AFTER_END_SECONDS", 0.05)
    assert (await deltas_of(streaming(frame("4", finish_reason="stop"), never)))[-1] == Finished("stop")
    assert (await deltas_of(streaming(frame("4"), DONE, never)))[-1] == Finished("other")


async def test_a_response_that_fails_to_close_does_not_spoil_the_answer() -> None:
    class Stuck(Bytes):
        async def aclose(self) -> None:
            message = "reset"
            raise httpx.CloseError(message)

    body = Stuck([frame("4", finish_reason="stop") + DONE])
    assert (await deltas_of(lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=body)))[
        -1
    ] == Finished("stop")


async def test_a_whole_answer_that_is_late_or_broken_is_an_error() -> None:
    async with glm(
        lambda _request: httpx.Response(200, stream=Bytes([never])), settings(answer_timeout=0.05)
    ) as late:
        with pytest.raises(ModelTimedOut):
            await late.complete(prompt())
    async with glm(answering(400, b'{"error":{"code":"1210"}}')) as wrong:
        with pytest.raises(ModelRejectedRequest):
            await wrong.complete(prompt())


async def test_neither_key_nor_words_nor_pictures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    picture = Picture(b"picture-bytes", "image/png", 10, 10)
    asked = Prompt(
        "default", "glm-4.6v-flash", (Turn("user", "my words", (picture,)),), "request-1", "user-123"
    )
    await deltas_of(streaming(frame("the answer"), b"data: {broken words\n\n", DONE), asked)
    with pytest.raises(ModelError):
        await deltas_of(answering(401, b'{"error":{"code":"1000"}}'), asked)
    with pytest.raises(ModelError):
        await deltas_of(streaming(httpx.ReadError("cut")), asked)
    assert "refused for account default: 401 1000" in caplog.text
    for secret in ("id.secret", "words", "cGljdHVyZS", "the answer"):
        assert secret not in caplog.text
