"""Buttons, shortcuts, modals, response URLs, Home, OAuth."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from simulators.slack.config import SlackSimulatorConfig
from tests.integration.simulators.slack.script import ALICE, GENERAL, PAYROLL, Script, refusal


def button(action_id: str, value: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": value}
    return {"type": "button", "action_id": action_id, "value": value, "text": text}


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "Paint"}, "blocks": [], **more}


async def test_a_pressed_button_says_what_and_where(slack: Script, client: AsyncWebClient) -> None:
    root = slack.say(channel="general")
    blocks = [
        {"type": "actions", "block_id": "row", "elements": [button("stop", "JOB1"), button("more", "2")]}
    ]
    posted = await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="x", blocks=blocks)

    pressed = slack.act("press", channel="general", ts=posted["ts"], action_id="stop")["deliveries"][0]

    payload = pressed["payload"]
    action = payload["actions"][0]
    assert (payload["type"], pressed["kind"]) == ("block_actions", "interactive")
    assert (action["action_id"], action["value"], action["block_id"]) == ("stop", "JOB1", "row")
    assert (payload["container"]["thread_ts"], payload["message"]["ts"]) == (root, posted["ts"])
    assert payload["team"] == {"id": "T0GLIMMER1", "domain": "glimmer-labs"}


async def test_feedback_under_a_stream_gives_the_value_of_the_thumb(
    slack: Script, client: AsyncWebClient
) -> None:
    root = slack.say()
    up, down = ({"text": {"type": "plain_text", "text": t}, "value": t.lower()} for t in ("Up", "Down"))
    row = {"type": "feedback_buttons", "action_id": "fb", "positive_button": up, "negative_button": down}
    blocks = [{"type": "context_actions", "elements": [row]}]
    opened = await client.chat_startStream(channel="D0ALICE001", thread_ts=root, markdown_text="a")
    await client.chat_stopStream(channel="D0ALICE001", ts=opened["ts"], blocks=blocks)

    pressed = slack.act("press", ts=opened["ts"], action_id="fb", value="down")["deliveries"][0]

    assert pressed["payload"]["actions"][0]["value"] == "down"


async def test_a_response_url_works_five_times_also_where_the_bot_is_not(
    slack: Script, client: AsyncWebClient
) -> None:
    sent = slack.act("slash", command="/imagine", text="a cat", channel="payroll")["deliveries"][0]
    webhook = AsyncWebhookClient(sent["payload"]["response_url"])

    answers = [await webhook.send(text=str(number), response_type="in_channel") for number in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    shown = slack.get("messages", channel=PAYROLL)["messages"]
    assert [message["text"] for message in shown] == ["0", "1", "2", "3", "4"]


async def test_a_response_url_ends_after_half_an_hour(slack: Script) -> None:
    sent = slack.act("slash", command="/imagine", text="a cat", channel="general")["deliveries"][0]
    slack.post("clock", advance=30 * 60 + 1)

    answer = await AsyncWebhookClient(sent["payload"]["response_url"]).send(text="late")

    assert answer.status_code == 404


async def test_a_response_url_replaces_and_deletes_the_message_of_its_button(
    slack: Script, client: AsyncWebClient
) -> None:
    blocks = [{"type": "actions", "elements": [button("stop", "x")]}]
    posted = await client.chat_postMessage(channel=GENERAL, text="old", blocks=blocks)
    pressed = slack.act("press", channel="general", ts=posted["ts"], action_id="stop")["deliveries"][0]
    webhook = AsyncWebhookClient(pressed["payload"]["response_url"])

    await webhook.send(text="new", replace_original=True)
    assert slack.message(GENERAL, posted["ts"])["visible_text"] == "new"
    await webhook.send(delete_original=True)
    assert slack.message(GENERAL, posted["ts"])["deleted"]


async def test_a_trigger_opens_one_modal_within_three_seconds(slack: Script, client: AsyncWebClient) -> None:
    sent = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]
    late = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]

    opened = await client.views_open(trigger_id=sent["trigger_id"], view=modal(private_metadata="m"))

    assert opened["view"]["private_metadata"] == "m"
    again = client.views_open(trigger_id=sent["trigger_id"], view=modal())
    assert await refusal(again) == "exchanged_trigger_id"
    slack.post("clock", advance=4)
    assert (
        await refusal(client.views_open(trigger_id=late["trigger_id"], view=modal())) == "expired_trigger_id"
    )
    assert await refusal(client.views_open(trigger_id="1.2", view=modal())) == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (modal(title={"type": "plain_text", "text": "x" * 25}), "invalid_arguments"),
        (modal(blocks=[{"type": "divider"}] * 101), "invalid_blocks"),
        (modal(private_metadata="x" * 3_001), "invalid_arguments"),
        (modal(type="home"), "invalid_arguments"),
        ({"type": "modal", "blocks": []}, "invalid_arguments"),
        (
            modal(blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_999}}] * 99),
            "view_too_large",
        ),
    ],
)
async def test_what_is_no_modal_is_refused(
    slack: Script, client: AsyncWebClient, view: dict[str, Any], error: str
) -> None:
    trigger = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]["trigger_id"]

    assert await refusal(client.views_open(trigger_id=trigger, view=view)) == error


async def test_a_submitted_modal_carries_its_values(slack: Script, client: AsyncWebClient) -> None:
    trigger = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]["trigger_id"]
    opened = await client.views_open(trigger_id=trigger, view=modal(callback_id="form"))
    values = {"prompt": {"text": {"type": "plain_text_input", "value": "a cat"}}}

    sent = slack.act("submit_view", view_id=opened["view"]["id"], values=values)["deliveries"][0]["payload"]

    assert (sent["type"], sent["view"]["callback_id"]) == ("view_submission", "form")
    assert sent["view"]["state"]["values"] == values


async def test_an_update_by_an_old_hash_is_refused(slack: Script, client: AsyncWebClient) -> None:
    trigger = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]["trigger_id"]
    first = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    await client.views_update(view_id=first["id"], hash=first["hash"], view=modal())

    stale = client.views_update(view_id=first["id"], hash=first["hash"], view=modal())

    assert await refusal(stale) == "hash_conflict"


async def test_home_is_shown_in_the_event_once_published(slack: Script, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Hi"}}]}
    await client.views_publish(user_id=ALICE, view=home)

    on_home = slack.act("open_app", tab="home")["deliveries"][0]["payload"]["event"]
    on_messages = slack.act("open_app", tab="messages")["deliveries"][0]["payload"]["event"]

    assert on_home["view"]["blocks"] == home["blocks"]
    assert (on_messages["tab"], "view" in on_messages) == ("messages", False)


def test_what_the_user_looks_at_comes_with_the_next_message(slack: Script) -> None:
    slack.act("look_at", channel="general")

    event = slack.act("message", text="summarise this")["deliveries"][0]["payload"]["event"]

    assert event["app_context"]["entities"][0]["value"] == GENERAL


def test_commands_do_not_work_in_threads(slack: Script) -> None:
    answer = slack.http.post("/_sim/act/slash", json={"command": "/imagine", "thread_ts": "1.2"})

    assert answer.json()["error"] == "command_not_supported_in_threads"


# The client itself still uses what aiohttp means to drop.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
class TestInstalling:
    @pytest.fixture
    def config(self) -> SlackSimulatorConfig:
        return SlackSimulatorConfig(token_rotation=True)

    def code(self, slack: Script, config: SlackSimulatorConfig) -> str:
        query = {
            "client_id": config.client_id,
            "scope": "chat:write,im:history",
            "redirect_uri": "https://bot.example.com/slack/oauth_redirect",
            "state": "s",
        }
        answer = slack.http.get("/oauth/v2/authorize", params=query)
        came_back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert came_back["state"] == ["s"]
        return came_back["code"][0]

    async def test_a_code_becomes_a_token_once(
        self, slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig
    ) -> None:
        asked = {
            "client_id": config.client_id,
            "client_secret": config.client_secret,
            "code": self.code(slack, config),
            "redirect_uri": "https://bot.example.com/slack/oauth_redirect",
        }

        got = await client.oauth_v2_access(**asked)

        assert (got["team"]["id"], got["scope"]) == ("T0GLIMMER2", "chat:write,im:history")
        assert got["access_token"].startswith("xoxe.xoxb-")
        assert (await client.auth_test(token=got["access_token"]))["team_id"] == "T0GLIMMER2"
        assert await refusal(client.oauth_v2_access(**asked)) == "invalid_code"

    async def test_a_refresh_token_works_once_and_tokens_end_after_twelve_hours(
        self, slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig
    ) -> None:
        who = {"client_id": config.client_id, "client_secret": config.client_secret}
        redirect_uri = "https://bot.example.com/slack/oauth_redirect"
        first = await client.oauth_v2_access(**who, code=self.code(slack, config), redirect_uri=redirect_uri)
        refresh = {**who, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

        slack.post("clock", advance=43_200)
        assert await refusal(client.auth_test(token=first["access_token"])) == "token_expired"
        second = await client.oauth_v2_access(**refresh)

        await client.auth_test(token=second["access_token"])
        assert await refusal(client.oauth_v2_access(**refresh)) == "invalid_refresh_token"

    async def test_a_wrong_secret_installs_nothing(
        self, slack: Script, client: AsyncWebClient, config: SlackSimulatorConfig
    ) -> None:
        code = self.code(slack, config)
        call = client.oauth_v2_access(client_id=config.client_id, client_secret="wrong", code=code)

        assert await refusal(call) == "bad_client_secret"


async def test_an_uninstalled_app_is_told_and_its_token_ends(slack: Script, client: AsyncWebClient) -> None:
    sent = slack.act("uninstall")["deliveries"]

    assert [delivery["payload"]["event"]["type"] for delivery in sent] == [
        "app_uninstalled",
        "tokens_revoked",
    ]
    assert await refusal(client.auth_test()) == "token_revoked"
