import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.glm.sse import Frame, FrameSplitter, objects_in
from bots.errors import ModelStreamBroken


def split(*chunks: bytes) -> list[Frame]:
    splitter = FrameSplitter()
    return [frame for chunk in chunks for frame in splitter.feed(chunk)] + splitter.finish()


def data(*chunks: bytes) -> list[str]:
    return [frame.data for frame in split(*chunks)]


def test_frames_end_at_an_empty_line() -> None:
    assert data(b'data: {"a":1}\n\ndata: [DONE]\n\n') == ['{"a":1}', "[DONE]"]


def test_comments_and_unknown_fields_are_not_data() -> None:
    assert data(b": keep-alive\n\nid: 7\nretry: 10\ndata: 1\n\n:\n\n") == ["1"]


def test_the_space_after_the_colon_is_optional() -> None:
    assert data(b"data:1\n\ndata: 2\n\n") == ["1", "2"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_kind_of_line_end_is_read(end: bytes) -> None:
    assert data(b"data: 1" + end + b"data: 2" + end + end + b"data: 3" + end + end) == ["1\n2", "3"]


def test_the_name_of_an_event_belongs_to_its_frame_only() -> None:
    assert split(b"event: error\ndata: 1\n\ndata: 2\n\n") == [Frame("error", "1"), Frame("", "2")]


def test_the_end_of_the_stream_ends_the_last_frame() -> None:
    assert data(b"data: 1\n\ndata: [DONE]") == ["1", "[DONE]"]
    assert data(b"data: 1\r") == ["1"]


def test_a_byte_order_mark_is_not_part_of_the_first_field() -> None:
    assert data(b"\xef\xbb\xbfdata: 1\n\n") == ["1"]


def test_bytes_that_are_no_utf_8_do_not_end_the_answer() -> None:
    assert data(b"data: \xe4\xbd\n\ndata: 2\n\n") == ["\ufffd", "2"]


SCRIPT = 'data: {"t":"你好 👋"}\r\n\r\n: c\n\nevent: error\ndata: é\ndata: x\n\ndata:[DONE]\r\r'.encode()


@given(st.lists(st.integers(0, len(SCRIPT)), max_size=12))
def test_the_frames_are_the_same_however_the_bytes_are_split(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(SCRIPT)]
    pieces = [SCRIPT[start:end] for start, end in pairwise(ends)]
    assert split(*pieces) == [Frame("", '{"t":"你好 👋"}'), Frame("error", "é\nx"), Frame("", "[DONE]")]


def test_a_frame_without_an_end_is_not_collected_for_ever() -> None:
    splitter = FrameSplitter(frame_bytes_max=100)
    splitter.feed(b"data: " + b"x" * 50)
    with pytest.raises(ModelStreamBroken, match="100 bytes"):
        splitter.feed(b"x" * 50)


def test_many_lines_of_one_frame_count_together() -> None:
    splitter = FrameSplitter(frame_bytes_max=100)
    for _ in range(11):
        splitter.feed(b"data: x\n")
    with pytest.raises(ModelStreamBroken):
        splitter.feed(b"data: x\n" * 10)


def test_a_stream_without_an_end_is_cut_off() -> None:
    splitter = FrameSplitter(stream_bytes_max=100)
    for _ in range(11):
        splitter.feed(b"data: x\n\n")
    with pytest.raises(ModelStreamBroken):
        splitter.feed(b"data: x\n\n" * 10)


def test_a_frame_holds_one_object() -> None:
    assert objects_in(Frame("", '{"id":"1"}')) == ([{"id": "1"}], False)
    assert objects_in(Frame("", "[DONE]")) == ([], True)
    assert objects_in(Frame("", "[DONE] ")) == ([], True)


def test_an_object_over_several_lines_is_one() -> None:
    assert objects_in(Frame("", '{\n "id": "1"\n}')) == ([{"id": "1"}], False)


def test_a_frame_that_was_cut_gives_way_to_the_one_inside_it() -> None:
    glued = (
        '{"id":"20260430204055297b97348c8e426c","created":1777552855,"object":"chat.c'
        'data: {"id":"2026043020420635c6abc56a2741ac","choices":[{"index":0,"delta":{"content":"11"}}]}'
    )
    objects, is_done = objects_in(Frame("", glued))
    assert [value["id"] for value in objects] == ["2026043020420635c6abc56a2741ac"]
    assert not is_done


def test_several_cuts_in_one_frame_are_survived() -> None:
    assert objects_in(Frame("", '{"id":"1","a": "data: {"id":"2","bdata: {"id":"3"}data: [DONE]')) == (
        [{"id": "3"}],
        True,
    )


def test_frames_that_lost_the_line_between_them_are_both_read() -> None:
    assert objects_in(Frame("", '{"id":"1"}\n{"id":"2"}\n[DONE]')) == ([{"id": "1"}, {"id": "2"}], True)
    assert objects_in(Frame("", '{"id":"1"}data: {"id":"2"}')) == ([{"id": "1"}, {"id": "2"}], False)


def test_an_answer_that_talks_about_frames_is_left_alone() -> None:
    value: dict[str, object] = {"content": 'A frame is data: {"id":1} and data: [DONE]\ndata: {'}
    assert objects_in(Frame("", json.dumps(value))) == ([value], False)


@pytest.mark.parametrize(
    "text", ["", "no", "{", "[" * 100_000, '{"a":' * 100_000, "7", "null", "data: {" * 1000]
)
def test_nonsense_holds_no_object(text: str) -> None:
    assert objects_in(Frame("", text)) == ([], False)
