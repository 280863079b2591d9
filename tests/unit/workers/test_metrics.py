"""What Prometheus sees."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from bots.deltas import Finished, PaintedPicture, ReasoningDelta, Usage
from bots.drafts import Draft, Placement
from bots.errors import ConcurrencyExceeded, ModelUnavailable, PlatformRateLimited
from bots.line import LaneStatus, SlotStatus
from bots.messages import Conversation
from bots.models import ModelSpec
from bots.prompts import PicturePrompt, Prompt
from tests.fakes.clock import FakeClock
from tests.fakes.models import DONE, USAGE, FakeChatModel, FakePainter
from tests.fakes.writer import FakeWriter
from workers.metrics import (
    MeteredChatModel,
    MeteredPictureModel,
    MeteredWriter,
    PrometheusMeter,
    render_metrics,
)

PROMPT = Prompt("main", "talker", (), "request-1", "user-1")
WISH = PicturePrompt("main", "painter", "a fox", "1024x1024", "request-1", "user-1")
PLACE = Conversation(platform="web", tenant_id="local", channel_id="t1")


class Prices:
    """A catalog of two models with prices."""

    def spec(self, model: str) -> ModelSpec:
        return ModelSpec(
            name=model,
            inputs=frozenset({"text"}),
            paints=model == "painter",
            price_input=2.0,
            price_output=5.0,
            concurrency=(1, 1, 1, 1),
        )


class Counted:
    """What was counted since the test began."""

    def __init__(self) -> None:
        self._before = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
        }

    def of(self, name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(name, labels) or 0.0
        return now - self._before.get((name, tuple(sorted(labels.items()))), 0.0)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
async def fake() -> AsyncIterator[FakeChatModel]:
    made = FakeChatModel(FakeClock())
    yield made
    assert made.open_streams == 0


async def answer(fake: FakeChatModel) -> list[object]:
    async with MeteredChatModel(fake, Prices()).stream(PROMPT) as deltas:
        return [delta async for delta in deltas]


async def test_an_answer_passes_unchanged_and_its_tokens_and_cost_are_counted(
    fake: FakeChatModel, counted: Counted
):
    fake.will_say(ReasoningDelta("Hm."), "Three.", DONE)

    deltas = await answer(fake)

    assert deltas[-1] == DONE
    assert len(deltas) == 3
    assert counted.of("glimmer_tokens_total", model="talker", kind="prompt") == USAGE.prompt_tokens
    assert counted.of("glimmer_tokens_total", model="talker", kind="completion") == USAGE.completion_tokens
    yuan = (USAGE.prompt_tokens * 2.0 + USAGE.completion_tokens * 5.0) / 1e6
    assert counted.of("glimmer_cost_yuan_total", model="talker") == pytest.approx(yuan)


async def test_the_first_token_is_timed_once_for_each_answer(fake: FakeChatModel, counted: Counted):
    fake.will_say(ReasoningDelta("Hm."), "Three", " of five.", DONE)

    await answer(fake)

    assert counted.of("glimmer_first_token_seconds_count") == 1


async def test_an_answer_whose_cost_nobody_told_costs_nothing(fake: FakeChatModel, counted: Counted):
    fake.will_say("Three.", Finished("stop"))

    await answer(fake)

    assert counted.of("glimmer_cost_yuan_total", model="talker") == 0


async def test_a_refusal_is_counted_by_the_vendors_code(fake: FakeChatModel, counted: Counted):
    fake.will_say(ConcurrencyExceeded(code="1302"))

    with pytest.raises(ConcurrencyExceeded):
        await answer(fake)

    assert counted.of("glimmer_upstream_errors_total", code="1302") == 1


async def test_a_failure_on_the_way_without_a_code_is_counted_by_its_name(
    fake: FakeChatModel, counted: Counted
):
    fake.will_say("Three", ModelUnavailable())

    with pytest.raises(ModelUnavailable):
        await answer(fake)

    assert counted.of("glimmer_upstream_errors_total", code="ModelUnavailable") == 1


async def test_a_picture_is_counted_at_its_price(counted: Counted):
    painter = FakePainter(FakeClock())
    painted = PaintedPicture(b"fox", "image/png", 8, 8)
    painter.will_paint(painted)
    painter.will_paint(ConcurrencyExceeded(code="1302"))
    metered = MeteredPictureModel(painter, Prices())

    assert await metered.paint(WISH) == painted
    with pytest.raises(ConcurrencyExceeded):
        await metered.paint(WISH)

    assert counted.of("glimmer_cost_yuan_total", model="painter") == 2.0
    assert counted.of("glimmer_upstream_errors_total", code="1302") == 1


async def test_writes_are_counted_by_how_they_ended(counted: Counted):
    writer = FakeWriter()
    metered = MeteredWriter("web", writer)
    placement = Placement(reply_id="r1", fence=1)

    await metered.post(PLACE, Draft(revision=1), placement)
    await metered.edit(PLACE, Draft(markdown="One", revision=2), placement)
    writer.failures = [PlatformRateLimited()]
    with pytest.raises(PlatformRateLimited):
        await metered.edit(PLACE, Draft(markdown="Two", revision=3), placement)

    name = "glimmer_platform_calls_total"
    assert counted.of(name, platform="web", method="post", outcome="ok") == 1
    assert counted.of(name, platform="web", method="edit", outcome="ok") == 1
    assert counted.of(name, platform="web", method="edit", outcome="PlatformRateLimited") == 1
    assert writer.replies["r1"].draft.markdown == "One"
    assert metered.limits == writer.limits


def test_what_the_domain_notes_is_counted(counted: Counted):
    meter = PrometheusMeter()

    meter.first_text_visible(0.3)
    meter.edits_merged(4)

    assert counted.of("glimmer_first_text_visible_seconds_sum") == pytest.approx(0.3)
    assert counted.of("glimmer_edits_merged_total") == 4


def test_lines_and_slots_are_told_beside_the_counters():
    lane = LaneStatus("glm-4.7-flash", 7, 0.0, (SlotStatus("main", 1, 3, 2),))

    text = render_metrics((lane,), shared_directory="").decode()

    assert 'glimmer_line_length{model="glm-4.7-flash"} 7.0' in text
    assert 'glimmer_slots_in_use{account="main",model="glm-4.7-flash"} 1.0' in text
    assert 'glimmer_slots_limit{account="main",model="glm-4.7-flash"} 2.0' in text
    assert "glimmer_jobs_total" in text


def test_a_picture_costs_by_the_piece_and_words_by_the_token():
    assert Prices().spec("painter").list_price(Usage(pictures=2)) == 4.0
    assert Prices().spec("talker").list_price(Usage(1_000_000, 1_000_000)) == 7.0
