import json

import httpx

from bots.deltas import Finished, ReasoningDelta, Restarted, TextDelta, Usage
from bots.ports import ChatModel
from bots.prompts import Picture, Prompt, Turn
from tests.unit.adapters.glm.asking import answering, deltas_of, glm, never, streaming
from tests.unit.adapters.glm.wire import DONE, EVENT_STREAM, Bytes, frame, prompt, settings, shown


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


async def test_a_whole_answer_to_a_request_for_a_stream_is_understood() -> None:
    body = json.dumps({"choices": [{"finish_reason": "stop", "message": {"content": "\n4"}}]}).encode()
    assert await deltas_of(answering(200, body)) == [TextDelta("4"), Finished("stop")]


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


async def test_leaving_early_closes_the_response() -> None:
    body = Bytes([frame("4"), never])
    answer = httpx.Response(200, headers=EVENT_STREAM, stream=body)
    async with glm(lambda _request: answer) as client:
        async with client.stream(prompt()) as deltas:
            assert await anext(deltas) == TextDelta("4")
            assert not body.is_closed
        assert body.is_closed


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


async def test_the_client_is_a_chat_model() -> None:
    async with glm(streaming()) as client:
        model: ChatModel = client
        assert model is client
