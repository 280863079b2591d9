"""Whole Glimmers that talk to a simulated Lark; each is a set of processes."""

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

from simulators.lark.config import Config
from tests.e2e.conftest import StartGlimmer
from tests.e2e.glimmer import Glimmer
from tests.processes import ChildProcess, free_port

APP = Config()
ENCRYPT_KEY = "an-encrypt-key"


@dataclass
class LarkGlimmer:
    """A Glimmer with its people in Lark."""

    glimmer: Glimmer
    lark: ChildProcess
    http: httpx.AsyncClient
    gateways: list[ChildProcess]

    async def act(self, command: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(f"/_sim/{command}", json=body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def see(self, view: str, **query: str) -> list[dict[str, Any]]:
        return list((await self.http.get(f"/_sim/{view}", params=query)).json()[view])

    async def say(self, text: str = "", **body: Any) -> dict[str, Any]:
        """Let Alice write, to the bot alone unless told otherwise."""
        return await self.act("messages", **{"chat": "Alice", "text": text, **body})

    async def replies(self) -> list[dict[str, Any]]:
        """See what the bot has sent and not taken back."""
        return [one for one in await self.see("messages") if one["is_from_bot"] and not one["is_deleted"]]

    async def finals(self, number: int = 1, *, seconds: float = 30) -> list[dict[str, Any]]:
        """Wait until so many of the bot's messages are complete."""

        async def done() -> list[dict[str, Any]]:
            replies = await self.replies()
            complete = [one for one in replies if one["msg_type"] != "interactive" or _is_complete(one)]
            return complete if len(complete) >= number else []

        return list(await self.until(done, seconds))

    async def until(self, look: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
        """Look again and again until there is something."""
        async with asyncio.timeout(seconds):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(0.05)

    async def start_second_gateway(self) -> ChildProcess:
        """Start a gateway with a long connection of its own."""
        port = free_port()
        environment = {**self.glimmer.environment, "PORT": str(port)}
        gateway = ChildProcess(
            [sys.executable, "-m", "workers.cli", "gateway"],
            log_path=self.glimmer.directory / "gateway2.log",
            extra_env=environment,
            cwd=Path.cwd(),
        )
        self.gateways.append(gateway)
        await gateway.wait_for_log("lark connection is up")
        return gateway

    async def is_ready(self) -> bool:
        """Ask the gateway whether it can hear."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{self.glimmer.url}/readyz")).is_success


def _is_complete(message: dict[str, Any]) -> bool:
    names = [one["element_id"] for one in _elements(message["card"]["card"]) if "element_id" in one]
    return not message["card"]["is_streaming"] and not any("stop" in name for name in names)


def _elements(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, dict):
        return [part, *(one for value in part.values() for one in _elements(value))]
    return [one for value in part for one in _elements(value)] if isinstance(part, list) else []


def picture(width: int = 640, height: int = 480) -> dict[str, str]:
    """Make a red picture as a person attaches it."""
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 40)).save(out, "PNG")
    return {
        "data": base64.b64encode(out.getvalue()).decode(),
        "name": "red.png",
        "media_type": "image/png",
    }


StartLark = Callable[..., Awaitable[LarkGlimmer]]


@pytest.fixture
async def start_lark(start_glimmer: StartGlimmer, tmp_path: Path) -> AsyncIterator[StartLark]:
    """Start a Glimmer in Lark, over the long connection or over webhooks."""
    started: list[LarkGlimmer] = []

    async def start(
        *, over: str = "websocket", lark: dict[str, Any] | None = None, workers: int = 1, **settings: str
    ) -> LarkGlimmer:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        if over == "webhook":
            token = APP.verification_token
            settings |= {"LARK_ENCRYPT_KEY": ENCRYPT_KEY, "LARK_VERIFICATION_TOKEN": token}
        simulator = ChildProcess(
            [sys.executable, "-m", "simulators.lark", "--port", str(port)], log_path=tmp_path / "lark.log"
        )
        http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        try:
            await _until_answers(http, simulator)
            await http.post("/_sim/settings", json=lark or {})
            glimmer = await start_glimmer(
                workers=workers,
                **{
                    "LARK_APP_ID": APP.app_id,
                    "LARK_APP_SECRET": APP.app_secret,
                    "LARK_DOMAIN": url,
                    "LARK_MODE": over,
                    "LARK_PICTURE_WAIT": "10",
                    **settings,
                },
            )
        except BaseException:
            simulator.kill9()
            raise
        bot = LarkGlimmer(glimmer, simulator, http, [])
        started.append(bot)
        if over == "webhook":
            address = f"{glimmer.url}/lark/events"
            await bot.act("settings", mode="webhook", request_url=address, encrypt_key=ENCRYPT_KEY)
        return bot

    yield start
    for one in started:
        await one.http.aclose()
        for child in (*one.gateways, one.lark):
            child.kill9()


async def _until_answers(http: httpx.AsyncClient, simulator: ChildProcess) -> None:
    async with asyncio.timeout(15):
        while True:
            assert simulator.exit_code is None, simulator.log
            try:
                if (await http.get("/_sim/status")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
