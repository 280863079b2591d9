"""A platform's writing side in memory, with the same rules as the real ones."""

from dataclasses import dataclass

from bots.drafts import Draft, EditLimits, Placement
from bots.errors import LeaseLost
from bots.messages import Conversation


@dataclass
class FakeReply:
    """What one reply shows, and who wrote it last."""

    conversation: Conversation
    draft: Draft
    fence: int

    @property
    def has_content(self) -> bool:
        return bool(self.draft.markdown or self.draft.reasoning or self.draft.pictures)


class FakeWriter:
    """MessageWriter; ``failures`` are raised by the next writes, one each, before anything is done."""

    def __init__(self, limits: EditLimits | None = None) -> None:
        self.limits = limits or EditLimits(min_interval=0.0)
        self.replies: dict[str, FakeReply] = {}
        self.failures: list[Exception] = []
        self.writes: list[tuple[str, Draft]] = []

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Open the reply or take it up; text that is there stays until there is new text."""
        stored = self.replies.get(placement.reply_id)
        has_news = draft.markdown or draft.reasoning or draft.is_final
        if stored is not None and stored.has_content and not has_news:
            kept = {"markdown": stored.draft.markdown, "reasoning": stored.draft.reasoning}
            draft = draft.model_copy(update={**kept, "pictures": stored.draft.pictures})
        return self._write("post", conversation, draft, placement)

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Show the whole draft; a late one is left aside."""
        return self._write("edit", conversation, draft, placement)

    def _write(self, verb: str, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        if self.failures:
            raise self.failures.pop(0)
        self.writes.append((verb, draft))
        stored = self.replies.get(placement.reply_id)
        if stored is not None and stored.fence > placement.fence:
            raise LeaseLost
        if stored is not None and stored.fence == placement.fence and _is_late(draft, stored.draft):
            return placement.model_copy(update={"revision": stored.draft.revision})
        self.replies[placement.reply_id] = FakeReply(conversation, draft, placement.fence)
        handle: dict[str, str | int] = {"id": placement.reply_id}
        return placement.model_copy(update={"handle": handle, "revision": draft.revision})


def _is_late(draft: Draft, stored: Draft) -> bool:
    if stored.is_final and not draft.is_final:
        return True
    return draft.revision < stored.revision
