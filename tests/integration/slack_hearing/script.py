"""Moves the Slack simulator through its control API without holding up the event loop."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

TEAM, BOT, ALICE = "T0GLIMMER1", "U0GLIMMERB", "U0ALICE001"
GENERAL, RANDOM, PAYROLL, ALICE_DM = "C0GENERAL1", "C0RANDOM01", "C0SECRET01", "D0ALICE001"


@dataclass
class Script:
    """One running simulator."""

    url: str
    http: httpx.Client

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await asyncio.to_thread(self.http.post, f"/_sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await asyncio.to_thread(self.http.get, f"/_sim/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def act(self, verb: str, **body: Any) -> dict[str, Any]:
        """Have a person do something; waits for the first acknowledgement of what it caused."""
        return await self.post(f"act/{verb}", wait_seconds=10, **body)

    async def say(self, text: str, **body: Any) -> str:
        return str((await self.act("message", text=text, **body))["ts"])

    async def until(self, path: str, is_so: Callable[[dict[str, Any]], bool], **query: Any) -> dict[str, Any]:
        """Ask until it is so."""
        deadline = time.monotonic() + 10
        while not is_so(answer := await self.get(path, **query)):
            assert time.monotonic() < deadline, answer
            await asyncio.sleep(0.02)
        return answer

    async def open_view(self) -> dict[str, Any]:
        """Wait for a modal and give it."""
        state = await self.until("state", lambda state: bool(_modals(state)))
        return _modals(state)[-1]

    async def calls(self, method: str) -> list[dict[str, Any]]:
        return list((await self.get("calls", method=method))["calls"])


def _modals(state: dict[str, Any]) -> list[dict[str, Any]]:
    views = (view for workspace in state["workspaces"] for view in workspace["views"])
    return [shown["view"] for shown in views if shown["kind"] == "modal"]
