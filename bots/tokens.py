"""How much of a model's context something takes, estimated from above."""

import re

_CJK = re.compile("[\u2e80-\uffef]+")
PICTURE_TOKENS = 1500  # no formula is documented; a large photo costs about this many


def count_tokens(text: str) -> int:
    """Estimate from above: one token per CJK character, one per three others."""
    cjk = sum(map(len, _CJK.findall(text)))
    return cjk + (len(text) - cjk + 2) // 3
