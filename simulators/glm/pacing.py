"""Cuts an answer into chunks and says when each is due, as fast as the real models write."""

import random
from collections.abc import Sequence
from itertools import accumulate

from simulators.glm.tokens import split_tokens

FIRST_CHUNK_S = (0.3, 0.8)
TOKENS_PER_S = (40.0, 60.0)
_TOKENS_PER_CHUNK = (3, 4, 4, 4, 5, 6)
PAINTING_S = (3.0, 8.0)


def cut_into_chunks(text: str, dice: random.Random) -> list[str]:
    """Cut text into chunks of about four tokens; joined they are the text."""
    tokens = split_tokens(text)
    chunks: list[str] = []
    position = 0
    while position < len(tokens):
        size = dice.choice(_TOKENS_PER_CHUNK)
        chunks.append("".join(tokens[position : position + size]))
        position += size
    return chunks


def cut_evenly(text: str, count: int) -> list[str]:
    """Cut text into exactly ``count`` chunks, repeating it when it is too short to give each a character."""
    if not text:
        text = "·"
    while len(text) < count:
        text += text
    return [text[len(text) * i // count : len(text) * (i + 1) // count] for i in range(count)]


def due_times(token_counts: Sequence[int], dice: random.Random, pace: float) -> list[float]:
    """Give the second at which each chunk is due, counted from the start; ``pace`` 0 makes it 0 for all."""
    first = dice.uniform(*FIRST_CHUNK_S)
    speed = dice.uniform(*TOKENS_PER_S)
    gaps = [first, *(count / speed * dice.uniform(0.8, 1.2) for count in token_counts[1:])]
    return [moment * pace for moment in accumulate(gaps)]


def due_times_over(count: int, seconds: float) -> list[float]:
    """Spread ``count`` chunks evenly so that the last is due after ``seconds``."""
    return [seconds * (position + 1) / count for position in range(count)]
