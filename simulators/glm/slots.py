"""Who is in flight: one counter per account and model, as the limits count ("GLM docs, rate limits")."""

from collections import Counter
from collections.abc import Iterable, Mapping

from simulators.glm.errors import Refusal

Place = tuple[str, str]  # account, model


class Slot:
    """One request's place; giving it back twice does nothing."""

    def __init__(self, slots: "Slots", place: Place) -> None:
        self._slots = slots
        self._place: Place | None = place

    def release(self) -> None:
        """Give the place back."""
        if self._place is not None:
            self._slots.leave(self._place)
            self._place = None


class Slots:
    """Counts requests in flight and remembers the peak of each place."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self.limits: dict[str, int] = dict(limits)  # per model
        self.in_flight: Counter[Place] = Counter()
        self.peak: Counter[Place] = Counter()

    def take(self, account: str, model: str) -> Slot:
        """Take a place at once or raise Refusal 1302: the service does not queue."""
        place = (account, model)
        if self.in_flight[place] >= self.limits[model]:
            raise Refusal(code="1302")
        self.in_flight[place] += 1
        self.peak[place] = max(self.peak[place], self.in_flight[place])
        return Slot(self, place)

    def leave(self, place: Place) -> None:
        """Count one request out."""
        self.in_flight[place] -= 1

    def forget_peaks(self) -> None:
        """Start measuring peaks anew from what is in flight now."""
        self.peak = Counter(+self.in_flight)


def by_account_and_model(counts: Mapping[Place, int]) -> dict[str, int]:
    """Write counts with the keys of the status answers, ``account/model``."""
    items: Iterable[tuple[Place, int]] = sorted(counts.items())
    return {f"{account}/{model}": count for (account, model), count in items}
