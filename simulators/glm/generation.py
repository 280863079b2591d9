"""What a model says to one request: thoughts, text, the reason to stop, all within its token budget."""

import secrets
from dataclasses import dataclass

from simulators.glm.answers import Question, compose_answer, compose_reasoning
from simulators.glm.frames import TokenCounts
from simulators.glm.narrow import JsonObject
from simulators.glm.parameters import ChatRequest
from simulators.glm.pictures import Picture
from simulators.glm.tokens import (
    MESSAGE_TOKENS,
    REQUEST_TOKENS,
    VIDEO_TOKENS,
    count_tokens,
    picture_tokens,
    split_tokens,
)

_BOXING = ("glm-4.1v", "glm-4.5v", "glm-4.6v")  # these mark coordinates with box tokens


@dataclass(frozen=True)
class Generation:
    """One answer: ``content`` is what goes out, ``answer`` what a reader should see of it."""

    reasoning: str
    content: str
    answer: str
    finish_reason: str
    counts: TokenCounts
    tool_call: JsonObject | None = None
    streams_tool: bool = False  # the call comes in fragments


def prompt_tokens(request: ChatRequest, pictures: tuple[Picture, ...]) -> int:
    """Count what the request brings along, pictures included."""
    texts = sum(
        count_tokens(turn.text) + MESSAGE_TOKENS + VIDEO_TOKENS * len(turn.video_urls)
        for turn in request.turns
    )
    return REQUEST_TOKENS + texts + sum(picture_tokens(picture.width, picture.height) for picture in pictures)


def generate(request: ChatRequest, question: Question, prompt: int) -> Generation:
    """Write the answer; the same question gets the same one."""
    if question.controls.tool and request.tool_name:
        return _call_tool(request, prompt)
    reasoning = compose_reasoning(question) if request.thinks else ""
    controls = question.controls
    is_scripted = controls.text is not None or controls.characters is not None or controls.tokens is not None
    answer = "" if "empty" in controls.faults else compose_answer(question)
    finish_reason = "stop"
    if request.stop and request.stop in answer:
        answer = answer[: answer.index(request.stop)]
    lead = "" if is_scripted or not answer else "\n"
    if request.model.thinking == "inline":
        # The 4.1V models have no field for thoughts; they stand in the text.
        lead, reasoning = f"<think>{reasoning.strip()}</think>{lead}", ""
    content = lead + answer
    kept_reasoning = _first_tokens(reasoning, request.max_tokens)
    reasoning_tokens = count_tokens(kept_reasoning)
    kept = _first_tokens(content, request.max_tokens - reasoning_tokens)
    if kept_reasoning != reasoning or kept != content:
        finish_reason = "length"
        answer = kept[len(lead) :]
    counts = TokenCounts(prompt, reasoning_tokens + count_tokens(kept), reasoning_tokens)
    return Generation(kept_reasoning, kept, answer, finish_reason, counts)


def _first_tokens(text: str, limit: int) -> str:
    if len(text) <= limit:  # a token is at least one character
        return text
    tokens = split_tokens(text)
    return text if len(tokens) <= limit else "".join(tokens[: max(0, limit)])


def _call_tool(request: ChatRequest, prompt: int) -> Generation:
    call: JsonObject = {
        "id": f"call_{secrets.token_hex(16)}",
        "index": 0,
        "type": "function",
        "function": {"name": request.tool_name, "arguments": "{}"},
    }
    return Generation("", "", "", "tool_calls", TokenCounts(prompt, 12), call, request.streams_tools)


def marks_boxes(model: str) -> bool:
    """Tell whether the model wraps coordinates in box tokens."""
    return model.startswith(_BOXING)
