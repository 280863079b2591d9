"""The page in a real browser: a person sees a thread grow, talks, presses."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.simulators.slack.script import ALICE, GENERAL, TEAM, Script

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture
async def page(slack: Script) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page()
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        await opened.goto(f"{slack.base_url}/#{GENERAL}")
        yield opened
        await browser.close()
    assert faults == []


async def test_a_person_sees_the_answer_grow_and_presses_its_button(
    slack: Script, client: AsyncWebClient, page: Page
) -> None:
    await page.fill("#composer textarea", "what is 6 × 7?")
    await page.press("#composer textarea", "Enter")
    found = await slack.until_async("messages", lambda answer: bool(answer["messages"]))
    root = found["messages"][0]["ts"]

    opened = await client.chat_startStream(
        channel=GENERAL,
        thread_ts=root,
        recipient_team_id=TEAM,
        recipient_user_id=ALICE,
        markdown_text="It is **forty",
    )
    await page.wait_for_selector(".thread .streaming >> text=It is **forty")
    await client.chat_appendStream(channel=GENERAL, ts=opened["ts"], markdown_text="-two**.")
    await page.wait_for_selector(".thread b >> text=forty-two")
    text = {"type": "plain_text", "text": "Regenerate"}
    button = {"type": "button", "action_id": "again", "value": "7", "text": text}
    blocks = [{"type": "actions", "elements": [button]}]
    await client.chat_stopStream(channel=GENERAL, ts=opened["ts"], blocks=blocks)
    await page.click("text=Regenerate")

    def is_pressed(answer: dict[str, list[dict[str, dict[str, str]]]]) -> bool:
        return any(delivery["payload"]["type"] == "block_actions" for delivery in answer["deliveries"])

    await slack.until_async("deliveries", is_pressed)


async def test_what_people_and_bots_write_is_never_markup(
    slack: Script, client: AsyncWebClient, page: Page
) -> None:
    evil = '<img src=x onerror="document.title=1"> [x](javascript:alert(1)) <https://a.example|<b>y</b>>'
    slack.say(evil, channel="general")
    await client.chat_postMessage(channel=GENERAL, markdown_text=evil + " `<script>`")
    await client.chat_postMessage(channel=GENERAL, text=evil)

    await page.wait_for_selector(".message >> nth=2")

    assert await page.title() == "Slack simulator"
    assert await page.locator(".message img, .message script").count() == 0
    assert await page.locator('.message a[href^="javascript"]').count() == 0


async def test_a_modal_is_filled_in_and_sent(slack: Script, client: AsyncWebClient, page: Page) -> None:
    sent = slack.act("global_shortcut", callback_id="paint")["deliveries"][0]["payload"]
    label = {"type": "plain_text", "text": "What to paint"}
    element = {"type": "plain_text_input", "action_id": "text"}
    words = {"type": "plain_text", "text": "Paint"}
    block = {"type": "input", "block_id": "prompt", "label": label, "element": element}
    await client.views_open(
        trigger_id=sent["trigger_id"],
        view={"type": "modal", "title": words, "submit": words, "blocks": [block]},
    )

    await page.fill("dialog input", "a cat")
    await page.click("dialog button.primary")

    found = await slack.until_async("deliveries", lambda answer: len(answer["deliveries"]) == 2)
    values = found["deliveries"][1]["payload"]["view"]["state"]["values"]
    assert values["prompt"]["text"]["value"] == "a cat"
