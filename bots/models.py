"""What a model can do, as data; the table itself belongs to the vendor's adapter."""

from typing import Literal

from bots.deltas import Usage
from bots.messages import Record

Tier = Literal["V0", "V1", "V2", "V3"]
TIERS: tuple[Tier, ...] = ("V0", "V1", "V2", "V3")
ThinkingMode = Literal["none", "switch", "always"]
Modality = Literal["text", "image", "video", "file"]


class ModelSpec(Record):
    """One model: modalities, sizes in tokens, prices in yuan, concurrency per tier."""

    name: str
    inputs: frozenset[Modality]
    paints: bool = False
    context_tokens: int = 0
    max_output_tokens: int = 0
    default_output_tokens: int = 0
    thinking: ThinkingMode = "none"
    max_images: int = 0
    image_base64: bool = True
    function_calls: bool = False
    price_input: float = 0.0  # yuan per million tokens (per picture where ``paints``)
    price_output: float = 0.0
    concurrency: tuple[int, int, int, int]  # in flight at V0, V1, V2, V3
    temperature: float = 0.8
    top_p: float = 0.6
    image_sizes: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool:
        """Tell a model that costs money from the free ones."""
        return self.price_input > 0 or self.price_output > 0

    def limit_at(self, tier: Tier) -> int:
        """Tell how many requests may be in flight at this tier."""
        return self.concurrency[TIERS.index(tier)]

    def list_price(self, usage: Usage) -> float:
        """Tell in yuan what this usage costs at list prices; discounts for cached tokens are left out."""
        if self.paints:
            return usage.pictures * self.price_input
        return (usage.prompt_tokens * self.price_input + usage.completion_tokens * self.price_output) / 1e6
