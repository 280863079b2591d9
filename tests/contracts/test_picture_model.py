"""The contract of a model that paints: the same suite on the fake and on GLM's client."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO

import httpx
import pytest
from PIL import Image

from adapters.glm.pictures import open_painter
from bots.deltas import PaintedPicture
from bots.errors import ConcurrencyExceeded, ModelError
from bots.ports import PictureModel
from bots.prompts import PicturePrompt
from tests.fakes.clock import FakeClock
from tests.fakes.models import FakePainter
from tests.unit.adapters.glm.wire import settings

PROMPT = PicturePrompt("default", "cogview-3-flash", "a fox", "1024x1024", "request-1", "user-123")


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 32), "orange").save(file, "PNG")
    return file.getvalue()


PAINTED = PaintedPicture(_png(), "image/png", 64, 32)


@dataclass
class Studio:
    """A painter, and what it will do."""

    painter: PictureModel
    will_paint: Callable[[PaintedPicture | ModelError], None]


class _Service:
    """The vendor's API and the host of its pictures."""

    def __init__(self) -> None:
        self._result: PaintedPicture | ModelError | None = None

    def will_paint(self, result: PaintedPicture | ModelError) -> None:
        self._result = result

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if isinstance(self._result, ModelError):
            return httpx.Response(429, json={"error": {"code": "1302", "message": "Too many"}})
        assert self._result is not None
        if request.method == "GET":
            return httpx.Response(200, content=self._result.data)
        body = {"data": [{"url": "https://pictures.test/a.png"}]}
        return httpx.Response(200, content=json.dumps(body).encode())


async def _resolve(_host: str, _port: int) -> list[str]:
    return ["93.184.216.34"]


@pytest.fixture(params=["fake", "glm"])
async def studio(request: pytest.FixtureRequest) -> AsyncIterator[Studio]:
    if request.param == "fake":
        fake = FakePainter(FakeClock())
        yield Studio(fake, fake.will_paint)
        return
    service = _Service()
    transport = httpx.MockTransport(service)
    async with open_painter(settings(), transport=transport, resolve=_resolve) as painter:
        yield Studio(painter, service.will_paint)


async def test_a_picture_comes_with_its_bytes_and_its_size(studio: Studio):
    studio.will_paint(PAINTED)

    assert await studio.painter.paint(PROMPT) == PAINTED


async def test_a_refusal_is_told_as_what_it_is(studio: Studio):
    studio.will_paint(ConcurrencyExceeded(code="1302"))

    with pytest.raises(ConcurrencyExceeded) as refusal:
        await studio.painter.paint(PROMPT)
    assert refusal.value.code == "1302"
