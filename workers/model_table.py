"""The table of models for ``glimmer models``."""

from collections.abc import Iterable

from adapters.glm.models import MODELS
from bots.models import TIERS, ModelSpec

HEADINGS = (
    "model",
    "inputs",
    "context",
    "output",
    "thinking",
    "images",
    f"in flight {'/'.join(TIERS)}",
    "yuan",
)
FREE = "free"


def model_rows(specs: Iterable[ModelSpec] | None = None) -> list[str]:
    """Write the table as lines of text, columns aligned, without trailing blanks."""
    cells = [HEADINGS, *(_cells(spec) for spec in (MODELS.values() if specs is None else specs))]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _cells(spec: ModelSpec) -> tuple[str, ...]:
    return (
        spec.name,
        "paints"
        if spec.paints
        else "+".join(sorted(spec.inputs, key=("text", "image", "video", "file").index)),
        _thousands(spec.context_tokens),
        _thousands(spec.max_output_tokens),
        spec.thinking if spec.thinking != "none" else "-",
        str(spec.max_images or "-"),
        "/".join(str(limit) for limit in spec.concurrency),
        _price(spec),
    )


def _thousands(tokens: int) -> str:
    if not tokens:
        return "-"
    # The vendor writes 128K for 128,000 here and for 131,072 there.
    return f"{tokens // (1000 if tokens % 1000 == 0 else 1024)}K"


def _price(spec: ModelSpec) -> str:
    if not (spec.price_input or spec.price_output):
        return FREE
    if spec.paints:
        return f"{spec.price_input:g} per picture"
    return f"{spec.price_input:g} in, {spec.price_output:g} out per million tokens"
