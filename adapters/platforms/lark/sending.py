"""One write to one reply: every call is claimed, counted, bounded and told apart from its repetition."""

import hashlib
import json
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.platforms.lark.budget import CallBudget, Window, chat_window
from adapters.platforms.lark.client import CREATE, REPLY, Endpoint, LarkClient
from adapters.platforms.lark.errors import CardNotReady, ThreadImpossible, TooFrequent
from adapters.platforms.lark.handles import asked_message_id
from adapters.platforms.lark.replies import Claim, Part
from bots.errors import BotError, PlatformOutcomeUnknown, PlatformRateLimited, PlatformUnavailable
from bots.messages import Conversation
from bots.ports import Clock

log = logging.getLogger(__name__)

Json = dict[str, Any]
PATIENCE_SECONDS = 30.0  # a write that must get through waits so long for its turn
LONGEST_NAP = 3.0  # seconds; the claim is renewed in between
USUAL_NAP = 1.0  # where Lark does not say for how long a limit holds
NOT_READY_NAP, NOT_READY_TRIES = 0.5, 5


class LarkApi:
    """Calls that are counted against the budget."""

    def __init__(self, client: LarkClient, budget: CallBudget) -> None:
        self.client = client
        self.budget = budget

    async def call(
        self,
        endpoint: Endpoint,
        path: str,
        body: Json,
        *,
        windows: Sequence[Window] = (),
        is_courtesy: bool = False,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """Count and call; raises PlatformRateLimited when there is no room, else as the client."""
        name = await self.budget.spend(endpoint.name, windows, is_courtesy=is_courtesy)
        try:
            return await self.client.call(endpoint, path, body, query=query)
        except PlatformOutcomeUnknown:
            raise
        except PlatformRateLimited as error:
            await self.budget.give_back()
            if error.retry_after is None:
                error.retry_after = USUAL_NAP + random.random() / 2  # noqa: S311 - spreads the next tries
            elif isinstance(error, TooFrequent):
                await self.budget.pause(endpoint.name, error.retry_after)
            raise
        except BotError:
            await self.budget.give_back()
            raise
        finally:
            await self.budget.settle(name, windows)


@dataclass(slots=True)
class Write:
    """One draft on its way into one reply."""

    api: LarkApi
    claim: Claim
    clock: Clock
    conversation: Conversation
    is_patient: bool  # an opening or a final state: it waits for its turn

    async def call(
        self,
        endpoint: Endpoint,
        path: str,
        body: Json,
        *windows: Window,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """Make one call under the claim; raises LeaseLost and what LarkApi raises."""
        deadline = self.clock.monotonic() + PATIENCE_SECONDS
        not_ready = 0
        while True:
            await self.claim.hold()
            try:
                return await self.api.call(
                    endpoint, path, body, windows=windows, is_courtesy=not self.is_patient, query=query
                )
            except CardNotReady:
                not_ready += 1
                if not_ready >= NOT_READY_TRIES:
                    raise
                await self.clock.sleep(NOT_READY_NAP)
            except PlatformRateLimited as error:
                nap = error.retry_after or USUAL_NAP
                if not self.is_patient or self.clock.monotonic() + nap > deadline:
                    raise
                await self.clock.sleep(min(nap, LONGEST_NAP))

    async def send(self, msg_type: str, content: Json, *, purpose: str) -> str:
        """Send a message as the reply, at most once per ``purpose``, and give its message_id.

        Lark sends one message per uuid within an hour (message docs), so a repetition after a crash gives the
        first one's id. Raises like ``call``.
        """
        body: Json = {
            "msg_type": msg_type,
            "content": json.dumps(content, ensure_ascii=False),
            "uuid": name_of(self.claim.reply_id, purpose),
        }
        channel = self.conversation.channel_id
        window = chat_window(channel)
        asked = asked_message_id(self.claim.reply_id)
        if not asked.startswith("om_"):
            # A menu's entry is no message: there is nothing to reply to.
            query = {"receive_id_type": "open_id" if channel.startswith("ou_") else "chat_id"}
            answer = await self.call(
                CREATE, CREATE.at(), {**body, "receive_id": channel}, window, query=query
            )
        else:
            answer = await self._reply(asked, body, window)
        message_id = answer.get("message_id")
        if not isinstance(message_id, str):
            raise PlatformUnavailable(f"{msg_type}: an answer without a message_id")
        return message_id

    async def _reply(self, asked: str, body: Json, window: Window) -> Json:
        path = REPLY.at(message_id=asked)
        if self.conversation.thread_id is None:
            return await self.call(REPLY, path, body, window)
        try:
            return await self.call(REPLY, path, {**body, "reply_in_thread": True}, window)
        except ThreadImpossible:
            return await self.call(REPLY, path, body, window)

    async def keep(self, index: int, part: Part) -> Part:
        """Keep what a part has become; raises LeaseLost, PlatformUnavailable."""
        self.note(index, part)
        await self.claim.save(self.claim.state)
        return part

    def note(self, index: int, part: Part) -> None:
        """Note what a part has become; it is kept with the next save."""
        parts = list(self.claim.state.parts)
        parts[index : index + 1] = [part]
        self.claim.state = self.claim.state.model_copy(update={"parts": tuple(parts)})

    @property
    def now(self) -> float:
        """Tell the wall time in seconds, which all processes share."""
        return self.clock.now().timestamp()


def name_of(*parts: object) -> str:
    """Make an idempotency key of at most 50 characters; the same parts give the same key."""
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:40]
