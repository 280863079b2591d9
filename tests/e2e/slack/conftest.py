"""Whole Glimmers that talk to a simulated Slack; each is a set of processes."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.glimmer import Glimmer
from tests.processes import ChildProcess, free_port

SIGNING_SECRET = "simulated-signing-secret"
SECONDS = 30.0


@dataclass
class SlackGlimmer:
    """A Glimmer with its people in Slack."""

    glimmer: Glimmer
    slack: ChildProcess
    http: httpx.AsyncClient

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(f"/_sim/{path}", json=body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def see(self, path: str, **query: str) -> dict[str, Any]:
        return dict((await self.http.get(f"/_sim/{path}", params=query)).json())

    async def act(self, verb: str, **body: Any) -> dict[str, Any]:
        """Let Alice do something."""
        return await self.post(f"act/{verb}", **body)

    async def mention(self, text: str, channel: str = "general", **body: Any) -> str:
        """Let Alice mention the bot; gives the message's ts."""
        return str((await self.act("message", text=text, channel=channel, mention=True, **body))["ts"])

    async def replies(self, thread_ts: str) -> list[dict[str, Any]]:
        """See what the bot has written in a thread, below its root."""
        seen = await self.see("messages", thread_ts=thread_ts, author="bot")
        return [one for one in seen["messages"] if not one["deleted"] and one["ts"] != thread_ts]

    async def answers(
        self, thread_ts: str, number: int = 1, *, seconds: float = SECONDS
    ) -> list[dict[str, Any]]:
        """Wait until so many of a thread's replies are complete."""

        async def complete() -> list[dict[str, Any]]:
            done = [one for one in await self.replies(thread_ts) if is_complete(one)]
            return done if len(done) >= number else []

        return list(await self.until(complete, seconds))

    async def until(self, look: Callable[[], Awaitable[Any]], seconds: float = SECONDS) -> Any:
        """Look again and again until there is something."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := await look()):
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(
                    f"{await self.see('messages', author='bot')}\n{self.glimmer.logs[-6000:]}"
                )
            await asyncio.sleep(0.05)
        return found

    async def all_acknowledged(self) -> dict[str, Any]:
        """Wait until everything that was sent is acknowledged; gives the counts."""

        async def settled() -> bool:
            return all(one["settled"] for one in (await self.see("deliveries"))["deliveries"])

        await self.until(settled)
        return await self.see("counts")


def is_complete(message: dict[str, Any]) -> bool:
    """Tell a complete answer by what stands under it only then."""
    return "glimmer:regenerate" in str(message["blocks"])


def picture(colour: str = "red", size: tuple[int, int] = (640, 480)) -> dict[str, str]:
    """Make a picture as the simulator takes it."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    content = base64.b64encode(out.getvalue()).decode()
    return {"name": f"{colour}.png", "content_base64": content, "mimetype": "image/png"}


StartInSlack = Callable[..., Awaitable[SlackGlimmer]]


@pytest.fixture(params=["sockets", "http"])
def way(request: pytest.FixtureRequest) -> str:
    """How Slack reaches the gateway; a test that does not care asks for "sockets" itself."""
    return str(request.param)


@pytest.fixture
async def start_in_slack(tmp_path: Path) -> AsyncIterator[StartInSlack]:
    """Start a Glimmer with a simulated Slack of its own; both are killed afterwards."""
    started: list[SlackGlimmer] = []

    async def start(
        way: str = "sockets", *, pace: str = "0.3", workers: int = 1, **settings: str
    ) -> SlackGlimmer:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        glimmer = Glimmer(tmp_path, ("--pace", pace), settings)
        arguments = ["--port", str(port)]
        settings |= {"SLACK_BOT_TOKEN": "xoxb-simulated-bot", "SLACK_API_URL": f"{url}/api/"}
        if way == "http":
            arguments += ["--request-url", f"{glimmer.url}/slack/events"]
            settings["SLACK_SIGNING_SECRET"] = SIGNING_SECRET
        else:
            settings["SLACK_APP_TOKEN"] = "xapp-simulated-app"
        program = [sys.executable, "-m", "simulators.slack", *arguments]
        slack = ChildProcess(program, log_path=tmp_path / "slack.log")
        http = httpx.AsyncClient(base_url=url, timeout=40, trust_env=False)
        started.append(SlackGlimmer(glimmer, slack, http))
        await _until_it_answers(http)
        await glimmer.start(workers=workers)
        return started[-1]

    yield start
    for one in started:
        await one.http.aclose()
        one.glimmer.stop()
        one.slack.kill9()


async def _until_it_answers(http: httpx.AsyncClient) -> None:
    for _ in range(500):
        try:
            if (await http.get("/_sim/counts")).is_success:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.02)
    pytest.fail("the simulated Slack does not answer")
