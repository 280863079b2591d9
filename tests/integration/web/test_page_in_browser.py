"""The page in a real browser: what a person sees, types, drops and hears."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from adapters.platforms.web import WebSettings
from bots.deltas import PaintedPicture
from bots.errors import StoreUnavailable
from tests.integration.web.playground import Playground, serve, until

pytestmark = [pytest.mark.redis, pytest.mark.browser]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# A red dot, 1 × 1 pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("These tests drive Debian's Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


class Screen:
    """One open page, with all it complained of and asked other hosts for."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("request", lambda request: self._watch(request.url, url))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "503" not in text:
            self.complaints.append(text)

    def _watch(self, asked: str, url: str) -> None:
        if not asked.startswith((url, "blob:")):
            self.strangers.append(asked)

    async def ask(self, text: str) -> None:
        await self.page.get_by_role("textbox").fill(text)
        await self.page.keyboard.press("Enter")

    @property
    def answer(self) -> Locator:
        return self.page.locator(".answer[data-id]").last


async def opened(browser: Browser, playground: Playground, **options: Any) -> Screen:
    context = await browser.new_context(**{"locale": "en-GB", "color_scheme": "light", **options})
    screen = Screen(await context.new_page(), playground.url)
    screen.page.set_default_timeout(8000)
    await screen.page.goto(playground.url + "/#t1")
    await expect(screen.page.get_by_role("textbox")).to_be_focused()
    return screen


