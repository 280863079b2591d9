"""Takes the pictures of the docs from a running demo: ``python -m scripts.take_screenshots URL FOLDER``."""

import asyncio
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Page, ViewportSize, expect

from tests.browsers import launched

SIZE = ViewportSize(width=1180, height=820)
QUESTION = "Compare a mutex, a semaphore and a lease in a table, with a short code example."


def sample_photo() -> bytes:
    """Draw a landscape, so that no picture of anybody's is needed."""
    image = Image.new("RGB", (1200, 800), (244, 178, 102))
    draw = ImageDraw.Draw(image)
    for row in range(500):
        share = row / 500
        draw.line(
            (0, row, 1200, row), fill=(int(40 + 204 * share), int(60 + 118 * share), int(120 - 18 * share))
        )
    draw.ellipse((520, 330, 680, 490), fill=(255, 226, 150))
    draw.polygon(((0, 520), (260, 300), (520, 560)), fill=(44, 62, 80))
    draw.polygon(((380, 560), (700, 260), (1080, 560)), fill=(33, 47, 61))
    draw.rectangle((0, 500, 1200, 800), fill=(26, 82, 118))
    out = BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


async def ask(page: Page, text: str) -> None:
    """Send a question with the keyboard."""
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def settled(page: Page) -> None:
    """Wait until the last answer offers to be written anew."""
    last = page.locator(".answer[data-id]").last
    await expect(last.get_by_role("button", name="Regenerate")).to_be_visible(timeout=60_000)
    await page.wait_for_timeout(400)


async def take(url: str, directory: Path) -> None:
    """Walk through the page and photograph each use."""
    async with launched() as browser:
        page = await browser.new_page(viewport=SIZE, locale="en-GB", device_scale_factor=1)
        await page.goto(url)
        await ask(page, QUESTION)
        answer = page.locator(".answer[data-id]").last
        await expect(answer).to_contain_text("What matters most", timeout=30_000)
        await page.screenshot(path=directory / "answer-growing.png")
        await settled(page)
        await page.screenshot(path=directory / "answer.png")

        await page.goto(url + "#pictures")
        await page.reload()
        photo = FilePayload(name="harbour.jpg", mimeType="image/jpeg", buffer=sample_photo())
        await page.locator("input[type=file]").set_input_files(photo)
        await ask(page, "What is in this picture?")
        await settled(page)
        await page.screenshot(path=directory / "picture-question.png")

        await page.goto(url + "#painting")
        await page.reload()
        await ask(page, "/imagine a lighthouse at dusk, woodblock print --size 1344x768")
        await settled(page)
        await page.screenshot(path=directory / "imagine.png")


def main() -> None:
    """Read the two arguments and take the pictures."""
    asyncio.run(take(sys.argv[1], Path(sys.argv[2])))


if __name__ == "__main__":
    main()
