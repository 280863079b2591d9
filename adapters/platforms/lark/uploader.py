"""Gives pictures to Lark (image upload docs: up to 10 MB, not empty)."""

import logging

from redis.asyncio import Redis

from adapters.platforms.lark.client import IMAGE_CREATE
from adapters.platforms.lark.replies import reaching_redis
from adapters.platforms.lark.sending import LarkApi
from bots.deltas import PaintedPicture
from bots.drafts import ShownPicture
from bots.errors import PlatformDenied, PlatformOutcomeUnknown, PlatformUnavailable
from bots.messages import Conversation

log = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
KEEP_SECONDS = 24 * 3600


class LarkUploader:
    """Implements PictureUploader; a key's picture is uploaded once, as far as Redis knows."""

    def __init__(self, api: LarkApi, redis: Redis) -> None:
        self._api = api
        self._redis = redis

    async def upload(
        self, conversation: Conversation, picture: PaintedPicture, *, alt: str, key: str
    ) -> ShownPicture:
        """Upload and give the image_key as the handle, good in every chat; raises PlatformError."""
        del conversation
        name = f"glimmer:lark:upload:{key}"
        with reaching_redis():
            known = await self._redis.get(name)
        image_key = known.decode() if isinstance(known, bytes) else await self._upload(picture)
        if not known:
            with reaching_redis():
                await self._redis.set(name, image_key, ex=KEEP_SECONDS)
        return ShownPicture(handle=image_key, alt=alt, width=picture.width, height=picture.height)

    async def _upload(self, picture: PaintedPicture) -> str:
        if not 0 < len(picture.data) <= MOST_BYTES:
            raise PlatformDenied(f"a picture of {len(picture.data)} bytes cannot be uploaded")
        extension = picture.media_type.partition("/")[2] or "png"
        await self._api.budget.spend(IMAGE_CREATE.name)
        try:
            answer = await self._api.client.upload(
                IMAGE_CREATE, picture.data, f"picture.{extension}", {"image_type": "message"}
            )
        except PlatformOutcomeUnknown as error:
            raise PlatformUnavailable(str(error)) from error  # a second copy harms nobody
        image_key = answer.get("image_key")
        if not isinstance(image_key, str):
            detail = "image.create: an answer without an image_key"
            raise PlatformUnavailable(detail)
        return image_key
