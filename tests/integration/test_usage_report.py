"""``glimmer usage``: what was used, by model, read from a real Redis."""

import pytest
from redis.asyncio import Redis

from adapters.redis.usage import RedisUsageLedger
from bots.deltas import Usage
from bots.errors import StoreUnavailable
from tests.fakes.clock import FakeClock
from workers.ports import any_free_port
from workers.settings import ProcessSettings
from workers.usage_report import last_days, report_usage, sum_by_model, usage_lines

pytestmark = pytest.mark.redis


@pytest.fixture
def at(monkeypatch, tmp_path):
    """Settings that point to this Redis, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def point(url: str) -> ProcessSettings:
        monkeypatch.setenv("REDIS_URL", url)
        return ProcessSettings(glimmer_data_dir=tmp_path)

    return point


async def test_days_are_added_up_by_model_and_older_ones_left_out(redis_url):
    clock = FakeClock()
    async with Redis.from_url(redis_url) as redis:
        ledger = RedisUsageLedger(redis, clock)
        await ledger.add("old", "glm-4.6", "ann", Usage(prompt_tokens=9_000_000))
        clock.advance(5 * 24 * 3600)
        await ledger.add(
            "a", "glm-4.6", "ann", Usage(prompt_tokens=1_000_000, completion_tokens=20, cached_tokens=7)
        )
        await ledger.add("b", "cogview-3-flash", "bob", Usage(pictures=1))
        clock.advance(24 * 3600)
        await ledger.add("c", "glm-4.6", "bob", Usage(prompt_tokens=500, completion_tokens=5))
        await ledger.add("c", "glm-4.6", "bob", Usage(prompt_tokens=500, completion_tokens=5))
        rows = await ledger.by_model(last_days(clock.now(), 3))
    painter, writer = sum_by_model(rows)
    assert (painter.model, painter.usage.pictures, painter.requests) == ("cogview-3-flash", 1, 1)
    assert (writer.requests, writer.usage.prompt_tokens, writer.usage.completion_tokens) == (2, 1_000_500, 25)
    said = "\n".join(usage_lines([painter, writer], 3))
    assert "1,000,500" in said
    assert "in the last 3 days" in said


async def test_a_models_price_is_that_of_the_table_and_an_unknown_one_is_marked(redis_url):
    clock = FakeClock()
    async with Redis.from_url(redis_url) as redis:
        ledger = RedisUsageLedger(redis, clock)
        await ledger.add(
            "a", "glm-4v-plus-0111", "ann", Usage(prompt_tokens=1_500_000, completion_tokens=500_000)
        )
        await ledger.add("b", "glm-of-tomorrow", "ann", Usage(prompt_tokens=3))
        unknown, known = sum_by_model(await ledger.by_model(last_days(clock.now(), 1)))[::-1]
    assert known.model == "glm-4v-plus-0111"
    assert known.yuan == pytest.approx(8.0)
    assert (unknown.model, unknown.yuan) == ("glm-of-tomorrow", None)
    assert "8.00 yuan" in usage_lines([known, unknown], 1)[-1]


async def test_nothing_used_is_a_sentence(redis_url, at):
    assert await report_usage(at(redis_url), 7) == ["Nothing was used in the last 7 days (UTC)."]


async def test_a_redis_that_does_not_answer_is_a_sentence(at):
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await report_usage(at(f"redis://127.0.0.1:{any_free_port()}/0"), 7)


async def test_without_a_running_glimmer_it_is_said_what_to_start(at):
    with pytest.raises(StoreUnavailable, match="Start `glimmer up`"):
        await report_usage(at(""), 7)
