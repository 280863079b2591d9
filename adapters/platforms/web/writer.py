"""The writing side of the playground: drafts become states in Redis, pictures become files."""

from collections.abc import Callable
from datetime import UTC, datetime

from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.states import FILES_PATH, WebMessage, state_of
from adapters.platforms.web.store import StoredFile, WebStore
from bots.deltas import PaintedPicture
from bots.drafts import Draft, EditLimits, Placement, ShownPicture
from bots.messages import Conversation


def utc_now() -> datetime:
    """Tell the wall time."""
    return datetime.now(UTC)


class WebWriter:
    """Implements MessageWriter; the message's id is the reply's id, so a second post is the same message."""

    def __init__(
        self, store: WebStore, settings: WebSettings, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._limits = EditLimits(min_interval=settings.min_edit_interval)
        self._now = now

    @property
    def limits(self) -> EditLimits:
        """Tell how often a message may be edited; the page has no wall for its length."""
        return self._limits

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Open the reply, or take it up: text that is already there stays until there is new text.

        Raises LeaseLost, PlatformUnavailable.
        """
        stored = await self._store.message(conversation.channel_id, placement.reply_id)
        created_at = stored.created_at if stored else self._now()
        message = state_of(draft, message_id=placement.reply_id, fence=placement.fence, created_at=created_at)
        if stored and not message.has_content and not message.is_final:
            message = _with_content_of(stored, message)
        return await self._write(conversation, message, placement)

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Show the whole draft; a late one is left aside. Raises LeaseLost, PlatformUnavailable."""
        created_at = await self._created_at(conversation, placement)
        message = state_of(draft, message_id=placement.reply_id, fence=placement.fence, created_at=created_at)
        return await self._write(conversation, message, placement)

    async def _created_at(self, conversation: Conversation, placement: Placement) -> datetime:
        known = placement.handle.get("created_at")
        if known:
            return datetime.fromisoformat(str(known))
        stored = await self._store.message(conversation.channel_id, placement.reply_id)
        return stored.created_at if stored else self._now()

    async def _write(
        self, conversation: Conversation, message: WebMessage, placement: Placement
    ) -> Placement:
        _, revision = await self._store.write(conversation.channel_id, message)
        handle = {**placement.handle, "created_at": message.created_at.isoformat()}
        return placement.model_copy(update={"handle": handle, "revision": revision})


def _with_content_of(stored: WebMessage, message: WebMessage) -> WebMessage:
    kept = {
        "markdown": stored.markdown,
        "reasoning": stored.reasoning,
        "images": stored.images,
        "model": message.model or stored.model,
    }
    return message.model_copy(update=kept)


class WebUploader:
    """Implements PictureUploader: the picture becomes a file the page can load."""

    def __init__(self, store: WebStore) -> None:
        self._store = store

    async def upload(
        self, conversation: Conversation, picture: PaintedPicture, *, alt: str, key: str
    ) -> ShownPicture:
        """Store the picture once per ``key``; raises PlatformUnavailable."""
        file_id = await self._store.claim_upload(conversation.channel_id, key)
        extension = picture.media_type.partition("/")[2] or "bin"
        stored = StoredFile(picture.data, f"picture.{extension}", picture.media_type)
        # Written also when the key was claimed before: whoever claimed it may have died without writing.
        await self._store.put_file(stored, file_id=file_id)
        return ShownPicture(handle=FILES_PATH + file_id, alt=alt, width=picture.width, height=picture.height)
