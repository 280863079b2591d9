"""One open page of the playground in a real browser."""

from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.integration.web.playground import Playground


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
