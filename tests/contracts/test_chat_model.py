"""The contract of a model that answers in words: the same suite on the fake and on GLM's client."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import pytest

from adapters.glm.client import open_glm
from bots.deltas import Delta, Finished, ReasoningDelta, TextDelta
from bots.errors import ConcurrencyExceeded, ModelStreamBroken
from bots.ports import ChatModel
from tests.fakes.clock import FakeClock
from tests.fakes.models import DONE, USAGE, FakeChatModel, Step
from tests.unit.adapters.glm import wire

TOLD = {
    "prompt_tokens": USAGE.prompt_tokens,
    "completion_tokens": USAGE.completion_tokens,
    "prompt_tokens_details": {"cached_tokens": USAGE.cached_tokens},
    "completion_tokens_details": {"reasoning_tokens": USAGE.reasoning_tokens},
}
BUSY = b'{"error": {"code": "1302", "message": "Too many requests"}}'


@dataclass
class Upstream:
    """A model and its other end."""

    model: ChatModel
    will_say: Callable[..., None]
    open_streams: Callable[[], int]

    async def answer(self) -> list[Delta]:
        async with self.model.stream(wire.prompt()) as deltas:
            return [delta async for delta in deltas]


class _Service:
    """The vendor's end of the wire."""

    def __init__(self) -> None:
        self._answer: httpx.Response | None = None
        self._bodies: list[wire.Bytes] = []

    def will_say(self, *steps: Step) -> None:
        if isinstance(steps[0], ConcurrencyExceeded):
            self._answer = httpx.Response(429, headers={"Content-Type": "application/json"}, content=BUSY)
            return
        frames = [_frame(step) for step in steps]
        body = wire.Bytes([*frames, wire.DONE] if isinstance(steps[-1], Finished) else frames)
        self._bodies.append(body)
        self._answer = httpx.Response(200, headers=wire.EVENT_STREAM, stream=body)

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        assert self._answer is not None
        return self._answer

    def open_streams(self) -> int:
        return sum(not body.is_closed for body in self._bodies)


def _frame(step: Step) -> bytes:
    match step:
        case str(text):
            return wire.frame(text)
        case ReasoningDelta(text):
            return wire.frame(reasoning=text)
        case _:
            return wire.frame(finish_reason="stop", usage=TOLD)


@pytest.fixture(params=["fake", "glm"])
async def upstream(request: pytest.FixtureRequest) -> AsyncIterator[Upstream]:
    if request.param == "fake":
        fake = FakeChatModel(FakeClock())
        yield Upstream(fake, fake.will_say, lambda: fake.open_streams)
        return
    service = _Service()
    async with open_glm(wire.settings(), transport=httpx.MockTransport(service)) as client:
        yield Upstream(client, service.will_say, service.open_streams)


async def test_an_answer_comes_piece_by_piece_and_ends_with_what_it_cost(upstream: Upstream):
    upstream.will_say(ReasoningDelta("Hm. "), "Three ", "of five.", DONE)

    deltas = await upstream.answer()

    assert "".join(one.text for one in deltas if isinstance(one, TextDelta)) == "Three of five."
    assert "".join(one.text for one in deltas if isinstance(one, ReasoningDelta)) == "Hm. "
    assert deltas[-1] == DONE


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(upstream: Upstream):
    upstream.will_say("Three ")

    with pytest.raises(ModelStreamBroken):
        await upstream.answer()


async def test_a_refusal_is_known_before_the_first_piece(upstream: Upstream):
    upstream.will_say(ConcurrencyExceeded(code="1302"))

    with pytest.raises(ConcurrencyExceeded):
        async with upstream.model.stream(wire.prompt()):
            pytest.fail("the stream opened")


async def test_leaving_early_closes_the_connection(upstream: Upstream):
    upstream.will_say("Three ", "of five.", DONE)

    async with upstream.model.stream(wire.prompt()) as deltas:
        assert await anext(deltas) == TextDelta("Three ")
        assert upstream.open_streams() == 1

    assert upstream.open_streams() == 0
