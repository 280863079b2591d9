from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.glm.markers import AnswerFilter
from bots.deltas import Delta, Restarted
from tests.unit.adapters.glm.wire import shown


def filtered(*pieces: str, thinks_inline: bool = True) -> list[Delta]:
    answer_filter = AnswerFilter(thinks_inline)
    return [delta for piece in pieces for delta in answer_filter.feed(piece)] + answer_filter.finish()


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ("Hello", "Hello", ""),
        ("\n\nHello\n", "Hello\n", ""),
        ("  \n    code", "    code", ""),
        ("<think>\nHm.</think>\n<answer>Four</answer>", "Four", "Hm."),
        ("\n<think>a</think>b</think>c", "b</think>c", "a"),
        ("<think>never closed", "", "never closed"),
        ("<think></think>Four", "Four", ""),
        ("<think>if a < b</think>a<b", "a<b", "if a < b"),
        ("It is <|begin_of_box|>42<|end_of_box|>.", "It is 42.", ""),
        ("<|begin_of_box|>\n[[1,2,3,4]]</|end_of_box|>", "[[1,2,3,4]]", ""),
        ("The tag <think> opens, </think", "The tag <think> opens, </think", ""),
        ("So </answer> ends", "So </answer> ends", ""),
        ("\n \n", "", ""),
        ("", "", ""),
        ("a <", "a <", ""),
    ],
)
def test_markers_are_taken_out(content: str, text: str, reasoning: str) -> None:
    assert shown(filtered(content)) == (text, reasoning)
    assert shown(filtered(*content)) == (text, reasoning)


def test_a_lone_closing_tag_of_a_thinking_model_takes_the_text_back() -> None:
    deltas = filtered("Let me see.", " Two and two", "</think>\n<answer>Four</answer>")
    assert Restarted() in deltas
    assert shown(deltas) == ("Four", "Let me see. Two and two")


def test_a_closing_tag_in_another_models_answer_is_a_word() -> None:
    deltas = filtered("Close it with </think> then.", thinks_inline=False)
    assert shown(deltas) == ("Close it with </think> then.", "")


def test_a_closing_tag_before_any_text_is_dropped() -> None:
    assert shown(filtered("</think>\nFour", thinks_inline=False)) == ("Four", "")


def test_reasoning_of_its_own_field_begins_without_empty_lines() -> None:
    answer_filter = AnswerFilter()
    assert shown([*answer_filter.reason("\n1"), *answer_filter.reason("\n2")]) == ("", "1\n2")


def test_text_is_shown_at_once_unless_a_marker_may_begin_there() -> None:
    answer_filter = AnswerFilter()
    assert shown(answer_filter.feed("Hello <")) == ("Hello ", "")
    assert shown(answer_filter.feed("3")) == ("<3", "")


PIECES = [
    "<think>", "</think>", "<answer>", "</answer>", "<|begin_of_box|>", "<|end_of_box|>", "</|end_of_box|>",
    "<", "</", "<|", "|>", "think>", "\n", " ", "a", "好", "\n\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.data(), st.booleans())
def test_the_answer_is_the_same_however_it_is_split(
    pieces: list[str], data: st.DataObject, thinks_inline: bool
) -> None:
    content = "".join(pieces)
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=10))
    ends = [0, *sorted(cuts), len(content)]
    parts = [content[start:end] for start, end in pairwise(ends)]
    whole = shown(filtered(content, thinks_inline=thinks_inline))
    assert shown(filtered(*parts, thinks_inline=thinks_inline)) == whole