@pytest.fixture
async def screen(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    """An open page that must not complain and must not ask any other host for anything."""
    screen = await opened(browser, playground)
    yield screen
    assert screen.complaints == []
    assert screen.strangers == []


async def test_a_question_is_answered_in_text_that_grows(screen, playground):
    steps: asyncio.Queue[str] = asyncio.Queue()

    async def script(reply):
        await reply.open(place={"position": 3, "seconds": 20})
        await steps.get()
        await reply.open(place={"position": 1, "seconds": 4})
        await steps.get()
        await reply.show("", reasoning="Let me *see*.")
        await steps.get()
        await reply.show("Some **bold**", reasoning="Let me *see*.")
        await steps.get()
        table = "| a | b |\n|---|--:|\n| 1 | 2 |"
        await reply.finish(
            f"Some **bold** words\n\n```python\nprint(1)\n```\n\n{table}", reasoning="Let me *see*."
        )

    playground.bot.script = script
    await screen.ask("hello <b>there</b>")
    await expect(screen.page.locator(".question .bubble")).to_have_text("hello <b>there</b>")
    await expect(screen.answer.locator(".pill")).to_have_text("3rd in line · about 20 s")
    steps.put_nowait("on")
    await expect(screen.answer.locator(".pill")).to_have_text("Next in line · about 5 s")
    steps.put_nowait("on")
    await expect(screen.answer.locator("summary")).to_contain_text("Thinking…")
    await expect(screen.answer.locator(".thoughts")).not_to_be_visible()
    steps.put_nowait("on")
    await expect(screen.answer.locator("strong")).to_have_text("bold")
    await expect(screen.page.locator("#announcer")).to_have_text("")
    steps.put_nowait("on")
    await expect(screen.answer.locator("td").last).to_have_text("2")
    await expect(screen.answer.locator("td").last).to_have_css("text-align", "right")
    await expect(screen.answer.locator(".hljs-built_in")).to_have_text("print")
    await expect(screen.answer.locator(".model")).to_have_text("glm-4.7-flash")
    await expect(screen.page.locator("#announcer")).to_contain_text("Some bold words")
    await screen.answer.locator("summary").click()
    await expect(screen.answer.locator(".thoughts em")).to_have_text("see")


async def test_what_is_drawn_already_is_left_alone_while_text_grows(screen, playground):
    reply = playground.reply("t1")
    await reply.show("# Title\n\nfirst\n\nsecond")
    first = screen.answer.locator(".block").nth(1)
    await expect(first).to_have_text("first")
    await first.evaluate("node => { node.dataset.kept = 'yes' }")
    await reply.finish("# Title\n\nfirst\n\nsecond and more\n\nthird")
    await expect(screen.answer.locator(".block")).to_have_count(4)
    await expect(first).to_have_attribute("data-kept", "yes")


HOSTILE = """
<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">
<svg onload="window.hacked = 3"></svg><iframe src="https://evil.example"></iframe>
<form action="https://evil.example"><input name=a><button>b</button></form>
<style>body { display: none }</style>
<p style="position:fixed" onclick="window.hacked = 4" class="toast">styled</p>
<a href="javascript:window.hacked=5">one</a> <a href="https://example.org" target="_self">named</a>

[two](javascript:window.hacked=6) [three](JaVaScRiPt:window.hacked=7)
[four](data:text/html;base64,PHNjcmlwdD4=) [good](https://example.org/page) [mail](mailto:ann@example.org)

![tracker](https://evil.example/pixel.png) <img src="https://evil.example/pixel2.png">
![x](x" onerror="window.hacked=8)

<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=9&gt;">

```html" onmouseover="window.hacked=10
<img src=x onerror="window.hacked = 11">
```
"""
FORBIDDEN = "script, iframe, form, style, svg, math, button, input, img, [style], [onerror], .toast"
OWN = ".code-top *"  # the copy button over a code block is the page's
LOOK_FOR_HARM = """(node, [own, forbidden]) => [...node.querySelectorAll('*')]
    .filter(one => !one.matches(own))
    .filter(one => one.matches(forbidden) || one.getAttributeNames().some(name => name.startsWith('on')))
    .map(one => one.outerHTML)"""


async def test_a_hostile_answer_is_inert(browser, playground):
    screen = await opened(browser, playground)
    hostile_picture = {"handle": "https://evil.example/p.png", "alt": "p"}
    await playground.reply("t1").finish(HOSTILE, reasoning=HOSTILE, pictures=(hostile_picture,))
    await screen.answer.locator("summary").first.click()
    for part in (screen.answer.locator(".words"), screen.answer.locator(".thoughts")):
        await expect(part.get_by_role("link", name="good")).to_be_visible()
        await part.get_by_text("<img src=x onerror").hover()
        assert await part.evaluate(LOOK_FOR_HARM, [OWN, FORBIDDEN]) == []
        links = await part.locator("a[href]").evaluate_all(
            "links => links.map(link => [link.protocol, link.target, link.rel])"
        )
        assert {protocol for protocol, _, _ in links} == {"https:", "mailto:"}
        assert {tuple(rest) for _, *rest in links} == {("_blank", "noopener noreferrer")}
        await expect(part.get_by_role("link", name="Picture: tracker")).to_be_visible()
    await expect(screen.answer.locator(".gallery img")).to_have_count(0)
    assert await screen.page.evaluate("window.hacked") is None
    assert await screen.page.evaluate("getComputedStyle(document.body).display") != "none"
    assert screen.strangers == []


async def test_the_policy_stops_inline_scripts_even_if_one_got_in(browser, playground):
    screen = await opened(browser, playground)
    await screen.page.evaluate(
        """() => {
            const image = document.createElement("img");
            try { image.setAttribute("onerror", "window.hacked = 1"); } catch { /* trusted types */ }
            image.src = "/nothing.png";
            document.body.append(image);
        }"""
    )
    await until(lambda: screen.complaints)
    assert await screen.page.evaluate("window.hacked") is None


async def test_stop_and_regenerate_reach_the_bot(screen, playground):
    reply = playground.reply("t1")
    await reply.show("Once upon")
    await screen.answer.get_by_role("button", name="Stop").click()
    await until(lambda: [press.action for press in playground.bot.presses] == ["stop"])
    await reply.finish("Once upon", outcome="stopped")
    await expect(screen.answer.locator(".notice")).to_have_text("Stopped.")
    await screen.answer.get_by_role("button", name="Regenerate").click()
    await screen.answer.get_by_role("button", name="Good answer").click()
    await until(lambda: len(playground.bot.presses) == 3)
    assert [press.action for press in playground.bot.presses] == ["stop", "regenerate", "like"]
    assert {press.reply_id for press in playground.bot.presses} == {"r1"}
    again = playground.reply("t1", fence=2)
    await again.finish("Another tale")
    await expect(screen.answer.locator(".words")).to_have_text("Another tale")
    await expect(screen.page.locator(".answer[data-id]")).to_have_count(1)


async def test_an_empty_composer_can_stop_the_answer_from_the_keyboard(screen, playground):
    await playground.reply("t1").show("Once upon")
    await expect(screen.page.locator("#composer .send")).to_have_attribute("aria-label", "Stop")
    await screen.page.keyboard.press("Enter")
    await until(lambda: [press.action for press in playground.bot.presses] == ["stop"])


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
