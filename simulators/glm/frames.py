"""The bytes of a streamed and of a complete answer ("GLM docs, chat completion"; key order as recorded)."""

import time
from dataclasses import dataclass

from simulators.glm.errors import error_body, message_of
from simulators.glm.models import Model
from simulators.glm.narrow import JsonObject
from simulators.glm.wire import json_text, new_id, sorted_json_bytes

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"


@dataclass(frozen=True)
class TokenCounts:
    """What a request has cost; ``completion`` includes ``reasoning``."""

    prompt: int
    completion: int
    reasoning: int = 0

    def as_usage(self, model: Model) -> JsonObject:
        """Write the usage object with the details this model gives."""
        usage: JsonObject = {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }
        if model.usage_details != "none":
            usage["prompt_tokens_details"] = {"cached_tokens": min(4, self.prompt)}
        if model.usage_details == "full":
            usage["completion_tokens_details"] = {"reasoning_tokens": self.reasoning}
        return usage


class FrameWriter:
    """Writes the frames of one generation; all carry its id and its time of creation."""

    def __init__(self, model: Model, created_unix_s: int | None = None) -> None:
        self.created = int(time.time()) if created_unix_s is None else created_unix_s
        self.id = new_id(self.created)
        self._model = model
        self._head = (
            f'data: {{"id":"{self.id}","created":{self.created},"object":"chat.completion.chunk",'
            f'"model":"{model.name}","choices":['
        )

    def delta(self, field: str, text: str, usage: TokenCounts | None = None) -> bytes:
        """Write a chunk of ``content`` or ``reasoning_content``."""
        return self._delta(field, json_text(text), usage).encode("utf-8", "replace")

    def stamped_delta(self) -> tuple[bytes, bytes]:
        """Write a chunk in two halves, between which the time of sending goes."""
        before, after = self._delta("content", '"@ "', None).split("@")
        return before.encode(), after.encode()

    def _delta(self, field: str, text_json: str, usage: TokenCounts | None) -> str:
        choice = f'{{"index":0,"delta":{{"role":"assistant","{field}":{text_json}}}}}'
        return f"{self._head}{choice}]{self._usage(usage)}}}\n\n"

    def finish(
        self, reason: str, usage: TokenCounts | None, tool_calls: list[JsonObject] | None = None
    ) -> bytes:
        """Write the chunk that says why the answer ends; tool calls may come in the same one."""
        delta: JsonObject = {"role": "assistant"}
        delta |= {"content": ""} if tool_calls is None else {"tool_calls": tool_calls}
        choice = json_text({"index": 0, "finish_reason": reason, "delta": delta})
        filtered = ',"content_filter":[{"role":"assistant","level":1}]' if reason == "sensitive" else ""
        return f"{self._head}{choice}]{filtered}{self._usage(usage)}}}\n\n".encode()

    def tool_calls(self, calls: list[JsonObject]) -> bytes:
        """Write a fragment of a tool call, as with ``tool_stream``."""
        choice = json_text({"index": 0, "delta": {"role": "assistant", "tool_calls": calls}})
        return f"{self._head}{choice}]}}\n\n".encode()

    def usage_only(self, usage: TokenCounts) -> bytes:
        """Write the chunk without choices that some gateways send last."""
        return f"{self._head}]{self._usage(usage)}}}\n\n".encode()

    def error(self, code: str) -> bytes:
        """Write an error inside a stream that began well."""
        return f"data: {json_text(error_body(code, message_of(code)))}\n\n".encode()

    def _usage(self, usage: TokenCounts | None) -> str:
        return "" if usage is None else f',"usage":{json_text(usage.as_usage(self._model))}'

    def complete(
        self,
        message: JsonObject,
        reason: str,
        usage: TokenCounts,
        request_id: str | None,
        *,
        filtered: bool = False,
    ) -> bytes:
        """Write the whole answer at once; its keys come in alphabetical order."""
        answer: JsonObject = {
            "choices": [{"finish_reason": reason, "index": 0, "message": {"role": "assistant", **message}}],
            "created": self.created,
            "id": self.id,
            "model": self._model.name,
            "object": "chat.completion",
            "request_id": request_id or self.id,
            "usage": usage.as_usage(self._model),
        }
        if filtered:
            answer["content_filter"] = [{"level": 1, "role": "assistant"}]
        return sorted_json_bytes(answer)
