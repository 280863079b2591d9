"""Models that say and paint what the test has written down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bots.deltas import Delta, Finished, PaintedPicture, TextDelta, Usage
from bots.errors import ModelError, ModelStreamBroken
from bots.ports import Clock
from bots.prompts import PicturePrompt, Prompt

USAGE = Usage(prompt_tokens=12, completion_tokens=34, cached_tokens=5, reasoning_tokens=6)
DONE = Finished("stop", USAGE)
PICTURE = PaintedPicture(b"\x89PNG", "image/png", 1024, 1024)


@dataclass(frozen=True, slots=True)
class Pause:
    """The model says nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """The model says nothing any more and does not hang up."""


Step = str | Delta | Pause | Silence | ModelError


class FakeChatModel:
    """ChatModel; each stream plays one script, and an error that stands first is raised on entry."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scripts: list[tuple[Step, ...]] = []
        self.prompts: list[Prompt] = []
        self.open_streams = 0

    def will_say(self, *steps: Step) -> None:
        """Write down the next stream; a string is a piece of text."""
        self._scripts.append(steps)

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Delta]]:
        self.prompts.append(prompt)
        steps = self._scripts.pop(0)
        if isinstance(steps[0], ModelError):
            raise steps[0]
        self.open_streams += 1
        try:
            yield self._play(steps)
        finally:
            self.open_streams -= 1

    async def _play(self, steps: tuple[Step, ...]) -> AsyncIterator[Delta]:
        for step in steps:
            match step:
                case Pause(seconds):
                    await self._clock.sleep(seconds)
                case Silence():
                    await asyncio.Event().wait()
                case ModelError():
                    raise step
                case str(text):
                    yield TextDelta(text)
                case Finished():
                    yield step
                    return
                case _:
                    yield step
        raise ModelStreamBroken


class FakePainter:
    """PictureModel; each call takes the next result."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._results: list[tuple[float, PaintedPicture | ModelError]] = []
        self.prompts: list[PicturePrompt] = []

    def will_paint(self, result: PaintedPicture | ModelError = PICTURE, *, seconds: float = 0.0) -> None:
        """Write down the next picture, or what goes wrong with it."""
        self._results.append((seconds, result))

    async def paint(self, prompt: PicturePrompt) -> PaintedPicture:
        self.prompts.append(prompt)
        seconds, result = self._results.pop(0)
        await self._clock.sleep(seconds)
        if isinstance(result, ModelError):
            raise result
        return result
