"""Gets the bytes of what a person sent to the playground."""

from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.states import FILES_PATH
from adapters.platforms.web.store import WebStore
from bots.errors import AttachmentGone, AttachmentTooLarge
from bots.messages import Attachment


class WebAttachments:
    """Implements AttachmentFetcher; takes a file's name or the URL path of a picture the bot made."""

    def __init__(self, store: WebStore, settings: WebSettings) -> None:
        self._store = store
        self._settings = settings

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Read at most ``max_bytes``; raises AttachmentTooLarge, AttachmentGone, PlatformUnavailable."""
        if not attachment.handle:
            # The page's own limit was passed at upload, so no bytes were kept.
            limit = min(self._settings.max_file_bytes, max_bytes)
            raise AttachmentTooLarge(name=attachment.name, limit=limit)
        file_id = attachment.handle.removeprefix(FILES_PATH)
        size = await self._store.file_size(file_id)
        if size is not None and size > max_bytes:
            raise AttachmentTooLarge(name=attachment.name, limit=max_bytes)
        stored = await self._store.file(file_id)
        if stored is None:
            raise AttachmentGone(name=attachment.name)
        return stored.data
