"""Bytes as the vendor sends them, and a client that gets them without a socket."""

import json
from collections.abc import AsyncIterator, Callable, Iterable

import httpx

from adapters.glm.settings import GlmSettings
from bots.deltas import Delta, ReasoningDelta, Restarted, TextDelta
from bots.prompts import Prompt, Turn

DONE = b"data: [DONE]\n\n"
EVENT_STREAM = {"Content-Type": "text/event-stream;charset=UTF-8"}


def frame(content: str | None = None, *, chunk_id: str = "20260701", **more: object) -> bytes:
    """One chunk; ``more`` are finish_reason, reasoning, tool_calls and usage."""
    delta: dict[str, object] = {"role": "assistant"}
    if content is not None:
        delta["content"] = content
    if "reasoning" in more:
        delta["reasoning_content"] = more["reasoning"]
    if "tool_calls" in more:
        delta["tool_calls"] = more["tool_calls"]
    choice: dict[str, object] = {"index": 0, "delta": delta}
    if "finish_reason" in more:
        choice["finish_reason"] = more["finish_reason"]
    body: dict[str, object] = {"id": chunk_id, "object": "chat.completion.chunk", "choices": [choice]}
    if "usage" in more:
        body["usage"] = more["usage"]
    return b"data: " + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def settings(**changes: object) -> GlmSettings:
    """Settings with one account, away from the environment's."""
    return GlmSettings.model_validate({"api_key": "id.secret", "base_url": "https://glm.test/v4", **changes})


def prompt(text: str = "Hello", *, model: str = "glm-4.7-flash", account: str = "default") -> Prompt:
    """A prompt of one turn."""
    return Prompt(account, model, (Turn("user", text),), request_id="request-1", user_id="user-123")


class Bytes(httpx.AsyncByteStream):
    """A body in the given chunks; a chunk may be an exception or something to wait for."""

    def __init__(self, chunks: Iterable[bytes | Exception | Callable[[], object]]) -> None:
        self._chunks = chunks
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            if callable(chunk):
                await chunk()  # type: ignore[misc]
            else:
                yield chunk

    async def aclose(self) -> None:
        self.is_closed = True


def shown(deltas: Iterable[Delta]) -> tuple[str, str]:
    """The text and the reasoning that a reader ends with."""
    text = reasoning = ""
    for delta in deltas:
        if isinstance(delta, Restarted):
            text = reasoning = ""
        elif isinstance(delta, TextDelta):
            text += delta.text
        elif isinstance(delta, ReasoningDelta):
            reasoning += delta.text
    return text, reasoning
