"""The rules of a streamed message: chunks, their weight, states, expiry."""

from typing import Literal

from simulators.slack.config import StreamRules
from simulators.slack.messages import Message, Stream
from simulators.slack.wire import JsonObject, SlackError

TASK_STATUSES = ("pending", "in_progress", "complete", "error")
MAX_INLINE_BLOCKS = 50
DisplayMode = Literal["timeline", "plan"]


def check_chunks(chunks: list[JsonObject]) -> None:
    """Check the chunks' shapes; raises SlackError ``invalid_chunks``."""
    for index, chunk in enumerate(chunks):
        fault = _chunk_fault(chunk)
        if fault:
            raise SlackError(code="invalid_chunks", messages=(f"{fault} [json-pointer:/chunks/{index}]",))


def _chunk_fault(chunk: JsonObject) -> str:
    kind = chunk.get("type")
    if kind == "markdown_text":
        return "" if isinstance(chunk.get("text"), str) else "missing required field: text"
    if kind == "plan_update":
        return "" if isinstance(chunk.get("title"), str) else "missing required field: title"
    if kind == "task_update":
        return _task_fault(chunk)
    if kind == "blocks":
        return "" if isinstance(chunk.get("blocks"), list) else "missing required field: blocks"
    return f"unsupported type: {kind}"


def _task_fault(chunk: JsonObject) -> str:
    for name in ("id", "title"):
        if not isinstance(chunk.get(name), str) or not chunk[name]:
            return f"missing required field: {name}"
    if chunk.get("status") not in TASK_STATUSES:
        return "invalid status"
    for name in ("details", "output"):
        if not isinstance(chunk.get(name, ""), str):
            return f"must be a string: {name}"
    sources = chunk.get("sources") or []
    shaped = all(isinstance(source, dict) and source.get("type") == "url" for source in sources)
    return "" if shaped else "invalid sources"


def weigh(chunks: list[JsonObject], rules: StreamRules) -> int:
    """Weigh chunks in bytes of UTF-8; a task's details and output weigh double (measured, not documented)."""
    total = 0
    for chunk in chunks:
        total += sum(len(str(chunk.get(name, "")).encode()) for name in ("text", "title"))
        details = sum(len(str(chunk.get(name, "")).encode()) for name in ("details", "output"))
        total += rules.detail_weight * details
    return total


def require_streaming(message: Message, now: float) -> Stream:
    """Give the running stream; raises SlackError for one that ended, of itself or by the user."""
    if message.stream is None:
        raise SlackError(code="message_not_in_streaming_state")
    state = message.stream.state(now)
    if state == "stopped_by_user":
        raise SlackError(code="stopped_by_user")
    if state != "in_progress":
        raise SlackError(code="message_not_in_streaming_state")
    return message.stream


def take(stream: Stream, chunks: list[JsonObject], rules: StreamRules) -> list[str]:
    """Add chunks to a stream and give warnings; raises SlackError ``msg_too_long`` and takes nothing.

    Once a stream went over, every further append and stop is refused the same way (CopilotKit issue 6063).
    """
    weight = weigh(chunks, rules)
    if stream.over_limit or stream.weighed_bytes + weight > rules.max_bytes:
        stream.over_limit = True
        raise SlackError(code="msg_too_long")
    stream.weighed_bytes += weight
    warnings: list[str] = []
    for chunk in chunks:
        warnings += _add(stream, chunk)
    return warnings


def _add(stream: Stream, chunk: JsonObject) -> list[str]:
    kind = chunk["type"]
    if kind == "markdown_text":
        last = stream.parts[-1] if stream.parts else None
        if last is not None and last["type"] == "markdown":
            last["text"] += chunk["text"]
        elif chunk["text"]:
            stream.parts.append({"type": "markdown", "text": chunk["text"]})
    elif kind == "plan_update":
        stream.plan_title = chunk["title"]
        stream.display_mode = "plan"
    elif kind == "task_update":
        _add_task(stream, chunk)
    else:
        room = MAX_INLINE_BLOCKS - stream.inline_blocks
        fitting = chunk["blocks"][:room]
        stream.parts.extend(fitting)
        stream.inline_blocks += len(fitting)
        return ["blocks_dropped"] if len(fitting) < len(chunk["blocks"]) else []
    return []


def _add_task(stream: Stream, chunk: JsonObject) -> None:
    card = {**chunk, "type": "task_card", "task_id": chunk["id"]}
    for part in stream.parts:
        if part["type"] == "task_card" and part["task_id"] == chunk["id"]:
            part.update({name: value for name, value in card.items() if value is not None})
            return
    stream.parts.append(card)
