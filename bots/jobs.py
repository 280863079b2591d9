"""The work that waits in line: the only thing that crosses from gateway to worker."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bots.messages import IncomingMessage, Language, Record, person_key

Thinking = Literal["auto", "on", "off"]


class _Job(Record):
    job_id: str  # also the key under which nothing is accepted twice
    reply_id: str  # the visible reply; "regenerate" makes a new job for the old reply
    message: IncomingMessage
    route: tuple[str, ...]  # models that can do it, best first
    language: Language
    created_at: datetime
    spills: bool = False  # whether any model of the route may take it when the first is busy

    @property
    def lanes(self) -> tuple[str, ...]:
        """List the models whose slots it may take, best first."""
        return self.route if self.spills else self.route[:1]

    @property
    def user_key(self) -> str:
        """Name the person for the fair line."""
        return person_key(self.message.conversation, self.message.sender)


class AnswerJob(_Job):
    """Answer a question in words."""

    kind: Literal["answer"] = "answer"
    thinking: Thinking = "auto"


class ImagineJob(_Job):
    """Paint one picture."""

    kind: Literal["imagine"] = "imagine"
    prompt: str
    size: str = "1024x1024"  # width x height in pixels


Job = Annotated[AnswerJob | ImagineJob, Field(discriminator="kind")]
JOB: TypeAdapter[AnswerJob | ImagineJob] = TypeAdapter(Job)
