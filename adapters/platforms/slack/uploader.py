"""Pictures out: uploaded into the thread, where Slack shows them inline (Slack docs, working with files)."""

import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import httpx
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.platforms.slack.budget import FILE_DONE, FILE_INFO, FILE_URL
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import Json
from adapters.platforms.slack.refusals import FileUnknown
from bots.deltas import PaintedPicture
from bots.drafts import ShownPicture
from bots.errors import PlatformError, PlatformOutcomeUnknown, PlatformUnavailable
from bots.messages import Conversation, Record

log = logging.getLogger(__name__)

MAX_ALT, MAX_TITLE = 1_000, 150  # characters; Slack refuses a longer alt_txt
UPLOAD_SECONDS = 60.0
SHARE_SECONDS = 25.0  # Slack looks at files before it shows them; longer is not worth the wait
FIRST_LOOK, LONGEST_LOOK = 0.4, 3.0  # seconds
KEPT_SECONDS = 24 * 3600
TRIES = 6
T = TypeVar("T")


class Upload(Record):
    """How far an upload got: its bytes are at Slack, it is being shared, or it is shown."""

    file_id: str
    stage: Literal["sent", "sharing", "shown"]


class SlackUploader:
    """Implements PictureUploader; a picture is uploaded and shared once per key, whoever dies meanwhile."""

    def __init__(self, calls: PacedCalls, redis: Redis) -> None:
        self._calls = calls
        self._redis = redis

    async def upload(
        self, conversation: Conversation, picture: PaintedPicture, *, alt: str, key: str
    ) -> ShownPicture:
        """Show the picture in the thread and wait until it stands there; raises PlatformError."""
        stored = await self._read(key)
        if stored is None:
            file_id = await self._persist(lambda: self._send(conversation, picture, alt))
            stored = await self._note(key, Upload(file_id=file_id, stage="sent"))
        if stored.stage != "shown":
            file_id = stored.file_id
            await self._persist(lambda: self._share(conversation, file_id, alt, key))
            await self._wait_until_shown(conversation, file_id)
            await self._note(key, Upload(file_id=file_id, stage="shown"))
        return ShownPicture(handle=stored.file_id, alt=alt, width=picture.width, height=picture.height)

    async def _send(self, place: Conversation, picture: PaintedPicture, alt: str) -> str:
        """Announce the file and send its bytes; one that is never shared is discarded by Slack."""
        extension = picture.media_type.partition("/")[2].replace("jpeg", "jpg") or "png"
        arguments = {
            "filename": f"picture.{extension}",
            "length": len(picture.data),
            "alt_txt": alt[:MAX_ALT],
        }
        answer = await self._calls.insist(place, FILE_URL, arguments)
        # No token: the address is the permission.
        headers = {"Content-Type": "application/octet-stream"}
        try:
            response = await self._calls.client.http.post(
                str(answer["upload_url"]), content=picture.data, headers=headers, timeout=UPLOAD_SECONDS
            )
        except httpx.TransportError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        if not response.is_success:
            detail = f"upload http_{response.status_code}"
            raise PlatformUnavailable(detail)
        return str(answer["file_id"])

    async def _share(self, place: Conversation, file_id: str, alt: str, key: str) -> None:
        """Complete the upload into the thread, unless that has happened before."""
        stored = await self._read(key)
        if stored is not None and stored.stage == "sharing" and await self._is_complete(place, file_id):
            return
        await self._note(key, Upload(file_id=file_id, stage="sharing"))
        title = " ".join(alt.split())[:MAX_TITLE] or "picture"
        arguments = {
            "files": [{"id": file_id, "title": title}],
            "channel_id": place.channel_id,
            "thread_ts": place.thread_id,
        }
        try:
            await self._calls.insist(place, FILE_DONE, arguments)
        except FileUnknown:
            # Completing works once; a completed file is unknown to it.
            if not await self._is_complete(place, file_id):
                raise

    async def _is_complete(self, place: Conversation, file_id: str) -> bool:
        try:
            await self._info(place, file_id)
        except FileUnknown:
            return False
        return True

    async def _wait_until_shown(self, place: Conversation, file_id: str) -> None:
        """Wait for the share: what is posted before it comes would stand above the picture."""
        clock = self._calls.clock
        deadline, pause = clock.monotonic() + SHARE_SECONDS, FIRST_LOOK
        while clock.monotonic() < deadline:
            try:
                if _is_shared(await self._info(place, file_id), place.channel_id):
                    return
            except PlatformError as error:
                if not error.is_transient:
                    raise
                pause = max(pause, error.retry_after or 0.0)
            await clock.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK)
        log.warning("slack has not shown the picture yet", extra={"file": file_id})

    async def _info(self, place: Conversation, file_id: str) -> Json:
        answer = await self._calls.insist(place, FILE_INFO, {"file": file_id})
        return dict(answer.get("file") or {})

    async def _persist(self, step: Callable[[], Awaitable[T]]) -> T:
        """Try a step again when Slack was away or is not sure; each step can bear it."""
        for left in range(TRIES - 1, -1, -1):
            try:
                return await step()
            except PlatformError as error:
                if not left or not (error.is_transient or isinstance(error, PlatformOutcomeUnknown)):
                    raise
                await self._calls.clock.sleep(error.retry_after or 1.0)
        raise AssertionError  # the last try returns or raises

    async def _read(self, key: str) -> Upload | None:
        try:
            stored = await self._redis.get(_key(key))
            return Upload.model_validate_json(stored) if stored else None
        except ValidationError:
            return None
        except RedisError as error:
            raise PlatformUnavailable(type(error).__name__) from error

    async def _note(self, key: str, upload: Upload) -> Upload:
        try:
            await self._redis.set(_key(key), upload.model_dump_json(), ex=KEPT_SECONDS)
        except RedisError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        return upload


def _is_shared(file: Json, channel_id: str) -> bool:
    shares = file.get("shares") or {}
    return any(channel_id in (shares.get(kind) or {}) for kind in ("public", "private"))


def _key(key: str) -> str:
    return f"glimmer:slack:upload:{{{key}}}"
