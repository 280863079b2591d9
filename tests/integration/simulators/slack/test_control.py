"""The control API's own manners, and events at their edges."""

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.script import BOT, GENERAL, Script


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("act/dance", {}, "unknown_verb"),
        ("act/message", {"txet": "hi"}, "unknown_field"),
        ("act/message", {"channel": "nowhere"}, "channel_not_found"),
        ("act/message", {"user": "nobody"}, "user_not_found"),
        ("act/press", {"ts": "1.2", "action_id": "x"}, "message_not_found"),
        ("act/slash", {"command": "/unknown"}, "command_not_found"),
        ("faults", {"method": "x", "kind": "earthquake"}, "ValidationError"),
        ("deliveries/none/replay", {}, "delivery_not_found"),
    ],
)
def test_a_script_that_errs_is_told_so(slack: Script, path: str, body: dict[str, str], error: str) -> None:
    answer = slack.http.post(f"/_sim/{path}", json=body)

    assert (answer.status_code, answer.json()["ok"]) == (400, False)
    assert answer.json()["error"].startswith(error)


def test_typed_text_is_stored_as_slack_stores_it(slack: Script) -> None:
    ts = slack.say("@glimmer is 1 < 2 & see https://example.com/a", channel="general", typed=True)

    stored = f"<@{BOT}> is 1 &lt; 2 &amp; see <https://example.com/a>"
    assert slack.message(GENERAL, ts)["text"] == stored


def test_any_event_can_be_delivered_several_times(slack: Script) -> None:
    event = {"type": "assistant_thread_started", "assistant_thread": {"user_id": "U0ALICE001", "context": {}}}

    sent = slack.post("events", event=event, times=3)["deliveries"]

    assert len(sent) == 3
    assert len({delivery["event_id"] for delivery in sent}) == 1
    assert sent[0]["payload"]["authorizations"][0]["user_id"] == BOT


def test_what_is_not_acked_yet_shows_how_long_it_waits(slack: Script) -> None:
    slack.say()
    slack.until("deliveries", lambda answer: bool(answer["deliveries"][0]["attempts"]))
    slack.post("clock", advance=2)

    pending = slack.get("deliveries", pending="true")["deliveries"]

    assert [round(delivery["waiting_seconds"], 3) for delivery in pending] == [2.0]


def test_the_page_hears_of_every_change(slack: Script) -> None:
    with slack.http.stream("GET", "/_sim/feed") as feed:
        lines = feed.iter_lines()
        next(lines)
        slack.say("hello there")
        heard = next(line for line in lines if line.startswith("data:"))

    assert "hello there" in heard


async def test_links_that_slack_may_fetch_are_counted(slack: Script, client: AsyncWebClient) -> None:
    text = "see https://example.com/?q=secret"
    await client.chat_postMessage(channel=GENERAL, text=text, unfurl_links=False, unfurl_media=False)
    assert slack.get("counts")["violations"] == {}

    await client.chat_postMessage(channel=GENERAL, text=text, unfurl_links=False)
    assert slack.get("counts")["violations"] == {"unfurl_allowed": 1}


class TestABusyWorkspace:
    @pytest.fixture
    def config(self) -> SlackSimulatorConfig:
        return SlackSimulatorConfig(events_per_hour=2)

    def test_is_told_once_a_minute_that_events_are_dropped(self, slack: Script) -> None:
        for _ in range(4):
            slack.say()

        payloads = [delivery["payload"] for delivery in slack.get("deliveries")["deliveries"]]
        assert [payload["type"] for payload in payloads] == ["event_callback"] * 2 + ["app_rate_limited"]
        assert "event" not in payloads[2]


class TestAnAppThatIsSetToHttp:
    @pytest.fixture
    def config(self) -> SlackSimulatorConfig:
        return SlackSimulatorConfig(request_url="http://127.0.0.1:9/")

    async def test_gets_no_socket(
        self, client: AsyncWebClient, session: ClientSession, config: SlackSimulatorConfig
    ) -> None:
        opened = await client.apps_connections_open(app_token=config.app_token)

        async with session.ws_connect(opened["url"]) as socket:
            await socket.receive_json()
            farewell = await socket.receive_json()

        assert (farewell["type"], farewell["reason"]) == ("disconnect", "link_disabled")
