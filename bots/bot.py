"""What a bot is: it looks at a message and says which job it makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bots.jobs import Job
from bots.messages import IncomingMessage, Language
from bots.models import ModelSpec
from bots.ports import TranscriptEntry
from bots.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Routes:
    """The models for each kind of work, best first."""

    text: tuple[str, ...]
    vision: tuple[str, ...]
    picture: tuple[str, ...]
    specs: Mapping[str, ModelSpec] = field(default_factory=dict)  # what is known of them
    spill_over: bool = True  # whether the next may answer while the first is busy
    as_base64: bool = True  # pictures go to the model as they are, not as addresses

    def preferred(self, model: str, route: tuple[str, ...]) -> tuple[str, ...]:
        """Put a person's choice in front of a route, unless it is no longer offered."""
        return (model, *route) if model in (*self.text, *self.vision) else route


@dataclass(frozen=True, slots=True)
class Asked:
    """A message with what is known around it."""

    message: IncomingMessage
    language: Language
    recent: tuple[TranscriptEntry, ...]
    preferences: Preferences
    now: datetime


class Bot(Protocol):
    """One use of Glimmer; the first bot that makes a job of a message gets it."""

    def jobs_for(self, asked: Asked) -> tuple[Job, ...]:
        """Make the jobs, none if the message is for another bot; raises BotError for bad input."""
        ...
