import pytest

from adapters.glm.models import MODELS, PICTURE_SIZES, GlmCatalog
from bots.errors import ModelNotFound
from bots.models import TIERS
from bots.picture_sizes import read_size


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
    assert read_size(size) == size
