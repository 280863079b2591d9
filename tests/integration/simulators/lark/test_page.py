"""The page, in a real browser."""

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

CARD = {
    "schema": "2.0",
    "config": {"streaming_mode": True},
    "body": {
        "elements": [
            {"tag": "markdown", "element_id": "md", "content": ""},
            {
                "tag": "button",
                "element_id": "stop",
                "text": {"tag": "plain_text", "content": "Stop"},
                "behaviors": [{"type": "callback", "value": {"a": "stop"}}],
            },
        ]
    },
}


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_a_person_writes_and_sees_the_card_grow_without_reloading(lark, page):
    page.goto(lark.url)
    page.get_by_role("button", name="Design").click()
    page.select_option("#user", "Bob")
    page.fill("#text", "@Glimmer hello <b>there</b>")
    page.keyboard.press("Enter")
    page.locator("article", has_text="@Glimmer hello").wait_for()
    sent = lark.see("messages")["messages"][0]
    assert (sent["sender"], sent["content"]["text"]) == ("Bob", "@_user_1 hello <b>there</b>")

    message_id = lark.say(CARD, chat="Design", msg_type="interactive").json()["data"]["message_id"]
    card_id = lark.data("POST", "/cardkit/v1/cards/id_convert", {"message_id": message_id})["card_id"]
    path = f"/cardkit/v1/cards/{card_id}"
    for sequence, text in enumerate(
        ("# Gr", "# Growing\n", "# Growing\n<script>alert(1)</script>**bold**"), start=1
    ):
        lark.data("PUT", f"{path}/elements/md/content", {"content": text, "sequence": sequence})
    page.locator(".card.streaming strong", has_text="bold").wait_for()
    assert page.locator(".card script").count() == 0

    page.get_by_role("button", name="Stop").click()
    page.locator(".toast.error", has_text="offline").wait_for()
    closed = {"settings": json.dumps({"config": {"streaming_mode": False}}), "sequence": 9}
    lark.data("PATCH", f"{path}/settings", closed)
    page.locator(".card:not(.streaming) strong", has_text="bold").wait_for()
