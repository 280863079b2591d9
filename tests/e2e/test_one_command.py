"""``glimmer up`` and ``glimmer demo``, each as one command, with everything pulled out from under them."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.browsers import launched
from tests.e2e.conftest import StartGlimmer
from tests.e2e.playground import Playground
from tests.e2e.test_answers import photo
from tests.e2e.test_survival import check_once
from tests.integration.liveness import children_of, is_alive, is_served, until
from tests.processes import ChildProcess, free_port
from workers.programs import inherited_environment

pytestmark = pytest.mark.e2e

Run = Callable[..., ChildProcess]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run one of Glimmer's commands; all of it is killed afterwards."""
    started: list[ChildProcess] = []

    def start(*arguments: str, **settings: str) -> ChildProcess:
        own = {"TMPDIR": str(tmp_path), "GLIMMER_DATA_DIR": str(tmp_path / "data"), **settings}
        child = ChildProcess(
            [sys.executable, "-P", "-m", "workers.cli", *arguments],
            log_path=tmp_path / f"{arguments[0]}-{len(started)}.log",
            extra_env=inherited_environment() | own,
            cwd=tmp_path,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill9()


async def test_everything_killed_at_once_and_started_again_answers_every_question_once(
    start_glimmer: StartGlimmer, run: Run
):
    simulated = await start_glimmer(simulator=("--pace", "1"), workers=0)
    port = free_port()
    settings = {
        "PORT": str(port),
        "GLM_API_KEY": "demo.secret",
        "GLM_BASE_URL": f"{simulated.simulator_url}/api/paas/v4",
        "GLM_SLOT_GRACE": "0",
    }
    first = run("up", **settings)
    await first.wait_for_log("Glimmer is up")
    person = Playground(f"http://127.0.0.1:{port}")
    for number in range(6):
        await person.send(f"t{number}", f"[[sim:seconds=2]] Question {number}", user=f"u{number}")
    async with person.watch("t0") as watcher:
        await watcher.until(lambda it: any(reply["markdown"] for reply in it.replies.values()))

    everybody = [first.pid, *children_of(first.pid)]
    for pid in everybody:
        os.kill(pid, signal.SIGKILL)
    second = run("up", **settings)
    await second.wait_for_log("Glimmer is up", timeout=30)

    for number in range(6):
        async with person.watch(f"t{number}") as watcher:
            await watcher.final(timeout=60)
        check_once(await person.messages(f"t{number}"), 1)
    await person.close()
    assert not any(is_alive(pid) for pid in everybody[1:])
    second.send(signal.SIGTERM)
    assert await second.wait(timeout=20) == 0
    await until(lambda: not is_served(port))


@pytest.mark.browser
async def test_the_demo_in_a_browser(run: Run):
    """What a newcomer does in the first minute: ask, show a photo, have a picture painted."""
    demo = run("demo", "--port", str(free_port()))
    await demo.wait_for_log("demo is up", timeout=90)
    [url] = re.findall(r"Playground +(http://\S+)", demo.log)
    simulator = _simulator_of(demo)
    async with launched() as browser:
        page = await browser.new_page(locale="en-GB")
        await page.goto(url)

        lengths = await _ask_and_watch(page, "What is a quorum? Show a table and code.")
        # A table's bars vanish once they are one, so a step may also be a few characters back.
        assert sum(later > earlier for earlier, later in pairwise(lengths)) >= 5
        await _check_shown_is_said(page, simulator)

        chooser = page.locator("input[type=file]")
        data = photo(4032, 3024, orientation=6, kilobytes=5 * 1024)
        await chooser.set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": data})
        await _ask_and_watch(page, "What size is this picture?")
        await expect(page.locator(".answer[data-id]").last).to_contain_text("3024 × 4032")

        await _ask_and_watch(page, "/imagine a lighthouse at dusk --size 1344x768")
        picture = page.locator(".answer[data-id]").last.locator("img")
        await expect(picture).to_be_visible()
        source = await picture.get_attribute("src")
        assert source is not None
        response = await page.request.get(url.rstrip("/") + source)
        with Image.open(BytesIO(await response.body())) as image:
            assert image.size == (1344, 768)


async def _ask_and_watch(page: Page, text: str) -> list[int]:
    """Ask, and note the answer's length on the page until Regenerate is offered."""
    before = await page.locator(".answer[data-id]").count()
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer[data-id]")).to_have_count(before + 1, timeout=15_000)
    answer = page.locator(".answer[data-id]").last
    lengths: list[int] = []
    for _ in range(600):
        lengths.append(len(await answer.inner_text()))
        if await answer.get_by_role("button", name="Regenerate").is_visible():
            return _growth(lengths)
        await page.wait_for_timeout(100)
    raise AssertionError(f"no end: {lengths[-5:]}")


def _growth(lengths: list[int]) -> list[int]:
    """Leave out what is not the answer's text: the line's place before it, the footer after it."""
    smallest = min(range(len(lengths)), key=lengths.__getitem__)
    return lengths[smallest:-1]


async def _check_shown_is_said(page: Page, simulator: str) -> None:
    async with httpx.AsyncClient(base_url=simulator, trust_env=False) as client:
        said = (await client.get("/_sim/requests")).json()[-1]["answer"]
    thread = await page.evaluate("location.hash.slice(1)")
    response = await page.request.get(f"{page.url.partition('#')[0]}api/threads/{thread}")
    shown = (await response.json())["messages"][-1]["markdown"]
    assert shown == said
    words = re.findall(r"[A-Za-z]{4,}", said)
    text = await page.locator(".answer[data-id]").last.inner_text()
    assert all(word in text for word in words)


def _simulator_of(demo: ChildProcess) -> str:
    for pid in children_of(demo.pid):
        found = re.search(r"GLM_BASE_URL=(http://[\d.:]+)/", Path(f"/proc/{pid}/environ").read_text())
        if found:
            return found[1]
    raise AssertionError(f"no child knows the simulator:\n{demo.log}")
