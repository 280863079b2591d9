"""Uploads and downloads."""

import re
from urllib.parse import quote

from starlette.responses import Response

from simulators.lark.api import Call, Endpoint, upload
from simulators.lark.chats import Chat
from simulators.lark.errors import Refused
from simulators.lark.fields import Json, items, obj, objects
from simulators.lark.messages import Message
from simulators.lark.resources import MAX_DOWNLOAD_BYTES, Resource
from simulators.lark.tenant import Tenant

UPLOAD_SCOPES = ("im:resource", "im:resource:upload")
DOWNLOAD_SCOPES = ("im:message", "im:message:readonly", "im:message.history:readonly")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def _upload_image(tenant: Tenant, call: Call) -> Json:
    if "image" not in call.files:
        raise Refused(234001, "Invalid request param: image")
    part = upload(call, "image")
    return {
        "image_key": tenant.resources.upload_image(call.form.get("image_type", ""), part.data, part.name).key
    }


def _upload_file(tenant: Tenant, call: Call) -> Json:
    if "file" not in call.files:
        raise Refused(234001, "Invalid request param: file")
    part = upload(call, "file")
    duration = call.form.get("duration", "0")
    if not duration.isdigit():
        raise Refused(234001, "Invalid request param: duration")
    resource = tenant.resources.upload_file(
        call.form.get("file_type", ""),
        call.form.get("file_name", ""),
        part.data,
        part.media_type,
        int(duration),
    )
    return {"file_key": resource.key}


def _download_own(tenant: Tenant, call: Call) -> Response:
    resource = tenant.resources.get(call.path["image_key"])
    if resource is None or not tenant.resources.has_own_image(resource.key):
        raise Refused(234001, "Invalid request param: image_key is not of this app")
    return _send(resource, call)


def _download(tenant: Tenant, call: Call) -> Response:
    kind = call.query.get("type")
    if kind not in {"image", "file"}:
        raise Refused(234001, "Invalid request param: type")
    message = tenant.messages.get(call.path["message_id"])
    _check_downloadable(message, tenant.chats.chats[message.chat_id])
    keys = _keys(message)
    key = call.path["file_key"]
    resource = tenant.resources.get(key) if key in keys else None
    if resource is None:
        raise Refused(234003, "The file_key does not belong to this message.")
    if keys[key] != kind:
        raise Refused(234001, "Invalid request param: type does not suit the file_key")
    if len(resource.data) > MAX_DOWNLOAD_BYTES:
        raise Refused(234037, "The file is larger than 100 MB.")
    return _send(resource, call)


def _check_downloadable(message: Message, chat: Chat) -> None:
    if message.is_deleted:
        raise Refused(230110, "The message has been deleted.")
    if not chat.has_bot:
        raise Refused(234004, "The app is not in the chat.")
    if message.msg_type in {"merge_forward", "sticker", "interactive"} or message.upper_message_id:
        raise Refused(234043, "Unsupported message type.")
    if chat.is_restricted:
        raise Refused(234038, "The resource is restricted.")


def _keys(message: Message) -> dict[str, str]:
    """Give the keys of a message with the `type` each is fetched by."""
    content = message.content
    parts = [content, *(tag for paragraph in items(content.get("content")) for tag in objects(paragraph))]
    keys: dict[str, str] = {}
    for part in map(obj, parts):
        if isinstance(key := part.get("image_key"), str):
            keys[key] = "image"
        if isinstance(key := part.get("file_key"), str):
            keys[key] = "file"
    return keys


def _send(resource: Resource, call: Call) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{quote(resource.name)}"',
        "Accept-Ranges": "bytes",
    }
    size = len(resource.data)
    wanted = _RANGE.fullmatch(call.headers.get("range", ""))
    if not wanted:
        return Response(resource.data, media_type=resource.media_type, headers=headers)
    first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(resource.data[first : last + 1], 206, headers, resource.media_type)


ENDPOINTS = (
    Endpoint("image.create", "POST", "/open-apis/im/v1/images", _upload_image, UPLOAD_SCOPES, is_upload=True),
    Endpoint("image.get", "GET", "/open-apis/im/v1/images/{image_key}", _download_own, UPLOAD_SCOPES),
    Endpoint("file.create", "POST", "/open-apis/im/v1/files", _upload_file, UPLOAD_SCOPES, is_upload=True),
    Endpoint(
        "resource.get",
        "GET",
        "/open-apis/im/v1/messages/{message_id}/resources/{file_key}",
        _download,
        DOWNLOAD_SCOPES,
    ),
)
