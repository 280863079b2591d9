"""The simulated models see what is really there: shapes and scenes."""

import io

import pytest
from PIL import Image

from simulators.glm.errors import Refusal
from simulators.glm.pictures import look
from simulators.glm.scenes import Scene, scenes_of_frames, watch
from simulators.glm.shapes import find_shapes
from tests.media_made import SCENES, SHAPES, five_shapes, iou, video_of


def test_every_drawn_shape_is_found_with_its_colour_and_true_box():
    found = find_shapes(Image.open(io.BytesIO(five_shapes())))
    assert len(found) == len(SHAPES)
    for shape in SHAPES:
        left, top, right, bottom = shape.box
        true = round(left / 0.8), round(top / 0.6), round(right / 0.8), round(bottom / 0.6)
        best = max(found, key=lambda one: iou(one.box, true))
        assert iou(best.box, true) >= 0.95
        assert best.colour == shape.colour


def test_an_empty_picture_has_no_shapes():
    assert find_shapes(Image.new("RGB", (300, 200), "white")) == ()


def test_shapes_are_looked_for_only_when_asked():
    assert look(five_shapes()).shapes == ()
    assert len(look(five_shapes(), finds_shapes=True).shapes) == 5


def test_a_video_is_told_by_its_scenes():
    told = watch(video_of(SCENES, rate=5))
    assert [scene.colour for scene in told] == [colour for colour, _, _ in SCENES]
    for scene, (_, begin, end) in zip(told, SCENES, strict=True):
        assert scene.begin_s == pytest.approx(begin, abs=0.4)
        assert scene.end_s == pytest.approx(end, abs=0.4)


@pytest.mark.parametrize("data", [b"", b"words", video_of(SCENES[:1], rate=1)[:200]])
def test_what_is_no_video_is_refused_as_the_service_does(data):
    with pytest.raises(Refusal) as caught:
        watch(data)
    assert caught.value.code == "1210"


def test_frames_with_their_times_are_a_video():
    red, blue = (look(png_of(colour)) for colour in ("red", "blue"))
    text = "Video a.mp4, 6.0 s long, 3 frames. They stand at: 0.0 s, 2.0 s, 4.0 s."
    assert scenes_of_frames(text, (red, red, blue)) == (Scene("red", 0.0, 4.0), Scene("blue", 4.0, 6.0))
    assert scenes_of_frames("Two pictures", (red, blue)) == ()


def png_of(colour: str) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(packed, "PNG")
    return packed.getvalue()
