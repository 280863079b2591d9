"""A gateway's surroundings in memory: the line, one platform, and what people have said and set."""

import asyncio

from bots.bot import Asked, Routes
from bots.drafts import Draft, Placement
from bots.handle_event import EventHandler
from bots.imagine import ImagineBot
from bots.mention import MentionBot
from bots.messages import Conversation, IncomingMessage, Language, language_of
from bots.open_reply import ReplyOpener
from bots.picture_question import PictureQuestionBot
from bots.ports import Platform, TranscriptEntry
from bots.preferences import Preferences
from bots.press_button import ButtonHandler
from bots.usage import DailyLimits, UsageBook
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.memory import FakeDoorbell, FakeLedger, FakePreferences, FakeTranscripts
from tests.fakes.writer import FakeWriter
from tests.unit.bots.scene import Gallery, Shelf

DAILY_TOKENS = 1000  # more than any test but one about limits uses
ROUTES = Routes(
    text=("glm-4.7-flash", "glm-4.5-flash"),
    vision=("glm-4.6v-flash",),
    picture=("cogview-3-flash",),
    spill_over=False,  # so that a second question has to wait
)


class GatedWriter(FakeWriter):
    """FakeWriter that waits at its gate, if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: asyncio.Event | None = None

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        if self.gate is not None:
            await self.gate.wait()
        return await super().post(conversation, draft, placement)


class Gateway:
    """Everything an event is handled with; each model has one slot."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.line, self.bell, self.writer = FakeLine(self.clock), FakeDoorbell(), GatedWriter()
        self.transcripts, self.preferences = FakeTranscripts(), FakePreferences()
        platforms = {"web": Platform("web", self.writer, Gallery(), Shelf())}
        self.opener = ReplyOpener(self.line, self.bell, platforms, self.clock)
        self.ledger = FakeLedger(self.clock)
        usage = UsageBook(self.ledger, self.clock, DailyLimits(tokens=DAILY_TOKENS))
        self.buttons = ButtonHandler(self.line, self.opener, self.clock, usage)
        self.handler = EventHandler(
            bots=(ImagineBot(ROUTES), PictureQuestionBot(ROUTES), MentionBot(ROUTES)),
            models=ROUTES.text,
            opener=self.opener,
            buttons=self.buttons,
            transcripts=self.transcripts,
            preferences=self.preferences,
            clock=self.clock,
            usage=usage,
        )

    async def open(self) -> None:
        models = (*ROUTES.text, *ROUTES.vision, *ROUTES.picture)
        await self.line.configure({model: {"main": 1} for model in models})

    async def waiting(self) -> list[str]:
        """Tell who waits, in the order of service."""
        return [job.job_id for job in await self.line.waiting()]

    def shown(self, reply_id: str) -> Draft:
        return self.writer.replies[reply_id].draft


def asked(
    message: IncomingMessage,
    *recent: TranscriptEntry,
    language: Language | None = None,
    preferences: Preferences | None = None,
) -> Asked:
    """Surround a message with what is known."""
    said = language or language_of(message.text)
    return Asked(message, said, recent, preferences or Preferences(), FakeClock().now())
