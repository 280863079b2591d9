"""PDF pages as text, or as pictures where a page holds none; pypdfium2 is Chrome's reader in a 4 MB wheel."""

import io
import time

import pypdfium2

from adapters.media.settings import MediaSettings
from bots.errors import AttachmentUnreadable
from bots.media import Document, Section
from bots.prompts import Picture

_LEAST_CHARACTERS = 8  # a scanned page often has a page number and no more
_PICTURE_SIDE = 1600  # pixels: small print on A4 stays readable
_JPEG_QUALITY = 85


def read_pdf(data: bytes, name: str, settings: MediaSettings, *, max_pictures: int) -> Document:
    """Read pages until a limit is met; raises AttachmentUnreadable for damaged and locked files."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise AttachmentUnreadable(detail="damaged or locked PDF", name=name) from error
    try:
        return _read(pdf, settings, max_pictures)
    except (pypdfium2.PdfiumError, ValueError, OSError, MemoryError) as error:
        raise AttachmentUnreadable(detail="damaged PDF", name=name) from error
    finally:
        pdf.close()


def _read(pdf: pypdfium2.PdfDocument, settings: MediaSettings, max_pictures: int) -> Document:
    deadline = time.monotonic() + settings.read_seconds
    sections: list[Section] = []
    pictures_left, characters_left = max_pictures, settings.max_characters
    for number in range(min(len(pdf), settings.max_pages)):
        if characters_left <= 0 or time.monotonic() > deadline:
            break
        page = pdf[number]
        try:
            text = _text_of(page)[:characters_left]
            picture = None
            if len(text.strip()) < _LEAST_CHARACTERS and pictures_left:
                picture = _picture_of(page)
                pictures_left -= 1
        finally:
            page.close()
        characters_left -= len(text)
        if text.strip() or picture:
            sections.append(Section(f"Page {number + 1}", text, picture))
    return Document("page", len(pdf), tuple(sections))


def _text_of(page: pypdfium2.PdfPage) -> str:
    text = page.get_textpage()
    try:
        return str(text.get_text_bounded()).replace("\r\n", "\n").replace("\ufffe", "").strip()
    finally:
        text.close()


def _picture_of(page: pypdfium2.PdfPage) -> Picture:
    width, height = page.get_size()
    # A page of a bomb may be kilometres wide; its scale makes up for it.
    scale = _PICTURE_SIDE / max(width, height, 1.0)
    image = page.render(scale=scale).to_pil().convert("RGB")
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=_JPEG_QUALITY)
    return Picture(packed.getvalue(), "image/jpeg", image.width, image.height)
