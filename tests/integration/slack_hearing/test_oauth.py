"""Installing into further workspaces, rotating their tokens, taking the bot out again."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis.asyncio import Redis
from starlette.applications import Starlette

from adapters.platforms.slack.installations import Installation, InstallationStore
from adapters.platforms.slack.oauth_calls import OAuthCalls
from adapters.platforms.slack.settings import SlackSettings
from adapters.platforms.slack.tokens import InstalledTokens
from bots.errors import PlatformDenied
from simulators.slack.config import SlackSimulatorConfig
from tests.fakes.clock import FakeClock
from tests.integration.slack_hearing.ears import Ears, listening
from tests.integration.slack_hearing.script import Script

OTHER_TEAM = "T0GLIMMER2"
KEY = SecretStr(Fernet.generate_key().decode())
ROTATING = SlackSimulatorConfig(token_rotation=True)


@pytest.fixture
def settings(slack: Script) -> SlackSettings:
    return SlackSettings(
        app_token="xapp-simulated-app",
        client_id="1000.2000",
        client_secret="simulated-client-secret",
        token_key=KEY,
        api_url=f"{slack.url}/api/",
    )


@pytest.fixture
def store(redis: Redis) -> InstallationStore:
    return InstallationStore(redis, KEY)


@pytest.fixture
def heard() -> Ears:
    return Ears()


@pytest.fixture
async def browser(settings: SlackSettings, redis: Redis, heard: Ears) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the gateway, with cookies."""
    async with listening(settings, redis, heard) as hearing:
        transport = httpx.ASGITransport(Starlette(routes=list(hearing.routes)))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
            yield client


async def consent(browser: httpx.AsyncClient) -> str:
    """Go to Slack's page, agree, and give the address Slack sends the browser back to."""
    sent = await browser.get("/slack/install")
    assert sent.status_code == 302
    async with httpx.AsyncClient(trust_env=False) as slack:
        return str((await slack.get(sent.headers["location"])).headers["location"])


async def test_an_installed_workspace_is_heard_and_spoken_to(
    browser: httpx.AsyncClient, heard: Ears, slack: Script, store: InstallationStore
):
    done = await browser.get(await consent(browser))
    assert (done.status_code, "installed" in done.text) == (200, True)
    await slack.act("slash", team=OTHER_TEAM, channel="general", command="/ask", text="why?")
    message = await heard.hear_message()
    assert message.conversation.tenant_id == OTHER_TEAM


async def test_tokens_are_not_kept_in_clear_text(
    browser: httpx.AsyncClient, redis: Redis, store: InstallationStore
):
    await browser.get(await consent(browser))
    kept = await store.find(OTHER_TEAM)
    assert kept is not None
    assert kept.bot_token.startswith("xoxb-")
    async for name in redis.scan_iter("glimmer:slack:installation:*"):
        assert kept.bot_token.encode() not in (await redis.get(name) or b"")


async def test_a_link_works_once_and_in_the_browser_that_asked_only(browser: httpx.AsyncClient):
    address = await consent(browser)
    async with httpx.AsyncClient(transport=browser._transport, base_url="http://bot.example") as stranger:
        assert (await stranger.get(address)).status_code == 400
    browser.cookies.set("glimmer_slack_state", address.partition("state=")[2], domain="bot.example")
    assert (await browser.get(address)).status_code == 200
    browser.cookies.set("glimmer_slack_state", address.partition("state=")[2], domain="bot.example")
    assert (await browser.get(address)).status_code == 400


async def test_somebody_who_declines_is_told_so(browser: httpx.AsyncClient, store: InstallationStore):
    address = await consent(browser)
    state = address.partition("state=")[2]
    answer = await browser.get(f"/slack/oauth_redirect?error=access_denied&state={state}")
    assert (answer.status_code, "not installed" in answer.text) == (400, True)
    assert await store.find(OTHER_TEAM) is None


async def test_an_uninstalled_workspace_is_forgotten(
    browser: httpx.AsyncClient, slack: Script, store: InstallationStore
):
    await browser.get(await consent(browser))
    await slack.act("uninstall", team=OTHER_TEAM)
    assert await store.find(OTHER_TEAM) is None


