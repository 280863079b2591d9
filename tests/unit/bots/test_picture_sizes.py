"""Which sizes a picture may have, and how people write them."""

import pytest

from bots.picture_sizes import read_size


@pytest.mark.parametrize("text", ["1024x512", "1024X512", " 1024 x 512 ", "1024×512", "1024*512"])
def test_sizes_are_read_as_people_write_them(text):
    assert read_size(text) == "1024x512"


@pytest.mark.parametrize("size", ["512x512", "2048x1024", "1024x2048"])
def test_the_largest_and_the_smallest_size_can_be_painted(size):
    assert read_size(size) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "big",
        "1024",
        "1024x1024x3",
        "-512x512",
        "１０２４x１０２４",
        "496x1024",
        "1024x2064",
        "1000x1024",
        "2048x2048",
    ],
)
def test_a_size_that_cannot_be_painted_is_none(text):
    assert read_size(text) is None
