"""A worker's hand on Lark, with the simulator behind it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from adapters.clock import SystemClock
from adapters.platforms.lark.settings import LarkSettings
from adapters.platforms.lark.writing import open_writing
from bots.drafts import Draft, Placement
from bots.messages import Conversation
from bots.ports import Platform
from tests.integration.simulators.lark.conftest import Lark

BUTTONS_AFTER = ("regenerate", "like", "dislike")


class ShiftedClock(SystemClock):
    """The real clock, which a test may push forward."""

    shift = 0.0

    def now(self):
        from datetime import timedelta

        return super().now() + timedelta(seconds=self.shift)

    def monotonic(self):
        return super().monotonic() + self.shift


@dataclass
class Stage:
    """One chat of the simulated Lark, its asker, and the writing side."""

    lark: Lark
    redis: Redis
    settings: LarkSettings
    platform: Platform
    clock: ShiftedClock
    chat: str = "Alice"

    @property
    def writer(self):
        return self.platform.writer

    def ask(self, text: str = "Hello?", *, chat: str = "", in_topic: bool = False, **more: Any) -> "Asked":
        """Let Alice ask; gives where the reply goes."""
        chat = chat or self.chat
        sent = self.lark.act("messages", chat=chat, text=text, **more)
        chat_id = self.lark.chat_id(chat)
        message_id = sent["message_id"]
        thread = message_id if in_topic else None
        conversation = Conversation(platform="lark", tenant_id="t", channel_id=chat_id, thread_id=thread)
        return Asked(conversation, f"lark:t:{chat_id}:{message_id}")

    def replies(self) -> list[dict[str, Any]]:
        """See the bot's messages that are still there."""
        messages = self.lark.see("messages")["messages"]
        return [message for message in messages if message["is_from_bot"] and not message["is_deleted"]]

    def violations(self) -> list[dict[str, Any]]:
        """See what Lark had to refuse or to complain of."""
        return list(self.lark.see("violations")["violations"])

    def calls(self, name: str = "") -> list[dict[str, Any]]:
        """See the calls that were made."""
        calls = self.lark.see("calls", **({"name": name} if name else {}))["calls"]
        return [call for call in calls if "auth" not in call["path"]]

    def wait_for(self, seen, seconds: float = 10):
        return self.lark.wait_for(seen, seconds)


@dataclass
class Asked:
    """A question and the placement of its reply."""

    conversation: Conversation
    reply_id: str

    def placement(self, fence: int = 1) -> Placement:
        return Placement(reply_id=self.reply_id, fence=fence)


def draft(markdown: str = "", revision: int = 1, **more: Any) -> Draft:
    """Make a draft as a worker does while it writes."""
    return Draft(
        **{"markdown": markdown, "revision": revision, "buttons": ("stop",), "model": "glm-4.6"} | more
    )


def final(markdown: str, revision: int = 99, **more: Any) -> Draft:
    """Make the draft of a finished answer."""
    made = {"buttons": BUTTONS_AFTER, "is_final": True, "outcome": "answered"} | more
    return draft(markdown, revision, **made)


def texts(message: dict[str, Any]) -> str:
    """Read a card as a person does."""
    return str(message["card"]["text"])


def element_text(message: dict[str, Any], element_id: str) -> str:
    """Read one element at the root of a card; empty where there is none."""
    for element in message["card"]["card"]["body"]["elements"]:
        if element["element_id"] == element_id:
            return str(element["content"]).removeprefix("<font color='grey'>").removesuffix("</font>")
    return ""


def button_ids(message: dict[str, Any]) -> list[str]:
    """Name the buttons of a card."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("tag") == "button":
                found.append(value["element_id"])
            for child in value.values():
                look(child)
        elif isinstance(value, list):
            for child in value:
                look(child)

    look(message["card"]["card"])
    return found


@asynccontextmanager
async def staged(lark: Lark, redis_url: str, **settings: Any) -> AsyncIterator[Stage]:
    """Open the writing side against a simulator."""
    made = LarkSettings(
        app_id=lark.config.app_id,
        app_secret=lark.config.app_secret,
        domain=lark.url,
        **({"frame_interval": 0.1} | settings),
    )
    redis = Redis.from_url(redis_url, socket_timeout=5)
    clock = ShiftedClock()
    try:
        async with open_writing(made, redis, clock) as platform:
            yield Stage(lark, redis, made, platform, clock)
    finally:
        await redis.aclose()


def until_due() -> None:
    """Let the time between two frames pass: it is the real clock's."""
    time.sleep(0.16)
