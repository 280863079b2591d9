"""Pictures from people, made fit for a model."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from adapters.media.limits import PictureLimits
from adapters.media.sniff import sniff
from bots.errors import AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported
from bots.prompts import Picture

_PICTURE_KINDS = frozenset({"jpeg", "png", "gif", "webp", "bmp", "tiff", "heic", "avif"})
_PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)


class PillowPictureReader:
    """Reads pictures with Pillow; the implementation of the PictureReader port.

    The work runs in threads of its own, at most ``parallel`` at once, also when callers give up waiting:
    decoded pictures are large, and the loop has streams to serve.
    """

    def __init__(self, limits: PictureLimits = PictureLimits(), *, parallel: int = 2) -> None:  # noqa: B008 - frozen
        self._limits = limits
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="pictures")

    async def read(self, data: bytes, name: str) -> Picture:
        """Turn upright, bring to sRGB and encode as JPEG or PNG within the limits, without metadata.

        The upright picture's size in pixels is kept unless it breaks a limit, so that coordinates a model
        names fit the user's picture too.
        Raises AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported.
        """
        if len(data) > self._limits.max_received_bytes:
            raise AttachmentTooLarge(name=name, limit=self._limits.max_received_bytes)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, data, name)

    def _read(self, data: bytes, name: str) -> Picture:
        kind = sniff(data)
        if kind not in _PICTURE_KINDS:
            claims_picture = PurePosixPath(name.lower()).suffix in _PICTURE_SUFFIXES
            error = AttachmentUnreadable if claims_picture or not data else AttachmentUnsupported
            raise error(f"not a picture but {kind}" if data else "empty file", name=name)
        # Pillow and its codecs cost memory: a worker that never sees a picture never loads them.
        from adapters.media.rendering import render

        return render(data, kind, name, self._limits)
