"""Tiers, 429s, the special rules of posting and of history."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.script import ALICE_DM, GENERAL, Script, refusal


async def test_the_fifty_first_update_in_a_minute_is_refused(slack: Script, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="0")
    for number in range(50):
        await client.chat_update(channel=GENERAL, ts=posted["ts"], text=str(number))

    assert await refusal(client.chat_update(channel=GENERAL, ts=posted["ts"], text="x")) == "ratelimited"
    await client.users_info(user="U0ALICE001")
    slack.post("clock", advance=60)
    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="again")


async def test_posting_is_paced_per_channel(slack: Script, client: AsyncWebClient) -> None:
    for _ in range(4):
        await client.chat_postMessage(channel=GENERAL, text="x")

    assert await refusal(client.chat_postMessage(channel=GENERAL, text="x")) == "ratelimited"
    await client.chat_postMessage(channel=ALICE_DM, text="x")


async def test_a_scripted_429_is_waited_out_by_the_clients_retry_handler(
    slack: Script, client: AsyncWebClient
) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.post("faults", method="chat.postMessage", kind="ratelimited", retry_after=0)

    await client.chat_postMessage(channel=GENERAL, text="x")

    assert slack.get("counts")["calls"]["chat.postMessage"] == {"ok": 1, "ratelimited": 1}


async def test_a_call_may_be_done_and_yet_unanswered(slack: Script, client: AsyncWebClient) -> None:
    slack.post("faults", method="chat.postMessage", kind="drop_after")

    with pytest.raises(Exception, match=r"[Pp]ayload|[Dd]isconnected|[Cc]losed"):
        await client.chat_postMessage(channel=GENERAL, text="x")

    assert [m["text"] for m in slack.get("messages")["messages"]] == ["x"]


async def test_a_hanging_call_has_done_its_work(slack: Script, client: AsyncWebClient) -> None:
    assert client.session is not None
    slack.post("faults", method="chat.postMessage", kind="hang_after", seconds=1_000)
    client.timeout = 1

    with pytest.raises(TimeoutError):
        async with client.session.post(
            f"{slack.base_url}/api/chat.postMessage",
            json={"channel": GENERAL, "text": "x"},
            headers={"authorization": f"Bearer {client.token}"},
            timeout=type(client.session.timeout)(total=0.3),
        ):
            pass

    assert [m["text"] for m in slack.get("messages")["messages"]] == ["x"]


async def test_a_fault_can_wait_for_its_turn(slack: Script, client: AsyncWebClient) -> None:
    slack.post("faults", method="auth.test", kind="error", error="fatal_error", after=1, count=2)

    await client.auth_test()
    assert await refusal(client.auth_test()) == "fatal_error"
    assert await refusal(client.auth_test()) == "fatal_error"
    await client.auth_test()


async def test_a_server_error_is_html_as_front_ends_send_it(slack: Script, client: AsyncWebClient) -> None:
    slack.post("faults", method="*", kind="http_error", status=503)

    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()

    assert caught.value.response.status_code == 503


class TestACommercialApp:
    @pytest.fixture
    def config(self) -> SlackSimulatorConfig:
        return SlackSimulatorConfig(distribution="commercial")

    async def test_reads_one_page_of_fifteen_a_minute(self, slack: Script, client: AsyncWebClient) -> None:
        for number in range(20):
            slack.say(str(number), channel="general")

        page = await client.conversations_history(channel=GENERAL, limit=100)

        assert (len(page["messages"]), page["has_more"]) == (15, True)
        assert await refusal(client.conversations_history(channel=GENERAL)) == "ratelimited"


async def test_pages_follow_one_another_by_cursor(slack: Script, client: AsyncWebClient) -> None:
    for number in range(5):
        slack.say(str(number), channel="general")

    seen = []
    async for page in await client.conversations_history(channel=GENERAL, limit=2):
        seen += [message["text"] for message in page["messages"]]

    assert seen == ["4", "3", "2", "1", "0"]
