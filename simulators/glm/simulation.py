"""Everything the simulator remembers while it runs."""

import asyncio
import random

from simulators.glm.auth import account_of
from simulators.glm.config import SimulatorConfig
from simulators.glm.controls import FAULTS, Controls, Fault
from simulators.glm.errors import Refusal
from simulators.glm.fault_queue import FaultQueue
from simulators.glm.gallery import Gallery
from simulators.glm.journal import Journal
from simulators.glm.models import concurrency_at
from simulators.glm.slots import Slots

HANG = "hang"
_DECODERS = 2  # a 6000 x 6000 picture takes 140 MB while it is decoded


class Simulation:
    """One service: its accounts' slots, scripted faults, pace, pictures and journal."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.slots = Slots(self._first_limits())
        self.faults = FaultQueue()
        self.journal = Journal(config.requests_kept)
        self.gallery = Gallery(config.pictures_kept, config.picture_url_ttl)
        self.pace = config.pace
        self.decoding = asyncio.Semaphore(_DECODERS)
        self._dice = random.Random(config.seed)

    def _first_limits(self) -> dict[str, int]:
        return concurrency_at(self.config.tier) | self.config.limits

    def reset(self) -> None:
        """Return to the state at the start; what is in flight stays in flight."""
        self.faults.clear()
        self.journal.clear()
        self.slots.limits = self._first_limits()
        self.slots.forget_peaks()
        self.pace = self.config.pace

    def authenticate(self, authorization: str | None) -> str:
        """Name the account; raises Refusal 1000, 1001, 1003 or "401"."""
        return account_of(authorization, self.config)

    def check_balance(self, account: str) -> None:
        """Raise Refusal 1113 for an account without money."""
        if account in self.config.empty_accounts:
            raise Refusal(code="1113")

    def meet_fault(self, model: str, controls: Controls) -> tuple[Fault, ...] | None:
        """Decide what befalls an accepted request: stream faults, or None for silence until it is given up.

        Raises Refusal with the scripted code, or 1305 when the dice say so.
        """
        code = self.faults.take(model) or controls.error
        if code is None and self._dice.random() < self.config.overload_probability:
            code = "1305"
        if code is None:
            return controls.faults
        if code == HANG:
            return None
        if code in FAULTS:
            return (*controls.faults, FAULTS[code])
        raise Refusal(code)
