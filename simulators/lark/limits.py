"""Rates and the monthly quota, counted on the simulated clock."""

import datetime as dt
from collections import deque

from simulators.lark.clock import Clock
from simulators.lark.errors import Refused

APP_PER_SECOND = 50
APP_PER_MINUTE = 1000
CHAT_PER_SECOND = 5
MESSAGE_PER_SECOND = 5
CARD_PER_SECOND = 10


class Window:
    """At most `limit` events in any `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._moments: deque[float] = deque()

    def wait_for(self, now: float) -> float:
        """Give the seconds until one more is allowed; 0 if it is now."""
        while self._moments and self._moments[0] <= now - self._seconds:
            self._moments.popleft()
        if len(self._moments) < self._limit:
            return 0.0
        return self._moments[0] + self._seconds - now

    def count(self, now: float) -> None:
        """Note one event."""
        self._moments.append(now)


class Limits:
    """Every rate Lark enforces on one app in one tenant; each refuses with the code of its level."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_on = True
        self._windows: dict[str, Window] = {}

    def check_app(self, endpoint: str) -> None:
        """Count a call of one API; raises Refused 99991400 above 50 a second or 1000 a minute."""
        now = self._clock.now()
        windows = [
            (limit, self._window(f"{endpoint}/{seconds}", limit, seconds))
            for limit, seconds in ((APP_PER_SECOND, 1), (APP_PER_MINUTE, 60))
        ]
        for limit, window in windows:
            if self.is_on and (wait := window.wait_for(now)) > 0:
                raise too_frequent(limit, wait)
        for _, window in windows:
            window.count(now)

    def check_chat(self, chat_id: str) -> None:
        """Count a message to a chat; raises Refused 230020 above 5 a second."""
        self._check(f"chat/{chat_id}", CHAT_PER_SECOND)

    def check_message(self, message_id: str) -> None:
        """Count a card update of one message; raises Refused 230020 above 5 a second."""
        self._check(f"message/{message_id}", MESSAGE_PER_SECOND)

    def check_card(self, card_id: str) -> None:
        """Count an operation on one card entity; raises Refused 99991400 above 10 a second."""
        now = self._clock.now()
        window = self._window(f"card/{card_id}", CARD_PER_SECOND, 1)
        if self.is_on and (wait := window.wait_for(now)) > 0:
            raise too_frequent(CARD_PER_SECOND, wait)
        window.count(now)

    def _check(self, key: str, per_second: int) -> None:
        now = self._clock.now()
        window = self._window(key, per_second, 1)
        if self.is_on and window.wait_for(now) > 0:
            raise Refused(230020, "This operation triggers the frequency limit.")
        window.count(now)

    def _window(self, key: str, limit: int, seconds: float) -> Window:
        return self._windows.setdefault(key, Window(limit, seconds))


def too_frequent(limit: int, wait_seconds: float) -> Refused:
    """Make the gateway's refusal with its two headers; the reset is in whole seconds."""
    headers = {
        "x-ogw-ratelimit-limit": str(limit),
        "x-ogw-ratelimit-reset": str(max(1, round(wait_seconds + 0.499))),
    }
    return Refused(99991400, "request trigger frequency limit", headers=headers)


class Quota:
    """The tenant's calls of this month; failed calls do not count, and it starts again on the 1st."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._month = ""
        self.used = 0

    def check(self, limit: int | None) -> None:
        """Raises Refused 99991403 when the month's calls are used up."""
        self._turn()
        if limit is not None and self.used >= limit:
            raise Refused(99991403, "This month's API call quota has been exceeded")

    def count(self) -> None:
        """Note one successful call."""
        self._turn()
        self.used += 1

    def _turn(self) -> None:
        today = dt.datetime.fromtimestamp(self._clock.now(), dt.timezone(dt.timedelta(hours=8)))
        if (month := today.strftime("%Y-%m")) != self._month:
            self._month, self.used = month, 0
