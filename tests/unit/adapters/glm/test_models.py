import pytest

from adapters.glm.models import MODELS, PICTURE_SIZES, GlmCatalog, picture_size
from bots.errors import CommandMistaken, ModelNotFound
from bots.models import TIERS


def test_the_catalog_knows_the_models_of_the_table_only() -> None:
    assert {name: GlmCatalog().spec(name) for name in MODELS} == MODELS
    with pytest.raises(ModelNotFound, match="glm-9"):
        GlmCatalog().spec("glm-9")


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ("glm-4.7-flash", (1, 1, 1, 1)),
        ("glm-4.6v-flash", (1, 1, 1, 1)),
        ("glm-4.1v-thinking-flash", (5, 10, 15, 20)),
        ("glm-4.1v-thinking-flashx", (30, 50, 80, 100)),
        ("glm-4v-plus-0111", (5, 15, 30, 40)),
        ("cogview-3-flash", (1, 20, 30, 40)),
    ],
)
def test_each_tier_has_the_published_number_of_slots(model: str, limits: tuple[int, ...]) -> None:
    assert tuple(MODELS[model].limit_at(tier) for tier in TIERS) == limits


@pytest.mark.parametrize("model", MODELS)
def test_a_models_numbers_agree_with_each_other(model: str) -> None:
    spec = MODELS[model]
    assert spec.name == model
    assert (spec.max_images > 0) == ("image" in spec.inputs)
    assert spec.default_output_tokens <= spec.max_output_tokens
    assert (spec.max_output_tokens == 0) == spec.paints == bool(spec.image_sizes)
    assert min(spec.concurrency) >= 1


@pytest.mark.parametrize("size", PICTURE_SIZES)
def test_each_documented_size_can_be_painted(size: str) -> None:
    assert picture_size(size) == size


@pytest.mark.parametrize("text", ["1024X512", " 1024 x 512 ", "1024×512", "1024*512"])
def test_sizes_are_read_as_people_write_them(text: str) -> None:
    assert picture_size(text) == "1024x512"


def test_the_largest_and_the_smallest_size_can_be_painted() -> None:
    assert picture_size("512x512") == "512x512"
    assert picture_size("2048x1024") == "2048x1024"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("big", "1024x1024"),
        ("1024", "1024x1024"),
        ("1024x1024x3", "1024x1024"),
        ("-512x512", "1024x1024"),
        ("１０２４x１０２４", "1024x1024"),
        ("496x1024", "512 to 2048"),
        ("1024x2064", "512 to 2048"),
        ("1000x1024", "multiple of 16"),
        ("2048x2048", "2097152 pixels"),
    ],
)
def test_a_size_that_cannot_be_painted_says_why(text: str, reason: str) -> None:
    with pytest.raises(CommandMistaken, match=reason):
        picture_size(text)
