"""Sockets that die, are refreshed or are refused."""

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from adapters.platforms.slack.settings import SlackSettings
from simulators.slack.config import SlackSimulatorConfig
from tests.integration.slack_hearing.ears import Ears, listening
from tests.integration.slack_hearing.script import Script


async def sockets(slack: Script) -> list[int]:
    return [socket["number"] for socket in (await slack.get("sockets"))["sockets"]]


async def two_sockets(slack: Script, *, without: list[int]) -> None:
    """Wait until two sockets are open that are none of the old ones."""

    def are_new(answer: dict[str, list[dict[str, int]]]) -> bool:
        numbers = {socket["number"] for socket in answer["sockets"]}
        return len(numbers) == 2 and not numbers & set(without)

    await slack.until("sockets", are_new)


async def test_refreshed_sockets_are_replaced(ears: Ears, slack: Script):
    await two_sockets(slack, without=[])
    old = await sockets(slack)
    await slack.post("sockets/disconnect", reason="refresh_requested")
    await two_sockets(slack, without=old)
    await slack.say("hello")
    assert (await ears.hear_message()).text == "hello"


async def test_sockets_that_die_without_a_word_are_replaced(ears: Ears, slack: Script):
    await two_sockets(slack, without=[])
    old = await sockets(slack)
    await slack.post("sockets/disconnect", drop=True)
    await two_sockets(slack, without=old)
    await slack.say("hello")
    assert (await ears.hear_message()).text == "hello"


async def test_one_socket_is_left_while_another_is_replaced(ears: Ears, slack: Script):
    await two_sockets(slack, without=[])
    first = (await sockets(slack))[0]
    await slack.post("sockets/disconnect", drop=True, numbers=[first])
    await slack.say("hello")
    assert (await ears.hear_message()).text == "hello"


async def problem_with(settings: SlackSettings, redis: Redis, said: str) -> None:
    """Listen until the problem holds these words."""
    async with listening(settings, redis, Ears(), until=said):
        pass


async def test_a_refused_token_is_a_problem_that_is_named(settings: SlackSettings, redis: Redis):
    await problem_with(
        settings.model_copy(update={"app_token": SecretStr("xapp-wrong")}), redis, "invalid_auth"
    )


@pytest.mark.parametrize("config", [SlackSimulatorConfig(request_url="http://127.0.0.1:1/")])
async def test_socket_mode_switched_off_is_a_problem_that_is_named(settings: SlackSettings, redis: Redis):
    """Slack opens such a socket only to close it again."""
    await problem_with(settings, redis, "link_disabled")
