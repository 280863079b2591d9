"""Sizes of painted pictures: each side 512 to 2048 pixels in steps of 16, at most 2^21 pixels in all.

GLM docs, image generation; the same for the whole CogView family.
"""

import re

DEFAULT_SIZE = "1024x1024"
SMALLEST_SIDE, LARGEST_SIDE, SIDE_STEP, MOST_PIXELS = 512, 2048, 16, 2**21

_SIZE = re.compile(r"\s*(\d{2,5})\s*[x×*]\s*(\d{2,5})\s*", re.IGNORECASE | re.ASCII)


def read_size(text: str) -> str | None:
    """Read ``1024x768``, ``1024 X 768`` or ``1024×768`` as ``1024x768``; None if it cannot be painted."""
    sides = _SIZE.fullmatch(text)
    if sides is None:
        return None
    width, height = int(sides[1]), int(sides[2])
    fits = all(SMALLEST_SIDE <= side <= LARGEST_SIDE and side % SIDE_STEP == 0 for side in (width, height))
    return f"{width}x{height}" if fits and width * height <= MOST_PIXELS else None
