"""Who may press which button: an answer is its asker's."""

from adapters.platforms.lark.events import CardPressed
from adapters.platforms.lark.events_fields import JsonObject
from adapters.platforms.lark.handles import asked_message_id
from adapters.platforms.lark.memory import LarkMemory
from adapters.platforms.lark.welcome import toast

FREE_TO_ALL = frozenset({"like", "dislike"})


class PressGuard:
    """Keeps other people in a group from stopping and rewriting an answer."""

    def __init__(self, memory: LarkMemory, admins: tuple[str, ...]) -> None:
        self._memory = memory
        self._admins = frozenset(admins)

    async def refusal(self, pressed: CardPressed) -> JsonObject | None:
        """Tell the presser why not, if so; raises StoreUnavailable."""
        if pressed.press.action in FREE_TO_ALL or pressed.operator in self._admins:
            return None
        asked = await self._memory.find(asked_message_id(pressed.press.reply_id))
        if asked is None or not asked.asker:
            return toast("too_old")
        return None if asked.asker == pressed.operator else toast("not_yours")
