"""What each model takes and gives: modalities, sizes, thinking, concurrency ("GLM docs, models")."""

from dataclasses import dataclass
from typing import Literal

Tier = Literal["V0", "V1", "V2", "V3"]
TIERS: tuple[Tier, ...] = ("V0", "V1", "V2", "V3")

# none: never. switch: on unless disabled. forced: always, in its own field. inline: always, as <think> text.
Thinking = Literal["none", "switch", "forced", "inline"]
# Which detail objects the usage carries.
UsageDetails = Literal["none", "prompt", "full"]

TEXT = frozenset({"text"})
VISION = frozenset({"text", "image_url", "video_url"})
VISION_AND_FILES = VISION | {"file_url", "file"}


@dataclass(frozen=True)
class Model:
    """One model as the service treats it; sizes are in tokens, concurrency is per tier V0 to V3."""

    name: str
    context_tokens: int
    max_tokens: int
    default_max_tokens: int
    concurrency: tuple[int, int, int, int]
    parts: frozenset[str] = TEXT
    max_images: int = 0
    thinking: Thinking = "none"
    usage_details: UsageDetails = "full"
    base64_images: bool = True
    raw_video: bool = False
    tools: bool = True

    @property
    def is_vision(self) -> bool:
        """Tell whether it takes pictures."""
        return "image_url" in self.parts


@dataclass(frozen=True)
class Painter:
    """One picture model: the sizes it names, and what a free size must obey (None: only the named ones)."""

    name: str
    concurrency: tuple[int, int, int, int]
    sizes: tuple[str, ...]
    default_size: str
    free_sides_px: tuple[int, int, int] | None = None  # least, most, multiple of
    max_pixels: int = 2**21
    max_prompt_characters: int | None = None
    qualities: tuple[str, ...] = ("standard", "hd")


_K = 1024


def _flat(slots: int) -> tuple[int, int, int, int]:
    """Use one number for every tier where only one is known."""
    return (slots, slots, slots, slots)


# Where documents and live answers differ on the greatest max_tokens, the live answer stands.
_CHAT = (
    Model("glm-4.7-flash", 200_000, 131_072, 65_536, _flat(1), thinking="switch"),
    Model("glm-4.7-flashx", 200_000, 131_072, 65_536, _flat(3), thinking="switch"),
    Model("glm-4.7", 200_000, 131_072, 65_536, _flat(2), thinking="switch"),
    Model("glm-4.6", 200_000, 131_072, 65_536, _flat(3), thinking="switch"),
    Model("glm-4.5", 131_072, 131_072, 65_536, _flat(10), thinking="switch"),
    Model("glm-4.5-air", 131_072, 98_304, 65_536, _flat(5), thinking="switch", usage_details="prompt"),
    Model("glm-4.5-flash", 131_072, 98_304, 65_536, _flat(2), thinking="switch", usage_details="prompt"),
    Model("glm-5", 200_000, 131_072, 65_536, _flat(2), thinking="switch", usage_details="prompt"),
    Model("glm-5.1", 200_000, 131_072, 65_536, _flat(1), thinking="switch"),
    Model("glm-5.2", 1_000_000, 131_072, 65_536, _flat(2), thinking="switch"),
    Model("glm-5.3", 1_000_000, 131_072, 65_536, _flat(2), thinking="forced"),
    Model("glm-4-flash-250414", 131_072, 16_384, 16_384, _flat(20), usage_details="none"),
    Model("glm-4-flashx-250414", 131_072, 16_384, 16_384, _flat(20), usage_details="none"),
    Model("glm-4-flash", 131_072, 4_095, 4_095, _flat(200), usage_details="none"),
    Model("glm-4-plus", 131_072, 4_095, 4_095, _flat(20), usage_details="none"),
    Model("glm-4-air-250414", 131_072, 16_384, 16_384, _flat(20), usage_details="none"),
    Model("glm-4-long", 1_000_000, 4_095, 4_095, _flat(10), usage_details="none"),
    Model("glm-4.6v-flash", 131_072, 32_768, 16_384, _flat(1), VISION_AND_FILES, 50, "switch"),
    Model("glm-4.6v-flashx", 131_072, 32_768, 16_384, _flat(3), VISION_AND_FILES, 50, "switch"),
    Model("glm-4.6v", 131_072, 32_768, 16_384, _flat(10), VISION_AND_FILES, 50, "switch"),
    Model("glm-4.5v", 64 * _K, 16_384, 16_384, (10, 30, 50, 80), VISION_AND_FILES, 50, "switch", tools=False),
    Model("glm-5v-turbo", 200_000, 131_072, 65_536, _flat(1), VISION_AND_FILES, 50, "switch"),
    Model("glm-5.3-flash", 1_000_000, 131_072, 65_536, _flat(2), VISION_AND_FILES, 50, "forced"),
    # How many pictures the 4.1V models take is not documented; five, as their elders, is the careful guess.
    Model(
        "glm-4.1v-thinking-flash", 64 * _K, 16_384, 16_384, (5, 10, 15, 20),
        VISION, 5, "inline", "none", tools=False,
    ),
    Model(
        "glm-4.1v-thinking-flashx", 64 * _K, 16_384, 16_384, (30, 50, 80, 100),
        VISION, 5, "inline", "none", tools=False,
    ),
    Model(
        "glm-4v-flash", 16 * _K, 1_024, 1_024, _flat(10), frozenset({"text", "image_url"}), 1, "none", "none",
        base64_images=False, tools=False,
    ),
    Model(
        "glm-4v-plus-0111", 16 * _K, 8_192, 1_024, (5, 15, 30, 40), VISION, 5, "none", "none",
        raw_video=True, tools=False,
    ),
)  # fmt: skip

_COGVIEW_SIZES = ("1024x1024", "768x1344", "864x1152", "1344x768", "1152x864", "1440x720", "720x1440")
_GLM_IMAGE_SIZES = (
    "1280x1280", "1568x1056", "1056x1568", "1472x1088", "1088x1472", "1728x960", "960x1728",
)  # fmt: skip

_PAINT = (
    # The parameter table allows the family free sizes, the model's own page names seven: the stricter counts.
    Painter("cogview-3-flash", (1, 20, 30, 40), _COGVIEW_SIZES, "1024x1024"),
    Painter("cogview-4", (5, 10, 15, 20), _COGVIEW_SIZES, "1024x1024", (512, 2048, 16)),
    Painter("cogview-4-250304", (5, 10, 15, 20), _COGVIEW_SIZES, "1024x1024", (512, 2048, 16)),
    Painter("glm-image", _flat(1), _GLM_IMAGE_SIZES, "1280x1280", (1024, 2048, 32), 2**22, 1000, ("hd",)),
)

CHAT_MODELS: dict[str, Model] = {model.name: model for model in _CHAT}
PAINTERS: dict[str, Painter] = {painter.name: painter for painter in _PAINT}

# GET /models answers this list and no more, although other models can be called.
LISTED = (
    "glm-4.5", "glm-4.5-air", "glm-4.6", "glm-4.7", "glm-5", "glm-5-turbo", "glm-5.1", "glm-5.2", "glm-5.3",
    "glm-5.3-flash", "glm-5.3-flashx",
)  # fmt: skip


def concurrency_at(tier: Tier) -> dict[str, int]:
    """Give the number of requests in flight allowed to each model at a tier."""
    position = TIERS.index(tier)
    chat = {model.name: model.concurrency[position] for model in _CHAT}
    return chat | {painter.name: painter.concurrency[position] for painter in _PAINT}
