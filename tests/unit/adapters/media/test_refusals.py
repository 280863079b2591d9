"""What people are told about a file that is not taken: one sentence with the limit and its unit."""

import pytest

from adapters.media.limits import PictureLimits
from adapters.media.rendering import render
from adapters.media.texts import read_text
from bots.errors import AttachmentTooLarge, MediaError
from bots.messages import Language
from bots.wording import sentence_for
from tests.unit.adapters.media.pictures_made import png_header_of


def refusal(error: MediaError, language: Language = "en") -> str:
    return sentence_for(error, language)


def test_a_picture_of_too_many_pixels_is_refused_in_megapixels():
    limits = PictureLimits(max_received_pixels=2_000_000)
    with pytest.raises(AttachmentTooLarge) as refused:
        render(png_header_of(3000, 1001), "png", "wall.png", limits)
    assert refusal(refused.value) == (
        "wall.png has too many pixels: I can take up to 2 megapixels. Send a smaller version."
    )
    assert "2 百万像素" in refusal(refused.value, "zh")


def test_a_text_that_is_too_long_is_refused_in_characters():
    with pytest.raises(AttachmentTooLarge) as refused:
        read_text(b"a" * 200_001, "war-and-peace.txt")
    assert "up to 200,000 characters" in refusal(refused.value)


@pytest.mark.parametrize(
    ("limit", "said"), [(20 * 1024 * 1024, "I can take files up to 20 MB."), (0, "x.png is too large. Send")]
)
def test_a_limit_is_told_where_it_is_known(limit, said):
    assert said in refusal(AttachmentTooLarge(name="x.png", limit=limit))
