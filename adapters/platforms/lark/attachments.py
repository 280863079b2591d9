"""Gets the bytes of what people sent (message resource docs: under the message they came in)."""

from adapters.platforms.lark.client import IMAGE_GET, RESOURCE_GET
from adapters.platforms.lark.handles import FileHandle
from adapters.platforms.lark.sending import LarkApi
from bots.errors import AttachmentGone, AttachmentTooLarge, MediaError
from bots.messages import Attachment


class LarkAttachments:
    """Implements AttachmentFetcher."""

    def __init__(self, api: LarkApi) -> None:
        self._api = api

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Read at most ``max_bytes``; raises MediaError with the file's name, PlatformError."""
        try:
            return await self._fetch(attachment, max_bytes)
        except AttachmentTooLarge as error:
            raise AttachmentTooLarge(error.detail, name=attachment.name, limit=max_bytes) from error
        except MediaError as error:
            raise type(error)(error.detail, name=attachment.name) from error

    async def _fetch(self, attachment: Attachment, max_bytes: int) -> bytes:
        if (attachment.size_bytes or 0) > max_bytes:
            raise AttachmentTooLarge(limit=max_bytes)
        handle = FileHandle.unpacked(attachment.handle)
        endpoint = RESOURCE_GET if handle else IMAGE_GET
        if not attachment.handle:
            raise AttachmentGone
        await self._api.budget.spend(endpoint.name)
        if handle is None:
            # A bare key is that of a picture the bot uploaded itself.
            path, query = IMAGE_GET.at(image_key=attachment.handle), {}
        else:
            path = RESOURCE_GET.at(message_id=handle.message_id, file_key=handle.file_key)
            query = {"type": handle.type}
        return await self._api.client.download(endpoint, path, query=query, max_bytes=max_bytes)
