"""Hands freed slots on, mostly within the process: the way through the broker takes longer."""

import itertools
from collections.abc import Callable, Sequence

from bots.line import Doorbell, Grant

SHARED = 8  # one grant in so many goes to whoever answers the bell, so that a new worker gets its share


class HandOff:
    """Doorbell that takes most grants home itself; what it may not take, it rings for."""

    def __init__(self, bell: Doorbell, take: Callable[[Grant], bool]) -> None:
        self._bell = bell
        self._take = take  # False when this worker is leaving
        self._numbers = itertools.count(1)

    async def ring(self, grants: Sequence[Grant]) -> None:
        """Begin most of these jobs here, and ring for the others; never raises."""
        away = [grant for grant in grants if next(self._numbers) % SHARED == 0 or not self._take(grant)]
        await self._bell.ring(away)
