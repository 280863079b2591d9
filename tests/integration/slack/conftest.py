"""Slack's writing side on the simulated Slack and a real Redis."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from adapters.clock import SystemClock
from adapters.platforms.slack.askers import Askers
from adapters.platforms.slack.budget import ALLOWANCES, CallBudget
from adapters.platforms.slack.client import SlackClient, open_http
from adapters.platforms.slack.installations import OneWorkspace
from adapters.platforms.slack.writer import SlackWriter
from adapters.platforms.slack.writing import create_writer
from simulators.serving import serve
from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig
from tests.integration.slack.asked import Asked, question
from tests.integration.slack.workspace import GENERAL, Workspace

MakeWriter = Callable[[], SlackWriter]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Redis."""
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def config() -> SlackSimulatorConfig:
    return SlackSimulatorConfig(upload_processing_seconds=0.3)


@pytest.fixture
async def workspace(config: SlackSimulatorConfig) -> AsyncIterator[Workspace]:
    with serve(create_app(config)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=10) as control:
            yield Workspace(url, control)


@pytest.fixture
async def client(workspace: Workspace, config: SlackSimulatorConfig) -> AsyncIterator[SlackClient]:
    async with open_http() as http:
        yield SlackClient(http, OneWorkspace(SecretStr(config.bot_token)), f"{workspace.base_url}/api/")


@pytest.fixture
async def asked(workspace: Workspace, redis: Redis) -> Asked:
    message = question(await workspace.ask("what?"), GENERAL)
    await Askers(redis).remember(message)
    return Asked(workspace, message)


@pytest.fixture
async def unknown(workspace: Workspace) -> Asked:
    """A question of which nobody knows who asked it: no stream can be opened for it."""
    return Asked(workspace, question(await workspace.ask("what?"), GENERAL))


@pytest.fixture
def make_writer(client: SlackClient, redis: Redis) -> MakeWriter:
    """Make one process's writer; its edits are not spread out in time, so that a test need not wait."""
    allowances = {name: replace(one, gap=0.0) for name, one in ALLOWANCES.items()}
    return lambda: create_writer(client, redis, SystemClock(), budget=CallBudget(redis, allowances))
