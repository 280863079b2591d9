"""The hearing side of Slack with a real Redis, against the simulator; what it hands over is only noted."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from redis.asyncio import Redis

from adapters.platforms.slack.settings import SlackSettings
from simulators.serving import serve
from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig
from tests.integration.slack_hearing.ears import Ears, listening
from tests.integration.slack_hearing.script import Script


@pytest.fixture
def config() -> SlackSimulatorConfig:
    return SlackSimulatorConfig()


@pytest.fixture
def slack(config: SlackSimulatorConfig) -> Iterator[Script]:
    with serve(create_app(config)) as url, httpx.Client(base_url=url, timeout=10, trust_env=False) as http:
        yield Script(url, http)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
    yield client
    await client.aclose()


@pytest.fixture
def settings(slack: Script) -> SlackSettings:
    return SlackSettings(
        bot_token="xoxb-simulated-bot", app_token="xapp-simulated-app", api_url=f"{slack.url}/api/"
    )


@pytest.fixture
async def ears(settings: SlackSettings, redis: Redis) -> AsyncIterator[Ears]:
    """What is heard over Socket Mode."""
    ears = Ears()
    async with listening(settings, redis, ears):
        yield ears
