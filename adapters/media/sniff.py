"""What a file really is: its first bytes decide, neither its name nor the sender's claim."""

import codecs
import io
import unicodedata
import zipfile
from typing import Literal

FileKind = Literal[
    "jpeg", "png", "gif", "webp", "bmp", "tiff", "heic", "avif",
    "pdf", "zip", "docx", "xlsx", "pptx", "ole", "mp4", "matroska", "text", "unknown",
]  # fmt: skip

SAMPLE_BYTES = 65_536  # enough to tell text from binary

_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"%PDF-", "pdf"),
    (b"\x1a\x45\xdf\xa3", "matroska"),  # EBML, RFC 8794; WebM too
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_OFFICE_FOLDERS: tuple[tuple[str, FileKind], ...] = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_TEXT_CONTROLS = frozenset("\t\n\v\f\r\b\x1b")  # the rest of the control characters do not occur in texts


def sniff(data: bytes) -> FileKind:
    """Tell what the bytes are; ``zip`` is any archive that is no Office file, ``ole`` an old Office file."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return _kind_of_zip(data) if kind == "zip" else kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    # "BM" alone may begin a sentence; the four reserved bytes of a bitmap's header are zero.
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "bmp"
    if data[4:8] in {b"moov", b"mdat", b"wide"}:  # old QuickTime files have no "ftyp"
        return "mp4"
    if data[4:8] == b"ftyp":
        return _kind_of_iso_media(data)
    return "text" if decode_text(data[:SAMPLE_BYTES], is_whole=len(data) <= SAMPLE_BYTES) else "unknown"


def decode_text(data: bytes, *, is_whole: bool = True) -> str | None:
    """Decode UTF-8, UTF-16 or GB18030; None if it is binary (or empty).

    A sample that is not whole may end in the middle of a character.
    """
    for encoding in _encodings_to_try(data):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, final=is_whole)
        except UnicodeDecodeError:
            continue
        if _is_plausible(text, may_have_private_use=encoding != "gb18030"):
            return text
    return None


def _encodings_to_try(data: bytes) -> tuple[str, ...]:
    if data.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    # Windows programs leave the mark out now and then; ASCII characters then show as every other byte zero.
    even_zeros, odd_zeros = data[0::2].count(0), data[1::2].count(0)
    if odd_zeros > len(data) // 8 and not even_zeros:
        return ("utf-16-le",)
    if even_zeros > len(data) // 8 and not odd_zeros:
        return ("utf-16-be",)
    return ("utf-8", "gb18030")


def _is_plausible(text: str, *, may_have_private_use: bool) -> bool:
    # GB18030 gives a character to nearly every pair of bytes, but mostly private or unassigned ones to noise.
    strange = {"Cc", "Cs"} if may_have_private_use else {"Cc", "Cs", "Cn", "Co"}
    return bool(text) and not any(
        unicodedata.category(character) in strange for character in set(text) - _TEXT_CONTROLS
    )


def _kind_of_zip(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return "zip"
    for folder, kind in _OFFICE_FOLDERS:
        if any(name.startswith(folder) for name in names):
            return kind
    return "zip"


def _kind_of_iso_media(data: bytes) -> FileKind:
    # ISO/IEC 14496-12, section 4.3: length, "ftyp", major brand, version, compatible brands.
    length = min(int.from_bytes(data[:4], "big"), len(data), 256)
    brands = {data[8:12], *(data[start : start + 4] for start in range(16, length, 4))}
    if b"avif" in brands or b"avis" in brands:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else "mp4"
