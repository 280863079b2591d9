"""Office files (docx, xlsx, pptx) as Markdown.

They are ZIPs of XML (ECMA-376). Word and PowerPoint files are read here, which needs 100 lines and keeps lxml
and onnxruntime out of the worker; for spreadsheets, with their dates and shared strings, there is openpyxl.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from adapters.media.settings import MediaSettings
from bots.errors import AttachmentTooLarge, AttachmentUnreadable

Element = ET.Element
DAMAGE = (
    zipfile.BadZipFile, ET.ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError,
    EOFError, OSError, RuntimeError, NotImplementedError,
)  # fmt: skip
_MOST_MEMBERS = 20_000


def open_archive(data: bytes, name: str, settings: MediaSettings) -> zipfile.ZipFile:
    """Open an Office file after a look at its table of contents.

    Raises AttachmentTooLarge for a bomb, AttachmentUnreadable for a damaged or locked file.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise AttachmentUnreadable(detail="damaged archive", name=name) from error
    members = archive.infolist()
    # ZipFile never unpacks more of a member than its entry here promises.
    if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > settings.max_unpacked_bytes:
        raise AttachmentTooLarge(detail="unpacks to too much", name=name, limit=settings.max_unpacked_bytes)
    if any(one.flag_bits & 1 for one in members):
        raise AttachmentUnreadable(detail="locked with a password", name=name)
    return archive


def word_sections(archive: zipfile.ZipFile) -> list[str]:
    """Write a docx as one Markdown text."""
    body = _named(_parse(archive, "word/document.xml"), "body")
    return ["\n\n".join(text for element in body for text in _block(element) if text)]


def slide_sections(archive: zipfile.ZipFile) -> list[str]:
    """Write each slide of a pptx as Markdown, in the order in which they are shown."""
    return [_slide(_parse(archive, path)) for path in _slide_paths(archive)]


def _slide_paths(archive: zipfile.ZipFile) -> list[str]:
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("ppt", relation.get("Target", "")))
        for relation in _parse(archive, "ppt/_rels/presentation.xml.rels")
    }
    identities = [
        value
        for element in _each(_parse(archive, "ppt/presentation.xml"), "sldId")
        for key, value in element.attrib.items()
        if key.endswith("}id")
    ]
    return [targets[one].removeprefix("/") for one in identities]


def _slide(root: Element) -> str:
    parts = []
    for element in root.iter():
        if _tag(element) == "txBody":
            lines = [_text(paragraph) for paragraph in _each(element, "p")]
            parts.append("\n".join(line for line in lines if line.strip()))
        elif _tag(element) == "tbl":
            parts.append(_table(element))
    return "\n\n".join(part for part in parts if part)


def _block(element: Element) -> Iterator[str]:
    if _tag(element) == "p":
        yield _paragraph(element)
    elif _tag(element) == "tbl":
        yield _table(element)
    elif _tag(element) in {"sdt", "sdtContent"}:  # a table of contents, a form's field
        for child in element:
            yield from _block(child)


def _paragraph(element: Element) -> str:
    text = _text(element).strip()
    styles = [value for one in _each(element, "pStyle") for value in one.attrib.values()]
    style = styles[0].lower() if styles else ""
    if text and style.startswith(("heading", "title")):
        level = int(style[-1]) if style[-1].isdigit() else 1
        return f"{'#' * min(max(level, 1), 6)} {text}"
    is_listed = bool(list(_each(element, "numPr")))
    return f"- {text}" if text and is_listed else text


def _table(element: Element) -> str:
    rows = [
        [" ".join(_text(cell).split()).replace("|", "\\|") for cell in _each(row, "tc")]
        for row in _each(element, "tr")
    ]
    return markdown_table(rows)


def markdown_table(rows: list[list[str]]) -> str:
    """Write rows as a Markdown table, the first as its head."""
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _text(element: Element) -> str:
    pieces = []
    for one in element.iter():
        match _tag(one):
            case "t":
                pieces.append(one.text or "")
            case "tab":
                pieces.append("\t")
            case "br" | "cr":
                pieces.append("\n")
            case "p" if one is not element:
                pieces.append(" ")
    return "".join(pieces)


def _parse(archive: zipfile.ZipFile, path: str) -> Element:
    content = archive.read(path)
    # No Office program writes a document type; without one there are no entities to blow up.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError(path)
    return ET.fromstring(content)  # noqa: S314 - see above


def _named(element: Element, tag: str) -> Element:
    return next(_each(element, tag))


def _each(element: Element, tag: str) -> Iterator[Element]:
    return (one for one in element.iter() if _tag(one) == tag)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
