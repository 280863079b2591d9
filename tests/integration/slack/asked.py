"""One question in a thread, and the writes that answer it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.drafts import Draft, Placement
from bots.errors import PlatformError
from bots.messages import Conversation, IncomingMessage, Sender
from tests.integration.slack.workspace import ALICE, TEAM, Workspace

Write = Callable[[Conversation, Draft, Placement], Awaitable[Placement]]
AFTER = ("regenerate", "like", "dislike")


def question(thread: str, channel: str) -> IncomingMessage:
    place = Conversation(platform="slack", tenant_id=TEAM, channel_id=channel, thread_id=thread)
    sender = Sender(user_id=ALICE)
    now = datetime.now(UTC)
    return IncomingMessage(message_id=thread, conversation=place, sender=sender, text="what?", sent_at=now)


def growing(text: str, revision: int) -> Draft:
    return Draft(markdown=text, revision=revision, buttons=("stop",))


def final(text: str, revision: int = 99, **more: Any) -> Draft:
    return Draft(
        markdown=text, revision=revision, outcome="answered", is_final=True, buttons=AFTER, model="m", **more
    )


class Asked:
    """One question and the writes that answer it."""

    def __init__(self, workspace: Workspace, message: IncomingMessage) -> None:
        self.workspace, self.message = workspace, message

    @property
    def place(self) -> Conversation:
        return self.message.conversation

    async def write(self, write: Write, draft: Draft, fence: int = 1) -> Placement:
        """Write until it stands, as the bot does."""
        for _ in range(30):
            try:
                return await write(self.place, draft, Placement(reply_id=self.message.action_id, fence=fence))
            except PlatformError as error:
                if not error.is_transient:
                    raise
                await asyncio.sleep(min(error.retry_after or 0.1, 1.0))
        pytest.fail("the write did not get through")

    async def once(self, write: Write, draft: Draft, fence: int = 1) -> None:
        """Write as somebody who dies over it."""
        with contextlib.suppress(PlatformError):
            await write(self.place, draft, Placement(reply_id=self.message.action_id, fence=fence))

    async def shown(self) -> list[str]:
        return await self.workspace.texts(self.message.message_id)
