"""The page in a real browser: writing, sending, chats, languages, small screens."""

import re

import pytest
from playwright.async_api import expect

from adapters.platforms.web import WebSettings
from bots.deltas import PaintedPicture
from bots.errors import StoreUnavailable
from tests.integration.web.playground import serve, until
from tests.integration.web.screen import opened

pytestmark = [pytest.mark.redis, pytest.mark.browser]
# A red dot, 1 × 1 pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def settings() -> WebSettings:
    """The limits as they are shipped."""
    return WebSettings()


GIVE_FILE = """([event, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], `${event}.png`, { type: "image/png" }));
    const name = event === "paste" ? "clipboardData" : "dataTransfer";
    const types = { paste: ClipboardEvent, drop: DragEvent };
    document.body.dispatchEvent(new types[event](event, { [name]: data, bubbles: true, cancelable: true }));
}"""


async def test_pictures_are_pasted_dropped_shown_and_sent(screen, playground):
    await screen.page.evaluate(GIVE_FILE, ["paste", list(PNG)])
    await screen.page.evaluate(GIVE_FILE, ["drop", list(PNG)])
    await screen.page.set_input_files(
        "input[type=file]", {"name": "c.txt", "mimeType": "text/plain", "buffer": b"hi"}
    )
    await expect(screen.page.locator(".tray img")).to_have_count(2)
    await screen.page.get_by_role("button", name="Remove drop.png").click()
    await screen.ask("what is this?")
    await until(lambda: playground.bot.messages)
    attachments = playground.bot.messages[0].message.attachments
    assert [attachment.name for attachment in attachments] == ["paste.png", "c.txt"]
    assert await playground.platform.attachments.fetch(attachments[0], max_bytes=999) == PNG
    picture = screen.page.locator(".question img")
    await expect(picture).to_have_attribute("src", re.compile("^/api/files/"))
    await expect(screen.page.locator(".tray li")).to_have_count(0)


async def test_a_painted_picture_opens_larger_and_escape_closes_it(screen, playground):
    reply = playground.reply("t1")
    picture = PaintedPicture(PNG, "image/png", 1344, 768)
    shown = await playground.platform.uploader.upload(
        reply.conversation, picture, alt="A lighthouse", key="j1"
    )
    await reply.finish("", pictures=(shown,))
    await screen.answer.get_by_role("button", name="Open larger: A lighthouse").click()
    await expect(screen.page.get_by_role("dialog")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_role("dialog")).not_to_be_visible()


async def test_imagine_offers_sizes_and_writes_the_chosen_one(screen, playground):
    await screen.page.keyboard.type("/imagine a cat")
    sizes = screen.page.get_by_role("radio")
    await expect(sizes).to_have_count(7)
    await screen.page.locator(".sizes label", has_text="1344 × 768").click()
    await expect(screen.page.get_by_role("textbox")).to_have_value("/imagine a cat --size 1344x768")
    await screen.page.locator(".sizes label", has_text="720 × 1440").click()
    await screen.page.keyboard.press("Enter")
    await until(lambda: playground.bot.messages)
    assert playground.bot.messages[0].message.text == "/imagine a cat --size 720x1440"
    await expect(screen.page.locator(".sizes")).not_to_be_visible()


async def test_enter_sends_shift_enter_does_not_and_an_input_method_may_use_enter(screen, playground):
    box = screen.page.get_by_role("textbox")
    await screen.page.keyboard.type("one")
    await screen.page.keyboard.press("Shift+Enter")
    await screen.page.keyboard.type("two")
    await box.evaluate(
        "box => box.dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))"
    )
    await expect(box).to_have_value("one\ntwo")
    await screen.page.keyboard.press("Enter")
    await until(lambda: playground.bot.messages)
    assert playground.bot.messages[0].message.text == "one\ntwo"


