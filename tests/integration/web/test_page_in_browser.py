"""The page in a real browser: how answers are shown, and what a person can do with them."""

import asyncio

import pytest
from playwright.async_api import expect

from adapters.platforms.web import WebSettings
from tests.integration.web.playground import until
from tests.integration.web.screen import opened

pytestmark = [pytest.mark.redis, pytest.mark.browser]


@pytest.fixture
def settings() -> WebSettings:
    """The limits as they are shipped."""
    return WebSettings()


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


async def test_words_about_html_keep_their_tags(screen, playground):
    said = "Use the <div class=a> element, not <script>; a<br>break, x<sub>2</sub>, 1 < 2."
    await playground.reply("t1").finish(said)
    words = screen.answer.locator(".words")
    await expect(words).to_contain_text("Use the <div class=a> element, not <script>; a")
    await expect(words.locator("sub")).to_have_text("2")
    await expect(words.locator("br")).to_have_count(1)


async def test_a_hostile_answer_is_inert(browser, playground):
    screen = await opened(browser, playground)
    hostile_picture = {"handle": "https://evil.example/p.png", "alt": "p"}
    await playground.reply("t1").finish(HOSTILE, reasoning=HOSTILE, pictures=(hostile_picture,))
    await screen.answer.locator("summary").first.click()
    for part in (screen.answer.locator(".words"), screen.answer.locator(".thoughts")):
        await expect(part.get_by_role("link", name="good")).to_be_visible()
        await part.locator("code").get_by_text("<img src=x onerror").hover()
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
