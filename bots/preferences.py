"""What a person may set for themselves, with ``/glm``."""

from typing import Protocol

from bots.jobs import Thinking
from bots.messages import Language, Record


class Preferences(Record):
    """One person's choices; empty means the deployment's default."""

    model: str = ""  # for questions in words
    thinking: Thinking = "auto"
    language: Language | None = None  # of the bot's own sentences


class PreferenceStore(Protocol):
    """Keeps preferences by user key; every call raises StoreUnavailable when Redis is away."""

    async def read(self, user_key: str) -> Preferences:
        """Read one person's choices, the defaults if there are none."""
        ...

    async def write(self, user_key: str, preferences: Preferences) -> None:
        """Replace one person's choices."""
        ...
