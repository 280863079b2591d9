"""The plan of a streamed answer: which bytes go out at which moment, made before the first one is sent."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from simulators.glm.config import UsagePlacement
from simulators.glm.controls import Controls, Fault
from simulators.glm.frames import DONE, KEEP_ALIVE, FrameWriter, TokenCounts
from simulators.glm.generation import Generation
from simulators.glm.models import Model
from simulators.glm.narrow import JsonObject, is_object
from simulators.glm.pacing import cut_evenly, cut_into_chunks, due_times, due_times_over
from simulators.glm.tokens import count_tokens

STAMPED_CHUNKS = 60
_RESTART_PAUSE_S = 3.0  # the recorded gaps were 69 to 132 s; nobody wants to watch that
_STALL_S = 600.0
_CUT_INSIDE_FRAME = 72  # bytes: in the middle of "chat.completion.chunk", as recorded
_KEEP_ALIVE_EVERY = 5
_PLACEMENTS: dict[Fault, UsagePlacement] = {
    "usage_separate": "separate",
    "usage_every": "every",
    "usage_none": "none",
}


@dataclass(frozen=True)
class Step:
    """Bytes due ``at_s`` seconds after the start; with ``tail`` the time of sending goes between the two."""

    at_s: float
    data: bytes
    text: str = ""  # the content in them, for the record
    tail: bytes = b""
    starts_over: bool = False


@dataclass
class Script:
    """All steps of a stream; ``ends_cleanly`` is False when the connection is to break instead."""

    steps: list[Step]
    middle: int  # the step at which faults strike, somewhere in the visible text
    writer: FrameWriter
    model: Model
    pause_s: float | None  # for the faults that pause
    ends_cleanly: bool = True


@dataclass(frozen=True)
class Rhythm:
    """How fast a stream goes."""

    pace: float
    dice: random.Random
    usage: UsagePlacement


def write_script(generation: Generation, model: Model, controls: Controls, rhythm: Rhythm) -> Script:
    """Plan the stream of an answer, its faults included."""
    writer = FrameWriter(model)
    thoughts = cut_into_chunks(generation.reasoning, rhythm.dice)
    texts = _cut_content(generation.content, controls, rhythm.dice)
    times = _times([*thoughts, *texts], controls, rhythm)
    placement = rhythm.usage
    for fault in controls.faults:
        placement = _PLACEMENTS.get(fault, placement)
    running = _Running(generation.counts.prompt) if placement == "every" else None
    steps: list[Step] = []
    for position, chunk in enumerate(thoughts):
        usage = running.after(chunk, is_reasoning=True) if running else None
        steps.append(Step(times[position], writer.delta("reasoning_content", chunk, usage)))
    for position, chunk in enumerate(texts, len(thoughts)):
        if controls.stamps:
            before, after = writer.stamped_delta()
            steps.append(Step(times[position], before, tail=after))
            continue
        usage = running.after(chunk, is_reasoning=False) if running else None
        steps.append(Step(times[position], writer.delta("content", chunk, usage), chunk))
    end_s = times[-1]
    steps += [Step(end_s, data) for data in _ending(writer, generation, placement)]
    middle = len(thoughts) + max(1, len(texts) // 2) if texts else len(thoughts)
    script = Script(steps, middle, writer, model, controls.pause)
    for fault in controls.faults:
        if fault in _STRIKES:
            _STRIKES[fault](script)
    return script


class _Running:
    """Adds up tokens for gateways that report usage on every chunk."""

    def __init__(self, prompt: int) -> None:
        self._counts = TokenCounts(prompt, 0)

    def after(self, chunk: str, *, is_reasoning: bool) -> TokenCounts:
        tokens = count_tokens(chunk)
        self._counts = replace(
            self._counts,
            completion=self._counts.completion + tokens,
            reasoning=self._counts.reasoning + (tokens if is_reasoning else 0),
        )
        return self._counts


def _cut_content(content: str, controls: Controls, dice: random.Random) -> list[str]:
    if controls.chunks is None and not controls.stamps:
        return cut_into_chunks(content, dice)
    return cut_evenly(content, controls.chunks or STAMPED_CHUNKS)


def _times(chunks: list[str], controls: Controls, rhythm: Rhythm) -> list[float]:
    count = max(1, len(chunks))
    if controls.seconds is not None:
        return due_times_over(count, controls.seconds)
    return due_times([count_tokens(chunk) for chunk in chunks] or [1], rhythm.dice, rhythm.pace)


def _ending(writer: FrameWriter, generation: Generation, placement: UsagePlacement) -> list[bytes]:
    usage = generation.counts if placement in {"with_finish", "every"} else None
    call = generation.tool_call
    if call is None:
        frames = [writer.delta("content", "")]  # an empty chunk precedes the last one
    else:
        frames = _call_fragments(writer, call) if generation.streams_tool else []
    # Without tool_stream the whole call comes in the chunk that ends the answer.
    calls = [call] if call is not None and not generation.streams_tool else None
    frames.append(writer.finish(generation.finish_reason, usage, calls))
    if placement == "separate":
        frames.append(writer.usage_only(generation.counts))
    return [*frames, DONE]


def _call_fragments(writer: FrameWriter, call: JsonObject) -> list[bytes]:
    function = call["function"]
    named = {"name": function["name"], "arguments": ""} if is_object(function) else {}
    arguments = str(function["arguments"]) if is_object(function) else ""
    frames = [writer.tool_calls([{**call, "function": named}])]
    frames += [writer.tool_calls([{"index": 0, "function": {"arguments": piece}}]) for piece in arguments]
    return frames


def _drop_done(script: Script) -> None:
    del script.steps[-1]


def _stop_with(script: Script, *frames: bytes) -> None:
    at_s = script.steps[script.middle].at_s
    script.steps[script.middle :] = [Step(at_s, frame) for frame in frames]


def _inband_error(script: Script) -> None:
    _stop_with(script, script.writer.error("1234"))


def _network_error(script: Script) -> None:
    _stop_with(script, script.writer.finish("network_error", None), DONE)


def _sensitive(script: Script) -> None:
    _stop_with(script, script.writer.finish("sensitive", None), DONE)


def _cut(script: Script) -> None:
    half_frame = script.steps[script.middle].data[:_CUT_INSIDE_FRAME]
    _stop_with(script, half_frame)
    script.ends_cleanly = False


def _stall(script: Script) -> None:
    pause = _STALL_S if script.pause_s is None else script.pause_s
    script.steps[script.middle :] = [_later(step, pause) for step in script.steps[script.middle :]]


def _later(step: Step, seconds: float) -> Step:
    return replace(step, at_s=step.at_s + seconds)


def _restart_midframe(script: Script) -> None:
    """Cut a frame, wait, and begin a new generation inside it: new id, later creation, everything again."""
    pause = _RESTART_PAUSE_S if script.pause_s is None else script.pause_s
    writer = script.writer
    again = FrameWriter(script.model, writer.created + max(1, round(pause)))
    old, new = (
        f'"id":"{writer.id}","created":{writer.created}',
        f'"id":"{again.id}","created":{again.created}',
    )
    broken = script.steps[script.middle]
    resume_s = broken.at_s + pause
    first = script.steps[0]
    repeated = [
        replace(
            _later(step, resume_s - first.at_s),
            data=step.data.replace(old.encode(), new.encode()),
            starts_over=position == 0,
        )
        for position, step in enumerate(script.steps)
    ]
    half_frame = Step(broken.at_s, broken.data[:_CUT_INSIDE_FRAME])
    script.steps = [*script.steps[: script.middle], half_frame, *repeated]


def _comment_keepalive(script: Script) -> None:
    script.steps = [
        replace(step, data=KEEP_ALIVE + step.data) if position % _KEEP_ALIVE_EVERY == 0 else step
        for position, step in enumerate(script.steps)
    ]


def _glued(script: Script) -> None:
    """Let frame borders fall inside writes: each carries the end of one frame and the start of the next."""
    _shift_borders(script, lambda data: len(data) * 2 // 3)


def _split_utf8(script: Script) -> None:
    """End writes inside a character wherever a frame has one of more than one byte."""
    _shift_borders(script, _inside_character)


def _inside_character(data: bytes) -> int:
    return next((position + 1 for position, byte in enumerate(data) if byte >= 0xC0), len(data))


def _shift_borders(script: Script, border: Callable[[bytes], int]) -> None:
    carried = b""
    shifted: list[Step] = []
    for step in script.steps:
        position = border(step.data)
        shifted.append(replace(step, data=carried + step.data[:position]))
        carried = step.data[position:]
    shifted.append(Step(script.steps[-1].at_s, carried))
    script.steps = [step for step in shifted if step.data]


_STRIKES: dict[Fault, Callable[[Script], None]] = {
    "drop_done": _drop_done,
    "inband_error": _inband_error,
    "network_error": _network_error,
    "sensitive": _sensitive,
    "cut": _cut,
    "stall": _stall,
    "restart_midframe": _restart_midframe,
    "comment_keepalive": _comment_keepalive,
    "glued": _glued,
    "split_utf8": _split_utf8,
}