async def test_everything_can_be_done_from_the_keyboard(screen, playground):
    playground.bot.script = lambda reply: reply.finish("an answer")
    skip = screen.page.get_by_role("link", name="Skip to the question box")
    await expect(skip).not_to_be_in_viewport()
    await skip.focus()
    await expect(skip).to_be_in_viewport()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("textbox")).to_be_focused()
    await screen.page.keyboard.type("hello")
    await screen.page.keyboard.press("Enter")
    await expect(screen.answer.locator(".words")).to_have_text("an answer")
    names = []
    for _ in range(8):
        await screen.page.keyboard.press("Shift+Tab")
        names.append(await screen.page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert {"Regenerate", "Copy answer", "Good answer"} <= set(names)


async def test_a_message_that_was_not_taken_is_sent_again_as_the_same_message(screen, playground):
    playground.bot.failure = StoreUnavailable()
    await screen.ask("hello")
    await expect(screen.page.locator(".question .sent")).to_contain_text("cannot take messages right now")
    await screen.page.get_by_role("button", name="New chat").click()
    await expect(screen.page.locator(".question")).to_have_count(0)
    await screen.page.go_back()
    playground.bot.failure = None
    await screen.page.get_by_role("button", name="Try again").click()
    await expect(screen.page.locator(".unsent")).to_have_count(0)
    assert len({event.message.message_id for event in playground.bot.messages}) == 1
    await expect(screen.page.locator(".question")).to_have_count(1)


async def test_what_the_server_refuses_goes_back_into_the_box(browser, redis):
    async with serve(redis, WebSettings(max_text_characters=5)) as playground:
        screen = await opened(browser, playground)
        await screen.ask("too long a text")
        await expect(screen.page.locator(".toast")).to_contain_text("longer than 5 characters")
        await expect(screen.page.get_by_role("textbox")).to_have_value("too long a text")
        await expect(screen.page.locator(".question")).to_have_count(0)


async def test_threads_are_named_kept_and_removed(screen, playground):
    playground.bot.script = lambda reply: reply.finish("an answer")
    await screen.ask("First things first")
    await expect(screen.answer.locator(".words")).to_have_text("an answer")
    await screen.page.get_by_role("button", name="New chat").click()
    await expect(screen.page.locator(".message[data-id]")).to_have_count(0)
    await expect(screen.page.get_by_role("heading", name="What shall we look into?")).to_be_visible()
    await screen.ask("Second thoughts")
    links = screen.page.locator("#threads a")
    await expect(links).to_have_text(["Second thoughts", "First things first"])
    await links.nth(1).click()
    await expect(screen.page.locator(".question .bubble")).to_have_text("First things first")
    await screen.page.reload()
    await expect(screen.page.locator(".question .bubble")).to_have_text("First things first")
    await screen.page.locator("#threads li").nth(1).hover()
    await screen.page.get_by_role("button", name="Delete “First things first”").click()
    await expect(links).to_have_text(["Second thoughts"])
    await screen.page.get_by_role("button", name="Undo").click()
    await expect(links).to_have_count(2)


async def test_a_reader_who_scrolled_up_is_left_there(screen, playground):
    reply = playground.reply("t1")
    text = "\n\n".join(f"paragraph {number}" for number in range(60))
    await reply.show(text)
    top = "document.getElementById('scroller').scrollTop"
    await expect(screen.answer.locator(".block")).to_have_count(60)
    await screen.page.wait_for_function(f"{top} > 300")
    await screen.page.mouse.move(600, 300)
    await screen.page.mouse.wheel(0, -500)
    latest = screen.page.get_by_role("button", name="Jump to latest")
    await expect(latest).to_be_visible()
    before = await screen.page.evaluate(top)
    await reply.finish(text + "\n\nthe end")
    await expect(screen.answer.locator(".block")).to_have_count(61)
    assert await screen.page.evaluate(top) == before
    await latest.click()
    await expect(screen.answer.locator(".block").last).to_be_in_viewport()


async def test_dark_and_chinese_are_chosen_and_remembered(screen, playground):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await screen.page.evaluate(ground)
    await screen.page.get_by_role("button", name="Switch to dark").click()
    assert await screen.page.evaluate(ground) != light
    await screen.page.get_by_role("button", name="中文").click()
    await expect(screen.page.get_by_role("button", name="新会话")).to_be_visible()
    await expect(screen.page.get_by_role("textbox", name="你的问题")).to_be_visible()
    await screen.page.reload()
    await expect(screen.page.get_by_role("button", name="切换到浅色")).to_be_visible()
    await expect(screen.page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_a_chinese_browser_with_dark_colours_gets_both_at_once(browser, playground):
    screen = await opened(browser, playground, locale="zh-CN", color_scheme="dark")
    await expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(screen.page.get_by_role("heading", name="今天想看看什么？")).to_be_visible()
    playground.bot.failure = StoreUnavailable()
    await screen.ask("在吗")
    await expect(screen.page.locator(".question .sent")).to_contain_text("请稍后再试")


async def test_a_small_screen_has_no_sideways_scrolling_and_a_drawer(browser, playground):
    screen = await opened(browser, playground, viewport={"width": 360, "height": 640})
    row = "| column " * 12 + "|\n"
    wide = row + "|---" * 12 + "|\n" + row
    await playground.reply("t1").finish(f"{'w' * 200}\n\n{wide}\n\n```\n{'c' * 300}\n```")
    await expect(screen.answer.locator("td").last).to_be_attached()
    sideways = "['documentElement', 'body'].map(name => document[name].scrollWidth > innerWidth)"
    assert await screen.page.evaluate(sideways) == [False, False]
    assert (
        await screen.page.evaluate(
            "(box => box.scrollWidth > box.clientWidth)(document.getElementById('scroller'))"
        )
        is False
    )
    await screen.page.get_by_role("button", name="Show chats").click()
    await expect(screen.page.get_by_role("button", name="New chat")).to_be_focused()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_role("button", name="Show chats")).to_be_focused()


async def test_a_lost_server_is_said_and_what_was_missed_is_shown_later(browser, playground):
    screen = await opened(browser, playground)
    await screen.page.context.set_offline(True)
    await playground.hub.close()
    await expect(screen.page.locator("#banner")).to_contain_text("Connection lost")
    await playground.reply("t1").finish("written meanwhile")
    playground.hub._is_closed = False
    await screen.page.context.set_offline(False)
    await expect(screen.answer.locator(".words")).to_have_text("written meanwhile")
    await expect(screen.page.locator("#banner")).not_to_be_visible()
