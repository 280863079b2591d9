"""Pictures and files: what the bot uploaded, and what people sent."""

from dataclasses import dataclass
from typing import Literal

from simulators.lark.config import MEBIBYTE
from simulators.lark.errors import Refused
from simulators.lark.ids import new_id
from simulators.lark.pictures import examine

MAX_IMAGE_BYTES = 10 * MEBIBYTE
MAX_FILE_BYTES = 30 * MEBIBYTE
MAX_DOWNLOAD_BYTES = 100 * MEBIBYTE
MAX_SIDE, MAX_GIF_SIDE, MAX_AVATAR_SIDE = 12_000, 2_000, 4_096
FILE_TYPES = frozenset({"opus", "mp4", "pdf", "doc", "xls", "ppt", "stream"})

ResourceType = Literal["image", "file"]


@dataclass(frozen=True)
class Resource:
    """Bytes behind a key; `is_ours` when the bot uploaded them, `file_type` as it said then."""

    key: str
    kind: ResourceType
    data: bytes
    media_type: str
    name: str
    file_type: str = ""
    duration_ms: int = 0
    is_ours: bool = False


class Resources:
    """All resources by key."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}

    def get(self, key: str) -> Resource | None:
        """Find a resource."""
        return self._resources.get(key)

    def has_own_image(self, key: str) -> bool:
        """Tell whether the bot uploaded a picture under this key, so that it may show it."""
        resource = self._resources.get(key)
        return resource is not None and resource.is_ours and resource.kind == "image"

    def add(self, resource: Resource) -> Resource:
        """Store a resource."""
        self._resources[resource.key] = resource
        return resource

    def receive(
        self, kind: ResourceType, data: bytes, media_type: str, name: str, duration_ms: int = 0
    ) -> Resource:
        """Store what a person sent."""
        key = new_id("img_v3_" if kind == "image" else "file_v3_")
        return self.add(Resource(key, kind, data, media_type, name, duration_ms=duration_ms))

    def upload_image(self, image_type: str, data: bytes, name: str) -> Resource:
        """Take the bot's picture.

        Raises:
            Refused: 234001 image_type, 234010 empty, 234006 above 10 MB, 234011 no picture, 234039 too large.
        """
        if image_type not in {"message", "avatar"}:
            raise Refused(234001, "Invalid request param: image_type")
        if not data:
            raise Refused(234010, "File's size can't be 0.")
        if len(data) > MAX_IMAGE_BYTES:
            raise Refused(234006, "The file size exceed the max value.")
        if not (picture := examine(data)):
            raise Refused(234011, "Can't regonize the image format.")
        most = MAX_GIF_SIDE if picture.media_type == "image/gif" else MAX_SIDE
        if max(picture.width, picture.height) > (MAX_AVATAR_SIDE if image_type == "avatar" else most):
            raise Refused(234039, "Image resolution exceeds limit.")
        return self.add(Resource(new_id("img_v3_"), "image", data, picture.media_type, name, is_ours=True))

    def upload_file(
        self, file_type: str, name: str, data: bytes, media_type: str, duration_ms: int
    ) -> Resource:
        """Take the bot's file; raises Refused 234001, 234010, 234006."""
        if file_type not in FILE_TYPES or not name:
            raise Refused(234001, "Invalid request param: file_type or file_name")
        if not data:
            raise Refused(234010, "File's size can't be 0.")
        if len(data) > MAX_FILE_BYTES:
            raise Refused(234006, "The file size exceed the max value.")
        key = new_id("file_v3_")
        return self.add(Resource(key, "file", data, media_type, name, file_type, duration_ms, is_ours=True))
