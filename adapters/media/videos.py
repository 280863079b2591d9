"""Videos as a few of their frames; implements ``bots.media.VideoReader``."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

from adapters.media.settings import MediaSettings
from adapters.media.sniff import sniff
from bots.errors import AttachmentUnreadable, AttachmentUnsupported
from bots.media import Clip


class FrameSampler:
    """Takes frames out of videos in memory, ``parallel`` at once."""

    def __init__(self, settings: MediaSettings, *, parallel: int = 2) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="videos")

    async def sample(self, data: bytes, name: str, *, max_frames: int) -> Clip:
        """Take frames spread evenly over the whole length, with the times they really stand at.

        Raises AttachmentTooLarge (too many pixels), AttachmentUnreadable (damaged), AttachmentUnsupported.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._sample, data, name, max_frames)

    def _sample(self, data: bytes, name: str, max_frames: int) -> Clip:
        kind = sniff(data)
        if kind not in {"mp4", "matroska"}:
            claims_video = name.lower().endswith((".mp4", ".mov", ".m4v", ".mkv", ".webm"))
            error = AttachmentUnreadable if claims_video else AttachmentUnsupported
            raise error(detail=f"not a video but {kind}", name=name)
        # FFmpeg costs memory: a worker that never sees a video never loads it.
        from adapters.media.frames import frames_of

        return frames_of(io.BytesIO(data), kind, name, self._settings, max_frames)
