import json

import pytest

from adapters.glm.reading import AnswerReader, read_whole
from adapters.glm.sse import FrameSplitter
from bots.deltas import Delta, Finished, ReasoningDelta, Restarted, TextDelta, ToolCallDelta, Usage
from bots.errors import (
    KeyRejected,
    ModelOverloaded,
    ModelStreamBroken,
    ModelUnavailable,
    PromptRefused,
)
from tests.unit.adapters.glm.wire import DONE, frame, shown

USAGE = {"prompt_tokens": 13, "completion_tokens": 564, "total_tokens": 577}
FULL_USAGE = {
    **USAGE,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 561},
}


def read(script: bytes, *, thinks_inline: bool = False) -> list[Delta]:
    splitter, reader = FrameSplitter(), AnswerReader(thinks_inline)
    frames = [*splitter.feed(script), *splitter.finish()]
    return [delta for one in frames for delta in reader.read(one)] + reader.end()


def test_reasoning_then_text_then_the_end() -> None:
    script = (
        frame(reasoning="\n1")
        + frame(reasoning=".")
        + frame("\n4")
        + frame("")
        + frame("", finish_reason="stop", usage=FULL_USAGE)
        + DONE
    )
    assert read(script) == [
        ReasoningDelta("1"),
        ReasoningDelta("."),
        TextDelta("4"),
        Finished("stop", Usage(13, 564, 4, 561)),
    ]


def test_the_usage_may_come_in_a_frame_of_its_own() -> None:
    separate = b'data: {"id":"20260701","choices":[],"usage":' + json.dumps(USAGE).encode() + b"}\n\n"
    assert read(frame("4", finish_reason="stop") + separate + DONE)[-1] == Finished("stop", Usage(13, 564))


def test_the_last_usage_counts_when_every_chunk_has_one() -> None:
    script = frame("4", usage={"completion_tokens": 1}) + frame("2", usage={"completion_tokens": 2})
    assert read(script + frame("", finish_reason="stop", usage=None) + DONE)[-1] == Finished(
        "stop", Usage(completion_tokens=2)
    )


def test_a_usage_frame_with_another_id_is_no_restart() -> None:
    separate = b'data: {"id":"","choices":[],"usage":{}}\n\ndata: {"id":"9","choices":[],"usage":{}}\n\n'
    assert Restarted() not in read(frame("4") + separate + frame("2", finish_reason="stop"))


def test_an_answer_without_usage_says_so() -> None:
    assert read(frame("4", finish_reason="stop") + DONE)[-1] == Finished("stop", None)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_calls", "tool_calls"),
        ("sensitive", "sensitive"),
        ("something_new", "other"),
    ],
)
def test_each_reason_to_finish_is_told(theirs: str, ours: str) -> None:
    end = read(frame("4", finish_reason=theirs) + DONE)[-1]
    assert isinstance(end, Finished)
    assert end.reason == ours


def test_a_missing_done_is_no_harm_after_a_reason() -> None:
    assert read(frame("4", finish_reason="stop"))[-1] == Finished("stop")


def test_a_missing_reason_is_no_harm_before_done() -> None:
    assert read(frame("4") + DONE) == [TextDelta("4"), Finished("other")]


def test_a_stream_without_any_end_is_broken() -> None:
    with pytest.raises(ModelStreamBroken):
        read(frame("4"))
    with pytest.raises(ModelStreamBroken):
        read(b"")


def test_an_inference_that_broke_off_is_a_broken_stream() -> None:
    with pytest.raises(ModelStreamBroken) as caught:
        read(frame("4") + frame("", finish_reason="network_error") + DONE)
    assert caught.value.code == "network_error"


@pytest.mark.parametrize("name", [b"", b"event: error\n"])
def test_an_error_inside_the_stream_is_raised(name: bytes) -> None:
    with pytest.raises(ModelOverloaded) as caught:
        read(name + b'data: {"error":{"code":"1305","message":"busy"}}\n\n')
    assert caught.value.code == "1305"


def test_an_error_after_text_is_a_broken_stream_unless_it_is_a_refusal() -> None:
    with pytest.raises(ModelStreamBroken):
        read(frame("4") + b'data: {"error":{"code":"1305"}}\n\n')
    with pytest.raises(PromptRefused):
        read(frame("4") + b'data: {"error":{"code":"1301"}}\n\n')


def test_an_error_event_that_is_not_json_is_still_an_error() -> None:
    with pytest.raises(ModelUnavailable):
        read(b"event: error\ndata: upstream gone\n\n")


def test_an_error_that_is_null_is_none() -> None:
    assert read(b'data: {"error":null,"choices":[{"delta":{"content":"4"}}]}\n\n' + DONE)[0] == TextDelta("4")


def test_a_new_id_is_a_restart_and_forgets_the_answer_so_far() -> None:
    script = frame("<think>a", chunk_id="1") + frame("b <", chunk_id="1") + frame("11", chunk_id="2")
    deltas = read(script + frame("", chunk_id="2", finish_reason="stop"), thinks_inline=True)
    assert deltas.count(Restarted()) == 1
    assert shown(deltas) == ("11", "")


