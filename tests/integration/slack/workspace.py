"""A workspace of the simulated Slack: somebody asks in a thread, and a test sees what the bot shows there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

TEAM, BOT, ALICE = "T0GLIMMER1", "U0GLIMMERB", "U0ALICE001"
GENERAL, ALICE_DM = "C0GENERAL1", "D0ALICE001"
PATIENCE_SECONDS = 20.0


@dataclass
class Workspace:
    """Moves the simulator through its control API."""

    base_url: str
    http: httpx.AsyncClient

    async def send(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/_sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = await self.http.get(f"/_sim/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ask(self, text: str = "a question", channel: str = GENERAL) -> str:
        """Have somebody ask; gives the message's ts, which is its thread's too."""
        return str((await self.send("act/message", text=text, channel=channel))["ts"])

    async def replies(self, thread_ts: str) -> list[dict[str, Any]]:
        """Give the bot's messages in a thread that are still there, oldest first."""
        found = await self.get("messages", thread_ts=thread_ts, author="bot")
        return [message for message in found["messages"] if not message["deleted"]]

    async def texts(self, thread_ts: str) -> list[str]:
        """Give the Markdown of the bot's messages in a thread."""
        return [markdown_of(message) for message in await self.replies(thread_ts)]

    async def calls(self, method: str = "") -> list[dict[str, Any]]:
        query = {"method": method} if method else {}
        return list((await self.get("calls", **query))["calls"])

    async def violations(self) -> dict[str, int]:
        """Count the rules that were bent."""
        return dict((await self.get("counts"))["violations"])

    async def fault(self, method: str, kind: str, **more: Any) -> None:
        """Have a method fail once, or as often as told."""
        await self.send("faults", method=method, kind=kind, **more)

    async def until(self, is_so: Callable[[], Any]) -> Any:
        """Wait until an awaited question is answered with yes."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not (answer := await is_so()):
            assert asyncio.get_running_loop().time() < deadline, "it did not come to pass"
            await asyncio.sleep(0.02)
        return answer


def markdown_of(message: dict[str, Any]) -> str:
    """Give the text that a message shows as Markdown: neither buttons nor our own small print."""
    return "".join(str(block["text"]) for block in message["blocks"] if block["type"] == "markdown")


def small_print(message: dict[str, Any]) -> str:
    """Give a message's context blocks."""
    found = [block for block in message["blocks"] if block["type"] == "context"]
    return "\n".join(str(element["text"]) for block in found for element in block["elements"])


def buttons_of(message: dict[str, Any]) -> list[str]:
    """Name the actions that a message offers."""
    kinds = ("actions", "context_actions")
    found = [block for block in message["blocks"] if block["type"] in kinds]
    return [str(element["action_id"]) for block in found for element in block["elements"]]