async def test_a_workspace_is_found_by_its_organisation(store: InstallationStore):
    everywhere = Installation(tenant_id="E1", bot_user_id="U1", bot_token="xoxb-1")
    await store.save(everywhere)
    await store.belongs_to("T9", "E1")
    assert await store.find("T9") == everywhere


async def test_an_organisations_token_serves_the_workspace_that_an_event_came_from(
    browser: httpx.AsyncClient, heard: Ears, slack: Script, store: InstallationStore
):
    everywhere = Installation(tenant_id="E1", bot_user_id="U0GLIMMERB", bot_token="xoxb-simulated-bot")
    await store.save(everywhere)
    said = {"type": "message", "channel_type": "im", "user": "U0ALICE001", "text": "hello"}
    authorization = {"enterprise_id": "E1", "team_id": "T0GLIMMER1", "is_enterprise_install": True}
    await slack.post(
        "events",
        event={**said, "ts": "1790000000.000100", "channel": "D0ALICE001"},
        envelope={"authorizations": [{**authorization, "user_id": "U0GLIMMERB", "is_bot": True}]},
    )
    await heard.hear_message()
    await slack.act("slash", channel="general", command="/ask", text="why?")
    assert (await heard.hear_message(2)).conversation.tenant_id == "T0GLIMMER1"


async def test_a_changed_key_is_a_refusal_with_advice(store: InstallationStore, redis: Redis):
    await store.save(Installation(tenant_id="T1", bot_user_id="U1", bot_token="xoxb-1"))
    other = InstallationStore(redis, SecretStr(Fernet.generate_key().decode()))
    with pytest.raises(PlatformDenied, match="SLACK_TOKEN_KEY"):
        await other.find("T1")
    both = SecretStr(f"{Fernet.generate_key().decode()},{KEY.get_secret_value()}")
    assert await InstallationStore(redis, both).find("T1") is not None


@pytest.mark.parametrize("config", [ROTATING])
async def test_a_token_near_its_end_is_refreshed_once_by_many(
    browser: httpx.AsyncClient,
    redis: Redis,
    settings: SlackSettings,
    store: InstallationStore,
    slack: Script,
):
    await browser.get(await consent(browser))
    first = await store.find(OTHER_TEAM)
    assert first is not None
    assert first.expires_at is not None
    await store.save(first.model_copy(update={"expires_at": FakeClock().now().timestamp() + 60}))
    async with httpx.AsyncClient(trust_env=False) as http:
        clock = FakeClock()
        processes = [
            InstalledTokens(store, OAuthCalls(settings, http, clock), redis, clock) for _ in range(5)
        ]
        given = await asyncio.gather(*(process.bot_token(OTHER_TEAM) for process in processes))
    assert len(set(given)) == 1
    assert given[0] != first.bot_token
    assert len(await slack.calls("oauth.v2.access")) == 2


@pytest.mark.parametrize("config", [ROTATING])
async def test_a_token_that_cannot_be_refreshed_is_used_to_its_end(
    browser: httpx.AsyncClient, redis: Redis, settings: SlackSettings, store: InstallationStore
):
    await browser.get(await consent(browser))
    first = await store.find(OTHER_TEAM)
    assert first is not None
    clock = FakeClock()
    ends = clock.now().timestamp() + 3600
    await store.save(first.model_copy(update={"expires_at": ends, "refresh_token": "used up"}))
    async with httpx.AsyncClient(trust_env=False) as http:
        tokens = InstalledTokens(store, OAuthCalls(settings, http, clock), redis, clock)
        assert await tokens.bot_token(OTHER_TEAM) == first.bot_token
        clock.advance(3590)
        with pytest.raises(PlatformDenied):
            await tokens.bot_token(OTHER_TEAM)


async def test_a_workspace_without_the_bot_is_refused(
    redis: Redis, settings: SlackSettings, store: InstallationStore
):
    async with httpx.AsyncClient(trust_env=False) as http:
        clock = FakeClock()
        tokens = InstalledTokens(store, OAuthCalls(settings, http, clock), redis, clock)
        with pytest.raises(PlatformDenied, match="not_installed"):
            await tokens.bot_token("T404")


async def test_oauth_without_its_secrets_is_refused_at_the_start():
    with pytest.raises(ValueError, match="SLACK_CLIENT_SECRET"):
        SlackSettings(client_id="1.2")
