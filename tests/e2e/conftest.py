"""Whole Glimmers for the tests of this folder."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.glimmer import Glimmer
from tests.e2e.playground import Playground

StartGlimmer = Callable[..., Awaitable[Glimmer]]


@pytest.fixture
def start_glimmer(tmp_path: Path) -> Iterator[StartGlimmer]:
    """Start a Glimmer with the test's own settings; it is killed afterwards."""
    started: list[Glimmer] = []

    async def start(
        *, simulator: tuple[str, ...] = ("--pace", "0.3"), workers: int = 1, **settings: str
    ) -> Glimmer:
        glimmer = Glimmer(tmp_path, simulator, settings)
        started.append(glimmer)
        await glimmer.start(workers=workers)
        return glimmer

    yield start
    for glimmer in started:
        glimmer.stop()


@pytest.fixture(scope="module")
def running_glimmer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glimmer]:
    """One Glimmer for all tests of a module that do not break it."""
    glimmer = Glimmer(tmp_path_factory.mktemp("glimmer"))
    asyncio.run(glimmer.start())
    yield glimmer
    glimmer.stop()


@pytest.fixture
async def glimmer(running_glimmer: Glimmer) -> Glimmer:
    """The module's Glimmer, with a simulated GLM that has forgotten the tests before."""
    await running_glimmer.forget()
    return running_glimmer


@pytest.fixture
def thread() -> str:
    """A thread that nobody has used."""
    return f"t-{uuid4().hex[:8]}"


@pytest.fixture
async def open_playground() -> AsyncIterator[Callable[..., Playground]]:
    """Open playgrounds on a gateway; they are closed afterwards."""
    opened: list[Playground] = []

    def open_one(glimmer: Glimmer, **options: str) -> Playground:
        playground = Playground(glimmer.url, **options)
        opened.append(playground)
        return playground

    yield open_one
    for playground in opened:
        await playground.close()
