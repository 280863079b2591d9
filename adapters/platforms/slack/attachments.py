"""Files in: fetched with the bot's token, which goes to Slack's own hosts and nowhere else."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import ValidationError

from adapters.platforms.slack.client import SlackClient
from adapters.platforms.slack.handles import FileHandle
from adapters.platforms.slack.refusals import FileUnknown
from bots.errors import (
    AttachmentGone,
    AttachmentTooLarge,
    AttachmentUnsupported,
    PlatformDenied,
    PlatformError,
    PlatformRateLimited,
    PlatformUnavailable,
)
from bots.messages import Attachment
from bots.ports import Clock

FETCH_SECONDS = 60.0
MAX_HOPS = 3  # Slack to Slack's CDN
TRIES = 3
PAUSE_SECONDS, LONGEST_PAUSE = 0.5, 20.0
REDIRECTS = (301, 302, 303, 307, 308)
READABLE = ("image/png", "image/jpeg", "image/gif", "image/webp")  # others are read from Slack's preview
GONE_MODES = ("tombstone", "hidden_by_limit")


class SlackAttachments:
    """Implements AttachmentFetcher."""

    def __init__(self, client: SlackClient, api_url: str, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        own = urlsplit(api_url)
        self._own_origin = (own.scheme, own.netloc)

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Read at most ``max_bytes``; raises MediaError, PlatformError, StoreUnavailable."""
        try:
            handle = FileHandle.unpacked(attachment.handle)
        except ValidationError as error:
            raise AttachmentGone(name=attachment.name) from error
        for left in range(TRIES - 1, -1, -1):
            try:
                return await self._fetch(handle, attachment.name, max_bytes)
            except PlatformError as error:
                if not left or not error.is_transient:
                    raise
                await self._clock.sleep(min(error.retry_after or PAUSE_SECONDS, LONGEST_PAUSE))
        raise AssertionError  # the last try returns or raises

    async def _fetch(self, handle: FileHandle, name: str, max_bytes: int) -> bytes:
        if not handle.url and not handle.is_external:
            handle = await self._described(handle, name)
        if handle.is_external or not handle.url:
            raise AttachmentUnsupported(name=name)
        is_odd = handle.media_type.startswith("image/") and handle.media_type not in READABLE
        if is_odd and handle.preview_url:
            return await self._download(handle, handle.preview_url, name, max_bytes)
        try:
            return await self._download(handle, handle.url, name, max_bytes)
        except AttachmentTooLarge:
            if not handle.preview_url:
                raise
            return await self._download(handle, handle.preview_url, name, max_bytes)

    async def _described(self, handle: FileHandle, name: str) -> FileHandle:
        """Ask what a stub is: a file of another organisation comes without an address (Slack Connect)."""
        try:
            answer = await self._client.call(handle.tenant_id, "files.info", {"file": handle.file_id})
        except FileUnknown as error:
            raise AttachmentGone(name=name) from error
        file: dict[str, Any] = answer.get("file") or {}
        if file.get("mode") in GONE_MODES:
            raise AttachmentGone(name=name)
        preview = file.get("thumb_1024") or file.get("thumb_960") or file.get("thumb_720") or ""
        return handle.model_copy(
            update={
                "url": file.get("url_private_download") or file.get("url_private") or "",
                "preview_url": preview,
                "media_type": file.get("mimetype") or handle.media_type,
                "is_external": bool(file.get("is_external")),
            }
        )

    async def _download(self, handle: FileHandle, url: str, name: str, max_bytes: int) -> bytes:
        token = await self._client.tokens.bot_token(handle.tenant_id)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            for _ in range(MAX_HOPS + 1):
                self._check_host(url)
                request = self._client.http.stream("GET", url, headers=headers, timeout=FETCH_SECONDS)
                async with request as response:
                    if response.status_code not in REDIRECTS:
                        return await _body(response, handle, name, max_bytes)
                    url = urljoin(url, response.headers.get("location", ""))
        except httpx.TransportError as error:
            raise PlatformUnavailable(type(error).__name__) from error
        detail = "too many redirects"
        raise PlatformDenied(detail)

    def _check_host(self, url: str) -> None:
        """Refuse to show the token to a stranger, or to be led to the page where people sign in."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_slack = parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
        if not is_slack and (parts.scheme, parts.netloc) != self._own_origin:
            detail = "file is on another host"
            raise PlatformDenied(detail)
        if "redir=" in parts.query:
            raise _no_access()


async def _body(response: httpx.Response, handle: FileHandle, name: str, max_bytes: int) -> bytes:
    if response.status_code in (404, 410):
        raise AttachmentGone(name=name)
    if response.status_code == 429:
        wait = response.headers.get("retry-after", "")
        detail = "file downloads"
        raise PlatformRateLimited(detail, retry_after=float(wait) if wait.isdigit() else 5.0)
    if response.status_code >= 500:
        detail = f"http_{response.status_code}"
        raise PlatformUnavailable(detail)
    if response.status_code != 200:
        raise _no_access()
    is_page = response.headers.get("content-type", "").startswith("text/html")
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > max_bytes:
            raise AttachmentTooLarge(name=name, limit=max_bytes)
    begins_like_page = bytes(body[:64]).lstrip().lower().startswith((b"<!doctype html", b"<html"))
    # A sign-in page comes with status 200; it is not what the person sent, unless they sent a page.
    if (is_page or begins_like_page) and "html" not in handle.media_type:
        raise _no_access()
    return bytes(body)


def _no_access() -> PlatformDenied:
    return PlatformDenied("file not readable: is the scope files:read granted?")
