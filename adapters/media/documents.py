"""PDF and Office files as Markdown; implements ``bots.media.DocumentReader``."""

import asyncio
import zipfile
from concurrent.futures import ThreadPoolExecutor

from adapters.media.settings import MediaSettings
from adapters.media.sniff import FileKind, sniff
from bots.errors import AttachmentUnreadable, AttachmentUnsupported
from bots.media import Document, Section, Unit


class MarkdownDocumentReader:
    """Reads files in memory, one at a time: PDFium must not be called from two threads."""

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="documents")

    async def read(self, data: bytes, name: str, *, max_pictures: int) -> Document:
        """Read within the settings' limits; the bytes decide what the file is.

        Raises AttachmentTooLarge (a bomb), AttachmentUnreadable (damaged, locked, empty),
        AttachmentUnsupported.
        """
        loop = asyncio.get_running_loop()
        document = await loop.run_in_executor(self._thread, self._read, data, name, max_pictures)
        if not document.sections:
            raise AttachmentUnreadable(detail="nothing to read inside", name=name)
        return document

    def _read(self, data: bytes, name: str, max_pictures: int) -> Document:
        kind = sniff(data)
        if kind == "pdf":
            # The libraries cost memory: a worker that never sees such a file never loads them.
            from adapters.media.pdfs import read_pdf

            return read_pdf(data, name, self._settings, max_pictures=max_pictures)
        if kind in {"docx", "xlsx", "pptx"}:
            return self._read_office(data, kind, name)
        if kind == "ole" or not name.lower().endswith((".pdf", ".docx", ".xlsx", ".pptx")):
            # An Office file with a password is an OLE file too.
            raise AttachmentUnsupported(f"not a document but {kind}", name=name)
        raise AttachmentUnreadable(f"not a document but {kind}", name=name)

    def _read_office(self, data: bytes, kind: FileKind, name: str) -> Document:
        from adapters.media import office

        with office.open_archive(data, name, self._settings) as archive:
            try:
                unit, texts = self._texts(data, kind, archive)
            except office.DAMAGE as error:
                raise AttachmentUnreadable(f"damaged {kind}", name=name) from error
        return self._document(unit, texts)

    def _texts(
        self, data: bytes, kind: FileKind, archive: zipfile.ZipFile
    ) -> tuple[Unit, list[tuple[str, str]]]:
        from adapters.media import office

        if kind == "docx":
            whole = "\n\n".join(office.word_sections(archive))
            return "part", [(f"Part {n}", text) for n, text in enumerate(_parts(whole), 1)]
        if kind == "pptx":
            slides = office.slide_sections(archive)
            return "slide", [(f"Slide {n}", text) for n, text in enumerate(slides, 1)]
        from adapters.media.sheets import sheet_sections

        return "sheet", [(f"Sheet {title}", text) for title, text in sheet_sections(data, self._settings)]

    def _document(self, unit: Unit, texts: list[tuple[str, str]]) -> Document:
        left = self._settings.max_characters
        sections = []
        for title, text in texts[: self._settings.max_pages]:
            if left <= 0:
                break
            sections.append(Section(title, text[:left]))
            left -= len(text)
        if not any(section.text.strip() for section in sections):
            return Document(unit, len(texts), ())
        return Document(unit, len(texts), tuple(sections))


def _parts(text: str, size: int = 8000) -> list[str]:
    """Cut a long text between paragraphs, so that a model with little room gets a whole beginning."""
    parts = [""]
    for paragraph in text.split("\n\n"):
        if parts[-1] and len(parts[-1]) + len(paragraph) > size:
            parts.append("")
        parts[-1] += ("\n\n" if parts[-1] else "") + paragraph
    return parts
