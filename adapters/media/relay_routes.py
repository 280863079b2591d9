"""``GET /media/{token}``: hands a person's file on to the vendor, whole or in ranges (RFC 9110, 14)."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.media.relay import RelayLinks, Ticket
from adapters.media.sniff import FileKind, sniff
from bots.attachments import kind_of, most_bytes
from bots.errors import AttachmentGone, MediaError, PlatformError, StoreUnavailable
from bots.ports import PictureReader, Platform

log = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE_BYTES = 64 * 1024
_TYPES: dict[FileKind, str] = {
    "mp4": "video/mp4", "matroska": "video/x-matroska", "jpeg": "image/jpeg", "png": "image/png",
    "pdf": "application/pdf",
}  # fmt: skip
_KEPT_BYTES = 150_000_000  # a vendor asks for one file in many ranges


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it is handed on."""

    data: bytes
    media_type: str


@dataclass(slots=True)
class MediaRelay:
    """Fetches from the platforms with the bot's own rights, and only what a ticket names."""

    links: RelayLinks
    platforms: Mapping[str, Platform]
    pictures: PictureReader
    _kept: OrderedDict[str, Handed] = field(default_factory=OrderedDict)
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def route(self) -> Route:
        """Give the relay's only route."""
        return Route("/media/{token}", self.serve, methods=["GET"])

    async def serve(self, request: Request) -> Response:
        """Answer 200 or 206; 404 for a token that does not count, 410 for a file that is gone, 416."""
        token = request.path_params["token"]
        ticket = self.links.ticket(token)
        if ticket is None or ticket.platform not in self.platforms:
            return PlainTextResponse("No such file.\n", status_code=404)
        try:
            handed = self._kept.get(token) or await self._fetched_once(token, ticket)
        except AttachmentGone:
            return PlainTextResponse("The file is gone.\n", status_code=410)
        except MediaError:
            return PlainTextResponse("This file is not handed on.\n", status_code=415)
        except (PlatformError, StoreUnavailable) as error:
            log.warning("relay could not fetch", extra={"error": type(error).__name__})
            return PlainTextResponse("Try again later.\n", status_code=503)
        if request.method == "HEAD":
            return Response(headers=_headers(len(handed.data)), media_type=handed.media_type)
        return _ranged(handed, request.headers.get("range", ""))

    async def _fetched_once(self, token: str, ticket: Ticket) -> Handed:
        async with self._fetching:  # the file is in memory; many at once would fill it
            handed = self._kept.get(token) or await self._fetched(ticket)
            self._keep(token, handed)
            return handed

    async def _fetched(self, ticket: Ticket) -> Handed:
        attachment = ticket.attachment
        fetcher = self.platforms[ticket.platform].attachments
        data = await fetcher.fetch(attachment, max_bytes=most_bytes(kind_of(attachment)))
        if ticket.form == "picture":
            # As a model would get it otherwise: upright, within the limits, without the place it was taken.
            picture = await self.pictures.read(data, attachment.name)
            return Handed(picture.data, picture.media_type)
        return Handed(data, _TYPES.get(sniff(data), "application/octet-stream"))

    def _keep(self, token: str, handed: Handed) -> None:
        self._kept[token] = handed
        self._kept.move_to_end(token)
        while len(self._kept) > 1 and sum(len(one.data) for one in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)


def _ranged(handed: Handed, wanted: str) -> Response:
    size = len(handed.data)
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or match.group(0) == "bytes=-":
        # Several ranges in one request are answered with the whole, which is allowed.
        return _streamed(handed, 0, size, 200)
    first, last = match.groups()
    if first:
        begin, end = int(first), min(int(last) + 1, size) if last else size
    else:
        begin, end = max(0, size - int(last)), size
    if begin >= end:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    return _streamed(handed, begin, end, 206)


def _streamed(handed: Handed, begin: int, end: int, status: int) -> Response:
    headers = _headers(end - begin)
    if status == 206:
        headers["content-range"] = f"bytes {begin}-{end - 1}/{len(handed.data)}"
    return StreamingResponse(
        _pieces(handed.data, begin, end), status, headers=headers, media_type=handed.media_type
    )


def _headers(length: int) -> dict[str, str]:
    return {
        "accept-ranges": "bytes",
        "content-length": str(length),
        "cache-control": "private, no-store",
        # A person's file must never run as a page of ours.
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
    }


async def _pieces(data: bytes, begin: int, end: int) -> AsyncIterator[bytes]:
    for start in range(begin, end, _PIECE_BYTES):
        yield data[start : min(start + _PIECE_BYTES, end)]
