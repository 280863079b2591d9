"""The models of the open platform, as one table (GLM docs, model pages, rate limits and price list).

Contexts are written with 1K = 1000 tokens, the careful reading of the vendor's "200K". Where the vendor tells
a concurrency for V0 only, that number stands at every tier: too low costs a wait, too high costs refusals.
"""

from bots.errors import ModelNotFound
from bots.models import ModelSpec

PICTURE_SIZES = ("1024x1024", "768x1344", "864x1152", "1344x768", "1152x864", "1440x720", "720x1440")


def _table(*specs: ModelSpec) -> dict[str, ModelSpec]:
    return {spec.name: spec for spec in specs}


MODELS: dict[str, ModelSpec] = _table(
    ModelSpec(
        name="glm-4.7-flash",
        inputs=frozenset({"text"}),
        context_tokens=200_000,
        max_output_tokens=131_072,
        default_output_tokens=65_536,
        thinking="switch",
        function_calls=True,
        concurrency=(1, 1, 1, 1),  # V1 to V3 are not published
        temperature=1.0,
        top_p=0.95,
    ),
    ModelSpec(
        name="glm-4-flash-250414",
        inputs=frozenset({"text"}),
        context_tokens=128_000,
        max_output_tokens=16_384,  # the documents say 32768, the gateway refuses more than this
        default_output_tokens=16_384,
        concurrency=(20, 20, 20, 20),  # V1 to V3 are not published
        temperature=0.75,
        top_p=0.9,
    ),
    ModelSpec(
        name="glm-4.6v-flash",
        inputs=frozenset({"text", "image", "video", "file"}),
        context_tokens=128_000,
        max_output_tokens=32_768,
        default_output_tokens=16_384,
        thinking="switch",
        max_images=50,
        function_calls=True,
        concurrency=(1, 1, 1, 1),  # V1 to V3 are not published
    ),
    ModelSpec(
        name="glm-4.1v-thinking-flash",
        inputs=frozenset({"text", "image", "video"}),
        context_tokens=64_000,
        max_output_tokens=16_384,  # the documents say 32768, the gateway refuses more than this
        default_output_tokens=16_384,
        thinking="always",
        max_images=5,  # not published; the smallest limit of the models that take several
        concurrency=(5, 10, 15, 20),
    ),
    ModelSpec(
        name="glm-4.1v-thinking-flashx",
        inputs=frozenset({"text", "image", "video"}),
        context_tokens=64_000,
        max_output_tokens=16_384,
        default_output_tokens=16_384,
        thinking="always",
        max_images=5,  # not published, as above
        price_input=2.0,
        price_output=2.0,
        concurrency=(30, 50, 80, 100),
    ),
    ModelSpec(
        name="glm-4v-flash",
        inputs=frozenset({"text", "image"}),
        context_tokens=16_000,
        max_output_tokens=1024,
        default_output_tokens=1024,
        max_images=1,  # in the whole context, not in each message
        image_base64=False,
        concurrency=(10, 10, 10, 10),  # V1 to V3 are not published
    ),
    ModelSpec(
        name="glm-4v-plus-0111",
        inputs=frozenset({"text", "image", "video"}),
        context_tokens=16_000,
        max_output_tokens=8192,  # the model's page says "context less input", the limits' table this
        default_output_tokens=1024,
        max_images=5,
        price_input=4.0,
        price_output=4.0,
        concurrency=(5, 15, 30, 40),
    ),
    ModelSpec(
        name="cogview-3-flash",
        inputs=frozenset({"text"}),
        paints=True,
        concurrency=(1, 20, 30, 40),
        image_sizes=PICTURE_SIZES,
    ),
)


class GlmCatalog:
    """Looks models up in the table; implements ``bots.ports.Catalog``."""

    def spec(self, model: str) -> ModelSpec:
        """Look a model up; raises ModelNotFound."""
        try:
            return MODELS[model]
        except KeyError:
            detail = f"There is no model {model[:60]!r} in the table of GLM models."
            raise ModelNotFound(detail) from None
