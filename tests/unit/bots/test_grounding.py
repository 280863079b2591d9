"""Boxes in a model's words."""

import pytest

from bots.grounding import MOST_BOXES, Box, boxes_in


@pytest.mark.parametrize(
    "written",
    [
        "[[10,20,300,400]]",
        "[10, 20, 300, 400]",
        "(10,20,300,400)",
        "<10,20,300,400>",
        "[[ 10 , 20 , 300 , 400 ]]",
        "<|begin_of_box|>[[10,20,300,400]]<|end_of_box|>",
        "[300,400,10,20]",
        "[10.0,20.0,300.0,400.0]",
    ],
)
def test_every_bracket_style_is_read(written):
    assert boxes_in(f"cat: {written}") == (Box("cat", 10, 20, 300, 400),)


def test_coordinates_outside_the_picture_are_clamped():
    assert boxes_in("[-20,990,1100,1024]") == (Box("", 0, 990, 1000, 1000),)


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("- **red circle**: [[1,2,30,40]]", "red circle"),
        ("1. The cat is located at [[1,2,30,40]].", "The cat"),
        ('{"bbox_2d": [1,2,30,40], "label": "猫"}', "猫"),
        ("左边的猫：[[1,2,30,40]]", "左边的猫"),
        ("[[1,2,30,40]]", ""),
    ],
)
def test_the_words_before_a_box_name_it(line, label):
    assert boxes_in(line) == (Box(label, 1, 2, 30, 40),)


def test_several_boxes_may_share_a_name_or_have_their_own():
    shared = boxes_in("lamps: [[1,2,30,40],[50,60,70,80]]")
    own = boxes_in("a cat [1,2,30,40], a dog [50,60,70,80]")
    assert [box.label for box in shared] == ["lamps", "lamps"]
    assert [box.label for box in own] == ["a cat", "a dog"]


def test_the_same_box_said_twice_is_one_box():
    assert len(boxes_in("cat [[1,2,30,40]]\nI said [[1,2,30,40]]")) == 1


@pytest.mark.parametrize(
    "text",
    ["(1, 2, 3)", "f(1, 2, 3, 4, 5)", "[1,2,3,4]", "<b>", "[10,20,300,400)", "(0, 0, 0, 0)", "[[a,b,c,d]]"],
)
def test_other_brackets_are_no_boxes(text):
    assert boxes_in(text) == ()


def test_an_answer_of_nothing_but_boxes_is_cut_somewhere():
    assert len(boxes_in("\n".join(f"[{n},0,{n + 50},90]" for n in range(3 * MOST_BOXES)))) == MOST_BOXES
