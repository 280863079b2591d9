"""A worker's surroundings in memory: one platform, one model, and time that the test lets pass."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bots.deltas import Finished, PaintedPicture
from bots.drafts import Checkpoint, Draft, EditLimits, Outcome, Placement, ShownPicture
from bots.errors import AttachmentUnreadable, BotError, ModelNotFound
from bots.jobs import Job
from bots.line import StartedJob
from bots.mark_picture import GroundingMarker
from bots.media import MediaKit
from bots.messages import Attachment, Conversation
from bots.models import ModelSpec
from bots.paint_picture import PicturePainter
from bots.perform_job import JobPerformer
from bots.ports import Platform
from bots.progress import ProgressiveMessage
from bots.prompts import Picture, Prompt
from bots.read_attachments import AttachmentsReader
from bots.retrying import Retry
from bots.write_reply import AnswerWriter
from tests.fakes.lease import FakeLease
from tests.fakes.memory import FakeLedger, FakeMeter, FakeTranscripts
from tests.fakes.models import FakeChatModel, FakePainter, Step
from tests.fakes.stepped_clock import SteppedClock
from tests.fakes.writer import FakeWriter
from tests.unit.bots.files import Links, Minutes, OneDocument, Pen

BROKEN = b"no picture"
TODAY = "2026-01-01"
INTERVAL = 1.0  # seconds between edits on this platform
SPEC = ModelSpec(
    name="glm-4.7-flash",
    inputs=frozenset({"text", "image"}),
    context_tokens=8000,
    default_output_tokens=1000,
    max_images=2,
    concurrency=(1, 1, 1, 1),
)


class TimedWriter(FakeWriter):
    """FakeWriter that takes its time, and knows when what was shown."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(EditLimits(min_interval=INTERVAL))
        self._clock = clock
        self.seconds = 0.0  # for each write
        self.tried: list[float] = []  # seconds
        self.shown: list[tuple[float, Draft]] = []

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        await self._take_time()
        placed = await super().post(conversation, draft, placement)
        self.shown.append((self._clock.monotonic(), draft))
        return placed

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        await self._take_time()
        placed = await super().edit(conversation, draft, placement)
        self.shown.append((self._clock.monotonic(), draft))
        return placed

    async def _take_time(self) -> None:
        self.tried.append(self._clock.monotonic())
        await self._clock.sleep(self.seconds)

    @property
    def texts(self) -> list[str]:
        """Tell what a reader saw, one after the other."""
        seen = [draft.markdown for _, draft in self.shown if draft.markdown]
        return [text for number, text in enumerate(seen) if not number or text != seen[number - 1]]


class Shelf:
    """Files by their handle; one that is missing or an error is not to be had."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | BotError] = {}
        self.fetched: list[str] = []

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        self.fetched.append(attachment.handle)
        found = self.files[attachment.handle]
        if isinstance(found, BotError):
            raise found
        return found[:max_bytes]


class Gallery:
    """Takes pictures; the same key gives the same picture."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.failure: BotError | None = None

    async def upload(
        self, conversation: Conversation, picture: PaintedPicture, *, alt: str, key: str
    ) -> ShownPicture:
        if self.failure is not None:
            raise self.failure
        assert conversation.platform == "web"
        self.keys.append(key)
        return ShownPicture(handle=f"picture/{key}", alt=alt, width=picture.width, height=picture.height)


class Eyes:
    """Reads any picture as it is, unless it is broken."""

    async def read(self, data: bytes, name: str) -> Picture:
        if data == BROKEN:
            raise AttachmentUnreadable(name=name)
        return Picture(data, "image/png", 64, 32)


class OneModel:
    """A catalog of one model."""

    def __init__(self) -> None:
        self.known = SPEC

    def spec(self, model: str) -> ModelSpec:
        if model != self.known.name:
            raise ModelNotFound(model)
        return self.known


def as_text(data: bytes, _name: str) -> str:
    return data.decode()


class Scene:
    """Everything a job is performed with."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.writer = TimedWriter(self.clock)
        self.shelf, self.gallery, self.catalog = Shelf(), Gallery(), OneModel()
        self.lease, self.meter = FakeLease(), FakeMeter()
        self.model, self.painter = FakeChatModel(self.clock), FakePainter(self.clock)
        self.transcripts, self.ledger = FakeTranscripts(), FakeLedger(self.clock)
        self.tasks: list[asyncio.Future[Any]] = []

    @property
    def platforms(self) -> Mapping[str, Platform]:
        return {"web": Platform("web", self.writer, self.gallery, self.shelf)}

    def performer(self, *, deadline: float = 600.0) -> JobPerformer:
        answers = AnswerWriter(
            self.model,
            self.catalog,
            AttachmentsReader(MediaKit(Eyes(), as_text, OneDocument(), Minutes(), Links())),
            GroundingMarker(Pen()),
            self.transcripts,
            self.ledger,
            self.clock,
        )
        return JobPerformer(
            platforms=self.platforms,
            answers=answers,
            pictures=PicturePainter(self.painter, self.transcripts, self.ledger, self.clock),
            clock=self.clock,
            meter=self.meter,
            deadline=deadline,
        )

    def message(self, started: StartedJob) -> ProgressiveMessage:
        return ProgressiveMessage(started, self.writer, self.lease, self.clock, self.meter)

    def follow(self, message: ProgressiveMessage, *steps: Step) -> "asyncio.Task[Finished]":
        """Let the message follow what the model will say, beside the test."""

        async def hear() -> Finished:
            async with self.model.stream(Prompt("main", SPEC.name, (), "r", "u")) as deltas:
                return await message.follow(deltas)

        self.model.will_say(*steps)
        task = asyncio.ensure_future(hear())
        self.tasks.append(task)
        return task

    def perform(
        self, job: StartedJob, lease: FakeLease | None = None, *, deadline: float = 600.0
    ) -> asyncio.Task[Outcome | Retry]:
        """Let a worker begin, beside the test."""
        performer = self.performer(deadline=deadline)
        task = asyncio.ensure_future(performer.perform(job, lease or self.lease))
        self.tasks.append(task)
        return task

    async def result(self, job: StartedJob, *, seconds: float = 30.0) -> Outcome | Retry:
        """Let a worker do the whole job, which may take so long."""
        task = self.perform(job)
        await self.clock.pass_time(seconds)
        assert task.done(), "the worker is still at it"
        return task.result()

    @property
    def reply(self) -> Draft:
        """What the one reply shows now."""
        [reply] = self.writer.replies.values()
        return reply.draft

    async def spent(self) -> dict[str, int]:
        """Sum up what was counted, over all models."""
        rows = await self.ledger.by_model((TODAY,))
        return {name: sum(row.counts.get(name, 0) for row in rows) for row in rows for name in row.counts}

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.clock.pass_time(100.0)  # an edit under way is seen through
        await asyncio.gather(*self.tasks, return_exceptions=True)


def started(
    job: Job, *, token: int = 1, checkpoint: Checkpoint | None = None, **changes: object
) -> StartedJob:
    """Make a job that a worker may begin; ``changes`` are attempts, refusals, wait and stop_requested."""
    fresh = StartedJob(
        job=job,
        token=token,
        model=job.route[0],
        account="main",
        checkpoint=checkpoint or Checkpoint(),
        attempts=0,
        refusals=0,
        wait=0.0,
        waited=0.0,
        stop_requested=False,
    )
    return replace(fresh, **changes)  # type: ignore[arg-type] # the names above
