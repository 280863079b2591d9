"""Looks for a message that may have been posted: by its metadata, or as a stream that nobody else began."""

from dataclasses import dataclass, field

from adapters.platforms.slack.budget import REPLIES
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import Json
from adapters.platforms.slack.replies import Opening, Part, ReplyStore
from adapters.platforms.slack.scene import EVENT_TYPE, Scene
from bots.errors import MessageNotEditable, PlatformDenied, PlatformUnavailable

SETTLING_SECONDS = 1.0  # a request that timed out here may still be on its way there
SKEW_SECONDS = 10.0  # between our clock and Slack's
PAGE = 200


@dataclass(frozen=True, slots=True)
class Finder:
    """Resolves a reply's opening."""

    calls: PacedCalls
    store: ReplyStore
    _users: dict[str, str] = field(default_factory=dict)

    async def resolve(self, scene: Scene) -> None:
        """Find out whether the message is there; raises PlatformError while that cannot be told."""
        opening = scene.record.opening
        if opening is None:
            return
        if self.calls.clock.now().timestamp() - opening.begun_at < SETTLING_SECONDS:
            detail = "the message may still come"
            raise PlatformUnavailable(detail, retry_after=SETTLING_SECONDS)
        found = await self._find(scene, opening)
        if found is None:
            await scene.turn.note(opening=None)
            return
        end = scene.record.end
        part = Part(ts=found, kind=opening.kind, start=end, end=end, opened_at=opening.begun_at)
        # What it shows is not known for sure, so it is written anew as a whole.
        await scene.turn.note(parts=(*scene.record.parts, part), opening=None, writer="")

    async def _find(self, scene: Scene, opening: Opening) -> str | None:
        place = scene.place
        method = REPLIES if place.thread_id else "conversations.history"
        arguments: Json = {
            "channel": place.channel_id,
            "oldest": f"{opening.begun_at - SKEW_SECONDS:.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
        }
        if place.thread_id:
            arguments["ts"] = place.thread_id
        try:
            answer = (
                await self.calls.insist(place, REPLIES, arguments)
                if place.thread_id
                else (await self.calls.client.call(place.tenant_id, method, arguments))
            )
            bot_user_id = await self._bot_user(place.tenant_id) if opening.kind == "stream" else ""
        except (PlatformDenied, MessageNotEditable):
            return None  # nobody lets us look; a second message is better than none
        for message in answer.get("messages") or ():
            if await self._is_it(scene, opening, message, bot_user_id):
                return str(message["ts"])
        return None

    async def _is_it(self, scene: Scene, opening: Opening, message: Json, bot_user_id: str) -> bool:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE:
            return bool(payload.get("reply") == scene.reply_id and payload.get("part") == opening.number)
        # A stream carries no metadata before its end: it is the one of ours that no other reply owns.
        if opening.kind != "stream" or message.get("user") != bot_user_id:
            return False
        ts = str(message.get("ts"))
        is_fresh = float(ts) >= opening.begun_at - SKEW_SECONDS
        return is_fresh and await self.store.own(scene.place, ts, scene.reply_id)

    async def _bot_user(self, tenant_id: str) -> str:
        if tenant_id not in self._users:
            answer = await self.calls.client.call(tenant_id, "auth.test", {})
            self._users[tenant_id] = str(answer.get("user_id") or "")
        return self._users[tenant_id]
