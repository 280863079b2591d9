"""Reads one answer, frame by frame or whole, and says it in deltas; knows nothing of connections."""

import json
import logging
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from adapters.glm.answers import ChoiceBody, CompletionBody, MessageBody, ToolCallBody, finish_reason
from adapters.glm.errors import ERROR_BODY_BYTES, Refusal, to_model_error
from adapters.glm.markers import AnswerFilter
from adapters.glm.sse import Frame, objects_in
from bots.deltas import Delta, Finished, FinishReason, Restarted, ToolCallDelta, Usage
from bots.errors import ModelStreamBroken

TOOL_CALLS_MAX = 128  # as many as a request may offer functions
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ToolCalls:
    """Puts streamed calls together.

    Parallel calls may come without an index, with the same one, or with the same id (met on the wire), so a
    name at a place that is taken begins another call, and ids are made unique at the end.
    """

    _calls: list[ToolCallDelta] = field(default_factory=list)
    _open: dict[int, int] = field(default_factory=dict)  # vendor's index → place in ``_calls``

    def add(self, parts: tuple[ToolCallBody, ...]) -> None:
        """Take the calls of one delta."""
        touched: set[int] = set()
        for position, part in enumerate(parts):
            index = position if part.index is None else part.index
            place = self._open.get(index)
            if place is None or self._begins_another(part, self._calls[place], is_touched=index in touched):
                self._begin(index, part)
            else:
                call = self._calls[place]
                self._calls[place] = replace(
                    call,
                    call_id=call.call_id or part.id,
                    name=call.name or part.function.name,
                    arguments=call.arguments + part.function.arguments,
                )
            touched.add(index)

    def take(self) -> list[ToolCallDelta]:
        """Return the complete calls and forget them."""
        seen: set[str] = set()
        unique = []
        for number, call in enumerate(self._calls):
            call_id = call.call_id or f"call_{number}"
            if call_id in seen:
                call_id = f"{call_id}-{number}"
            seen.add(call_id)
            unique.append(replace(call, call_id=call_id))
        self._calls, self._open = [], {}
        return unique

    def _begin(self, index: int, part: ToolCallBody) -> None:
        if len(self._calls) >= TOOL_CALLS_MAX:
            raise ModelStreamBroken(f"The answer has more than {TOOL_CALLS_MAX} calls of tools.")
        self._open[index] = len(self._calls)
        self._calls.append(ToolCallDelta(part.id, part.function.name, part.function.arguments))

    @staticmethod
    def _begins_another(part: ToolCallBody, call: ToolCallDelta, *, is_touched: bool) -> bool:
        is_other_id = bool(part.id and call.call_id and part.id != call.call_id)
        return bool(part.function.name and call.name) and (is_touched or is_other_id)


@dataclass(slots=True)
class AnswerReader:
    """Follows one streamed answer, through a restart of the vendor's if need be."""

    thinks_inline: bool = False
    has_spoken: bool = False
    is_done: bool = False
    reason: FinishReason | None = None
    _usage: Usage | None = None
    _id: str = ""
    _filter: AnswerFilter = field(init=False)
    _tools: ToolCalls = field(default_factory=ToolCalls)

    def __post_init__(self) -> None:
        """Begin with an empty answer."""
        self._filter = AnswerFilter(self.thinks_inline)

    def read(self, frame: Frame) -> list[Delta]:
        """Take one frame; raises ModelError for an error inside the stream."""
        objects, is_done = objects_in(frame)
        self.is_done = self.is_done or is_done
        if frame.event == "error":
            self._fail(frame.data)
        if not objects and not is_done:
            # Ending a good answer over one frame gains nothing; a restart shows by the next frame's id.
            _log.warning("skipped a frame of %d characters that is not JSON", len(frame.data))
        deltas: list[Delta] = []
        for value in objects:
            if value.get("error"):
                self._fail(json.dumps(value))
            deltas += self.take(CompletionBody.model_validate(value))
        return deltas

    def take(self, chunk: CompletionBody) -> list[Delta]:
        """Take one chunk; raises ModelStreamBroken when the vendor says that its inference broke off."""
        deltas: list[Delta] = []
        # After the end only a usage is of interest, which may come in a frame of its own.
        choices = chunk.choices if self.reason is None else ()
        if choices and chunk.id:
            if self._id and chunk.id != self._id:
                deltas.append(self._restart())
            self._id = chunk.id
        if chunk.usage is not None:
            self._usage = chunk.usage.as_usage()
        if choices:
            deltas += self._choose(choices[0])
        self.has_spoken = self.has_spoken or bool(deltas)
        return deltas

    def end(self) -> list[Delta]:
        """Say the end, once the stream is over; raises ModelStreamBroken if the answer has none."""
        if self.reason is None and not self.is_done:
            detail = "The stream ended without a reason and without [DONE]."
            raise ModelStreamBroken(detail)
        reason = self.reason or "other"
        # Words that the content filter cut off will be withdrawn; more of them helps nobody.
        rest = [] if reason == "sensitive" else self._filter.finish()
        return [*rest, *self._tools.take(), Finished(reason, self._usage)]

    def _fail(self, said: str) -> None:
        if self.reason is None:
            raise to_model_error(Refusal(200, said.encode()[:ERROR_BODY_BYTES]), has_spoken=self.has_spoken)

    def _choose(self, choice: ChoiceBody) -> list[Delta]:
        # The delta first: a tool's call often comes in the same chunk as the reason.
        deltas = self._speak(choice.spoken)
        if choice.finish_reason == "network_error":
            detail = "The vendor's inference broke off."
            raise ModelStreamBroken(detail, code="network_error")
        if choice.finish_reason:
            self.reason = finish_reason(choice.finish_reason)
        return deltas

    def _speak(self, message: MessageBody) -> list[Delta]:
        deltas = self._filter.reason(message.reasoning_content) if message.reasoning_content else []
        if message.content:
            deltas += self._filter.feed(message.content)
        self._tools.add(message.tool_calls)
        return deltas

    def _restart(self) -> Restarted:
        self._filter = AnswerFilter(self.thinks_inline)
        self._tools = ToolCalls()
        self._usage = None
        return Restarted()


def read_whole(body: bytes, *, thinks_inline: bool = False) -> tuple[Delta, ...]:
    """Read an answer that came in one piece; raises ModelError for an error or for what is no answer."""
    try:
        answer = CompletionBody.model_validate_json(body)
    except ValidationError:
        answer = CompletionBody()
    if not answer.choices:
        raise to_model_error(Refusal(200, body[:ERROR_BODY_BYTES]))
    reader = AnswerReader(thinks_inline)
    deltas = reader.take(answer)
    reader.is_done = True
    return (*deltas, *reader.end())