def test_a_restart_in_the_middle_of_a_frame_is_survived() -> None:
    cut = frame("never seen", chunk_id="1").rstrip()[:40]
    script = frame("old", chunk_id="1") + cut + frame("new", chunk_id="2")
    assert read(script + frame("", chunk_id="2", finish_reason="stop") + DONE) == [
        TextDelta("old"),
        Restarted(),
        TextDelta("new"),
        Finished("stop"),
    ]


def test_a_frame_that_is_not_json_is_skipped() -> None:
    script = frame("4") + b'data: {"id":"2026\n\n' + frame("2", finish_reason="stop")
    assert shown(read(script)) == ("42", "")


def test_nothing_is_said_after_the_end() -> None:
    script = frame("4", finish_reason="stop") + frame("late") + frame("later", chunk_id="2") + DONE
    assert read(script) == [TextDelta("4"), Finished("stop")]


def test_what_was_held_back_at_a_refusal_is_not_shown() -> None:
    assert read(frame("a<") + frame("", finish_reason="sensitive")) == [
        TextDelta("a"),
        Finished("sensitive"),
    ]


@pytest.mark.parametrize(
    "chunk",
    [
        b"[]",
        b"7",
        b'{"choices":null}',
        b'{"choices":[null,{"delta":null}]}',
        b'{"choices":[{"delta":{"content":null,"tool_calls":null}}],"usage":"none"}',
        b'{"id":null,"choices":[{"delta":{"content":{"a":1},"tool_calls":[{"index":"x","function":null}]}}]}',
        b'{"choices":{},"usage":{"prompt_tokens":"many","prompt_tokens_details":[]}}',
    ],
)
def test_odd_chunks_do_not_end_the_answer(chunk: bytes) -> None:
    script = frame("4") + b"data: " + chunk + b"\n\n" + frame("2", finish_reason="stop")
    assert shown(read(script)) == ("42", "")


def call(call_id: str, arguments: str = "{}", **more: object) -> dict[str, object]:
    return {"id": call_id, "type": "function", "function": {"name": "f", "arguments": arguments}, **more}


def calls_in(script: bytes) -> list[ToolCallDelta]:
    return [delta for delta in read(script) if isinstance(delta, ToolCallDelta)]


def test_a_call_in_the_last_frame_is_not_lost() -> None:
    script = frame(tool_calls=[call("a", '{"city":"北京"}', index=0)], finish_reason="tool_calls") + DONE
    assert read(script) == [ToolCallDelta("a", "f", '{"city":"北京"}'), Finished("tool_calls")]


def test_streamed_arguments_are_put_together() -> None:
    script = (
        frame(tool_calls=[call("a", "", index=0)])
        + frame(tool_calls=[{"index": 0, "function": {"arguments": '{"ci'}}])
        + frame(tool_calls=[{"index": 0, "function": {"arguments": 'ty":1}'}}])
        + frame(finish_reason="tool_calls")
    )
    assert calls_in(script) == [ToolCallDelta("a", "f", '{"city":1}')]


@pytest.mark.parametrize("indexes", [({}, {}), ({"index": 0}, {"index": 0}), ({"index": 0}, {"index": 1})])
@pytest.mark.parametrize("second_id", ["a", "b", ""])
def test_parallel_calls_are_kept_apart(indexes: tuple[dict[str, object], ...], second_id: str) -> None:
    parts = [{**call("a", "1"), **indexes[0]}, {**call(second_id, "2"), **indexes[1]}]
    calls = calls_in(frame(tool_calls=parts, finish_reason="tool_calls"))
    assert [one.arguments for one in calls] == ["1", "2"]
    assert len({one.call_id for one in calls}) == 2


def test_calls_without_an_index_in_frames_of_their_own_are_kept_apart() -> None:
    script = frame(tool_calls=[call("a", "1")]) + frame(tool_calls=[call("b", "2")])
    calls = calls_in(script + frame(finish_reason="tool_calls"))
    assert [(one.call_id, one.arguments) for one in calls] == [("a", "1"), ("b", "2")]


def test_calls_without_number_are_not_collected_for_ever() -> None:
    with pytest.raises(ModelStreamBroken):
        read(frame(tool_calls=[call(str(number), index=number) for number in range(200)]))


def test_a_whole_answer_is_said_in_the_same_words() -> None:
    body = {
        "choices": [
            {
                "finish_reason": "stop",
                "index": 0,
                "message": {
                    "content": "\nA <|begin_of_box|>kiwi<|end_of_box|>.",
                    "reasoning_content": "\nGot it",
                },
            }
        ],
        "usage": FULL_USAGE,
    }
    deltas = read_whole(json.dumps(body).encode())
    assert shown(deltas) == ("A kiwi.", "Got it")
    assert deltas[-1] == Finished("stop", Usage(13, 564, 4, 561))


def test_a_whole_answer_may_be_a_list_of_parts() -> None:
    body = {"choices": [{"finish_reason": "stop", "message": {"content": [{"type": "text", "text": "4"}]}}]}
    assert shown(read_whole(json.dumps(body).encode())) == ("4", "")


def test_an_error_with_status_200_is_an_error() -> None:
    with pytest.raises(KeyRejected):
        read_whole(b'{"code":1000,"msg":"no","success":false}')


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"choices":[]}', b"[]"])
def test_what_is_no_answer_is_a_failure_of_the_service(body: bytes) -> None:
    with pytest.raises(ModelUnavailable):
        read_whole(body)
