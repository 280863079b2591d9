"""The Slack simulator on a loopback port, a script to move it, and Slack's own client to call it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from aiohttp import ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient

from simulators.serving import serve
from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.script import Script


@pytest.fixture
def config() -> SlackSimulatorConfig:
    return SlackSimulatorConfig()


@pytest.fixture
def slack(config: SlackSimulatorConfig) -> Iterator[Script]:
    with serve(create_app(config)) as base_url, httpx.Client(base_url=base_url, timeout=10.0) as http:
        script = Script(base_url, http)
        script.post("clock", freeze=True)
        yield script


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=5.0)) as opened:
        yield opened


@pytest.fixture
def client(slack: Script, session: ClientSession, config: SlackSimulatorConfig) -> AsyncWebClient:
    """Slack's own client, without retries so that each refusal is seen."""
    return AsyncWebClient(
        token=config.bot_token, base_url=f"{slack.base_url}/api/", session=session, retry_handlers=[]
    )
