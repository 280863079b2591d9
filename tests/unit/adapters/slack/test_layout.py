"""A long text over several messages: nothing lost, nothing too long, fences and tables opened again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.slack.formatting import open_fence
from adapters.platforms.slack.layout import MAX_BYTES, chunk_at, layout

LINES = st.lists(st.text("ab 中。é", max_size=40), max_size=60).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(LINES, st.integers(60, 400))
def test_the_messages_together_are_the_text(text, room):
    chunks, start = [], 0
    while True:
        chunk = chunk_at(text, start, room=room)
        chunks.append(chunk)
        if chunk.end >= len(text):
            break
        start = chunk.end
    assert "".join(chunk.body for chunk in chunks) == text
    assert all(chunk.size <= room for chunk in chunks)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 1200), st.integers(0, 600))
def test_a_message_that_is_full_stays_as_it_is_while_the_text_grows(short, more):
    text = "".join(f"行 {number}：写着一些字。\n" for number in range(short + more))
    early = "".join(f"行 {number}：写着一些字。\n" for number in range(short))
    for before, after in zip(layout(early)[:-1], layout(text), strict=False):
        assert before == after


def test_a_short_text_is_one_message():
    assert [chunk.text for chunk in layout("hello")] == ["hello"]
    assert [chunk.text for chunk in layout("")] == [""]


def test_code_that_is_cut_is_closed_and_opened_again():
    text = "```py\n" + "x = 1  # a line of code\n" * 1000 + "```\nThe end."
    chunks = layout(text)
    assert len(chunks) > 2
    assert all(chunk.size <= MAX_BYTES and open_fence(chunk.text) == "" for chunk in chunks)
    assert all(chunk.head == "```py\n" for chunk in chunks[1:])
    assert chunks[-1].text.endswith("```\nThe end.")


def test_a_table_that_is_cut_has_its_head_again():
    text = "| name | value |\n|---|---|\n" + "| some name | some value |\n" * 800
    chunks = layout(text)
    assert len(chunks) > 1
    assert all(chunk.text.startswith("| name | value |\n|---|---|\n") for chunk in chunks)


def test_messages_begin_where_they_began():
    text = "line\n" * 100
    chunks = layout(text, [0, 50, 100])
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(0, 50), (50, 100), (100, 500)]


@pytest.mark.parametrize("text", ["中" * 20_000, "a" * 50_000])
def test_a_text_without_any_break_is_cut_all_the_same(text):
    chunks = layout(text)
    assert "".join(chunk.body for chunk in chunks) == text
    assert all(chunk.size <= MAX_BYTES for chunk in chunks)
