"""Moves a running Slack simulator through its control API, and knows its names."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

TEAM = "T0GLIMMER1"
BOT = "U0GLIMMERB"
ALICE = "U0ALICE001"
GENERAL = "C0GENERAL1"
RANDOM = "C0RANDOM01"
DESIGN = "C0PRIVATE1"
PAYROLL = "C0SECRET01"
ALICE_DM = "D0ALICE001"


@dataclass
class Script:
    """Moves a running simulator through its control API."""

    base_url: str
    http: httpx.Client

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"/_sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.http.get(f"/_sim/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def act(self, verb: str, **body: Any) -> dict[str, Any]:
        return self.post(f"act/{verb}", **body)

    def say(self, text: str = "hi", **body: Any) -> str:
        return str(self.act("message", text=text, **body)["ts"])

    def message(self, channel: str, ts: str) -> dict[str, Any]:
        return next(m for m in self.get("messages", channel=channel)["messages"] if m["ts"] == ts)

    def until(self, path: str, is_so: Callable[[dict[str, Any]], bool], **query: Any) -> dict[str, Any]:
        """Ask until it is so; the simulator works beside us, so a moment may pass."""
        deadline = time.monotonic() + 5.0
        while True:
            answer = self.get(path, **query)
            if is_so(answer):
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.01)

    async def until_async(
        self, path: str, is_so: Callable[[dict[str, Any]], bool], **query: Any
    ) -> dict[str, Any]:
        """Ask until it is so without holding up this loop's own clients."""
        return await asyncio.to_thread(self.until, path, is_so, **query)


async def refusal(call: Any) -> str:
    """Make a call that Slack refuses and give the word for it."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])
