"""What a file is, is told by its bytes."""

import io
import struct
import zipfile

import pytest
from PIL import Image

from adapters.media.sniff import sniff
from tests.unit.adapters.media.pictures_made import encoded


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return buffer.getvalue()


def iso_media(*brands: bytes) -> bytes:
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", 4 + len(body)) + body + bytes(100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_real_pictures_are_known(kind):
    assert sniff(encoded(Image.new("RGB", (9, 9), "red"), kind)) == kind.lower()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (archive("a.txt"), "zip"),
        (archive(), "zip"),
        (b"PK\x03\x04 damaged", "zip"),
        (archive("[Content_Types].xml", "word/document.xml"), "docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "ole"),
        (iso_media(b"isom", b"iso2", b"avc1", b"mp41"), "mp4"),
        (iso_media(b"qt  "), "mp4"),
        (iso_media(b"heic", b"mif1", b"heic"), "heic"),
        (iso_media(b"mif1", b"heic"), "heic"),
        (iso_media(b"mif1", b"avif"), "avif"),
        (b"plain words\n", "text"),
        ("中文".encode("gb18030"), "text"),
        (b"BM is how this sentence begins", "text"),
        (b"RIFF is a kind of file", "text"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "unknown"),
        (b"", "unknown"),
    ],
)
def test_other_files_are_known(data, kind):
    assert sniff(data) == kind


def test_a_long_text_is_known_though_the_sample_ends_inside_a_character():
    assert sniff(b"a" + "中".encode() * 40_000) == "text"
