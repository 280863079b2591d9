import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import httpx
import pytest

from adapters.glm import client as client_module
from adapters.glm.client import GlmClient, open_glm
from adapters.glm.settings import GlmSettings
from bots.deltas import Delta, Finished, ReasoningDelta, Restarted, TextDelta, Usage
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
from bots.ports import ChatModel
from bots.prompts import Picture, Prompt, Turn
from tests.unit.adapters.glm.wire import DONE, EVENT_STREAM, Bytes, frame, prompt, settings, shown

Chunks = Iterable[bytes | Exception | Callable[[], object]]


async def never() -> None:
    """Wait until the client gives up."""
    await asyncio.Event().wait()


@asynccontextmanager
async def glm(
    answer: Callable[[httpx.Request], httpx.Response], using: GlmSettings | None = None
) -> AsyncIterator[GlmClient]:
    async with open_glm(using or settings(), transport=httpx.MockTransport(answer)) as client:
        yield client


def streaming(*chunks: bytes | Exception | Callable[[], object]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=Bytes(chunks))


def answering(
    status: int, body: bytes, kind: str = "application/json"
) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(status, headers={"Content-Type": kind}, content=body)


async def deltas_of(
    answer: Callable[[httpx.Request], httpx.Response],
    asked: Prompt | None = None,
    using: GlmSettings | None = None,
) -> list[Delta]:
    async with glm(answer, using) as client, client.stream(asked or prompt()) as deltas:
        return [delta async for delta in deltas]


async def test_an_answer_is_streamed() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    answer = streaming(
        frame(reasoning="Hm"), frame("He"), frame("llo", finish_reason="stop", usage=usage) + DONE
    )
    assert await deltas_of(answer) == [
        ReasoningDelta("Hm"),
        TextDelta("He"),
        TextDelta("llo"),
        Finished("stop", Usage(3, 2)),
    ]


async def test_the_bytes_may_be_split_anywhere() -> None:
    script = frame("你好 👋") + b": alive\n\n" + frame("<|begin_of_box|>!", finish_reason="stop") + DONE
    answer = streaming(*(script[place : place + 1] for place in range(len(script))))
    assert shown(await deltas_of(answer)) == ("你好 👋!", "")


async def test_the_request_is_signed_with_the_key_of_the_prompts_account() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return streaming(frame("", finish_reason="stop"))(request)

    accounts = [{"name": "one", "key": "id.one"}, {"name": "two", "key": "id.two"}]
    using = settings(account_entries=accounts)
    for name in ("two", "default"):
        await deltas_of(answer, prompt(account=name), using)
    assert [request.headers["Authorization"] for request in seen] == ["Bearer id.two", "Bearer id.secret"]
    assert str(seen[0].url) == "https://glm.test/v4/chat/completions"
    assert seen[0].headers["Content-Length"] == str(len(seen[0].content))
    assert "Transfer-Encoding" not in seen[0].headers
    assert json.loads(seen[0].content)["stream"] is True


async def test_a_body_of_megabytes_arrives_whole() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(len(json.loads(request.content)["messages"][0]["content"][0]["image_url"]["url"]))
        return streaming(frame("", finish_reason="stop"))(request)

    picture = Picture(b"x" * 3_000_000, "image/png", 10, 10)
    asked = Prompt("default", "glm-4.6v-flash", (Turn("user", "?", (picture,)),), "request-1", "user-123")
    await deltas_of(answer, asked)
    assert sizes == [4_000_000]


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


async def test_a_whole_answer_to_a_request_for_a_stream_is_understood() -> None:
    body = json.dumps({"choices": [{"finish_reason": "stop", "message": {"content": "\n4"}}]}).encode()
    assert await deltas_of(answering(200, body)) == [TextDelta("4"), Finished("stop")]


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


async def test_a_last_frame_without_its_empty_line_is_read() -> None:
    assert await deltas_of(streaming(frame("4", finish_reason="stop").rstrip())) == [
        TextDelta("4"),
        Finished("stop"),
    ]


async def test_a_restarted_generation_is_told() -> None:
    cut = frame("lost", chunk_id="1")[:50]
    answer = streaming(
        frame("old", chunk_id="1"),
        cut,
        frame("new", chunk_id="2"),
        frame("", chunk_id="2", finish_reason="stop"),
    )
    assert await deltas_of(answer) == [TextDelta("old"), Restarted(), TextDelta("new"), Finished("stop")]


async def test_thinking_inside_the_content_is_taken_out() -> None:
    answer = streaming(
        frame("<thi"), frame("nk>Hm</think"), frame("><answer>4</answer>", finish_reason="stop")
    )
    assert shown(await deltas_of(answer, prompt(model="glm-4.1v-thinking-flash"))) == ("4", "Hm")


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


async def test_leaving_early_closes_the_response() -> None:
    body = Bytes([frame("4"), never])
    answer = httpx.Response(200, headers=EVENT_STREAM, stream=body)
    async with glm(lambda _request: answer) as client:
        async with client.stream(prompt()) as deltas:
            assert await anext(deltas) == TextDelta("4")
            assert not body.is_closed
        assert body.is_closed


async def test_a_response_that_fails_to_close_does_not_spoil_the_answer() -> None:
    class Stuck(Bytes):
        async def aclose(self) -> None:
            message = "reset"
            raise httpx.CloseError(message)

    body = Stuck([frame("4", finish_reason="stop") + DONE])
    assert (await deltas_of(lambda _request: httpx.Response(200, headers=EVENT_STREAM, stream=body)))[
        -1
    ] == Finished("stop")


async def test_a_whole_answer_can_be_asked_for() -> None:
    seen: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return answering(
            200,
            b'{"choices":[{"finish_reason":"stop","message":{"content":"4","reasoning_content":"Hm"}}],'
            b'"usage":{"prompt_tokens":1,"completion_tokens":2}}',
        )(request)

    async with glm(answer) as client:
        deltas = await client.complete(prompt())
    assert deltas == (ReasoningDelta("Hm"), TextDelta("4"), Finished("stop", Usage(1, 2)))
    assert seen[0]["stream"] is False


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


async def test_the_client_is_a_chat_model() -> None:
    async with glm(streaming()) as client:
        model: ChatModel = client
        assert model is client
