"""Reads a message's form and its files, never more than the limits allow."""

import re
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from adapters.platforms.web.refusals import RequestRefused
from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.states import FILES_PATH, WebFile
from adapters.platforms.web.store import StoredFile, WebStore

MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,127}")
MAX_FIELDS = 20
MAX_NAME_CHARACTERS = 200
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    """A form as it was read; ``uploads`` are open until the request's form is closed."""

    text: str
    user: str
    client_id: str
    uploads: tuple[UploadFile, ...]


def capped(receive: Receive, max_bytes: int) -> Receive:
    """Count a body's bytes while it comes in; raises RequestRefused as soon as they are too many."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise RequestRefused(413, "too_large", limit=max(max_bytes // MEGABYTE, 1))
        return message

    return receive_some


async def read_form(request: Request, settings: WebSettings) -> FormData:
    """Read the form within ``max_request_bytes``; the caller closes it. Raises RequestRefused."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > settings.max_request_bytes:
        raise RequestRefused(413, "too_large", limit=max(settings.max_request_bytes // MEGABYTE, 1))
    limited = Request(request.scope, capped(request.receive, settings.max_request_bytes))
    try:
        return await limited.form(
            # Somewhat more than allowed, so that one file or letter too many gets its own sentence.
            max_files=settings.max_files + 100,
            max_fields=MAX_FIELDS,
            max_part_size=settings.max_text_characters * 4 + 4096,
        )
    except (HTTPException, MultiPartException, ClientDisconnect) as error:
        raise RequestRefused(400, "bad_form") from error


def take_apart(form: FormData, settings: WebSettings) -> ReceivedBody:
    """Check a form's fields against the limits; raises RequestRefused."""
    if "text" not in form and "files" not in form:
        # The parser takes a body that breaks off, or is no form at all, for a form without fields.
        raise RequestRefused(400, "bad_form")
    uploads = tuple(
        value for value in form.getlist("files") if isinstance(value, UploadFile) and value.filename
    )
    text = _field(form, "text")
    if len(text) > settings.max_text_characters:
        raise RequestRefused(413, "too_long", limit=settings.max_text_characters)
    if len(uploads) > settings.max_files:
        raise RequestRefused(413, "too_many_files", limit=settings.max_files)
    return ReceivedBody(text, _field(form, "user"), _field(form, "client_id"), uploads)


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


async def keep(store: WebStore, uploads: tuple[UploadFile, ...], max_file_bytes: int) -> tuple[WebFile, ...]:
    """Store the files' bytes; of a file that is too large only its name and size are kept.

    Raises PlatformUnavailable.
    """
    kept = []
    for upload in uploads:
        name = clean_name(upload.filename or "")
        media_type = claimed_type(upload.content_type or "")
        size = upload.size or 0
        url = None
        if size <= max_file_bytes:
            stored = StoredFile(await upload.read(), name, media_type)
            url = FILES_PATH + await store.put_file(stored)
        kept.append(WebFile(name=name, media_type=media_type, size=size, url=url))
    return tuple(kept)


def clean_name(name: str) -> str:
    """Make a file's name fit to show and to send in a header: no path, no control characters."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[-MAX_NAME_CHARACTERS:] or "file"


def claimed_type(content_type: str) -> str:
    """Take a media type without its parameters, or the one for "some bytes" (RFC 6838 §4.2)."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type if MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
