"""PDF and Office files as people have them, and as attackers make them."""

import time
from datetime import date

import pytest

from adapters.media.documents import MarkdownDocumentReader
from adapters.media.settings import MediaSettings
from bots.errors import AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported
from bots.media import Document
from tests.media_made import docx_of, office_bomb, pdf_of, pptx_of, scanned_pdf, xlsx_of, zipped

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


async def read(data: bytes, name: str, *, max_pictures: int = 10, **settings: int | float) -> Document:
    reader = MarkdownDocumentReader(MediaSettings.model_validate(settings))
    return await reader.read(data, name, max_pictures=max_pictures)


async def test_each_page_of_a_pdf_is_a_section():
    document = await read(pdf_of(["Hello", "World, page two"]), "a.pdf", max_pictures=0)
    assert (document.unit, document.total) == ("page", 2)
    assert document.sections[1].title == "Page 2"
    assert document.sections[1].text == "World, page two"


async def test_a_page_without_text_becomes_a_picture_while_there_is_room():
    document = await read(scanned_pdf(3), "scan.pdf", max_pictures=2)
    assert [section.title for section in document.sections] == ["Page 1", "Page 2"]
    assert all(section.picture is not None for section in document.sections)
    assert document.total == 3


async def test_a_scan_for_a_model_without_eyes_cannot_be_read():
    with pytest.raises(AttachmentUnreadable):
        await read(scanned_pdf(1), "scan.pdf", max_pictures=0)


async def test_more_pages_than_allowed_are_counted_but_not_read():
    document = await read(pdf_of([f"This is page {n}" for n in range(9)]), "a.pdf", max_pages=4)
    assert (len(document.sections), document.total) == (4, 9)


async def test_a_pdf_is_read_no_longer_than_allowed():
    data = pdf_of([f"This is page number {n}" for n in range(2000)])
    begun = time.monotonic()
    document = await read(data, "a.pdf", max_pages=2000, read_seconds=0.001)
    assert time.monotonic() - begun < 5
    assert len(document.sections) < 2000


async def test_headings_lists_and_tables_of_a_word_file_become_markdown():
    document = await read(docx_of(("Heading2", "Plan"), ("", "Buy lamps &amp; oil")), "a.docx")
    assert document.sections[0].text == "## Plan\n\nBuy lamps & oil"


async def test_slides_come_in_the_order_of_showing():
    document = await read(pptx_of(["first", "second", "third"]), "a.pptx")
    assert [section.text for section in document.sections] == ["first", "second", "third"]


async def test_sheets_become_tables_with_dates_and_plain_numbers():
    rows: list[list[object]] = [["day", "sum"], [date(2026, 1, 31), 12.0], [None, None], ["a|b", 0.5]]
    document = await read(xlsx_of({"One": rows, "Two": [["x"]]}), "a.xlsx")
    assert document.sections[0].title == "Sheet One"
    assert document.sections[0].text == ("| day | sum |\n| --- | --- |\n| 2026-01-31 | 12 |\n| a\\|b | 0.5 |")
    assert document.total == 2


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7 and no more", "a.pdf"),
        (pdf_of(["Hello"])[:200], "a.pdf"),
        (b"I am only words.", "a.pdf"),
        (b"", "a.docx"),
        (zipped({"word/document.xml": "<w:document"}), "a.docx"),
        (zipped({"word/other.xml": "<x/>"}), "a.docx"),
        (zipped({"ppt/slides/slide1.xml": "<x/>"}), "a.pptx"),
        (zipped({"xl/workbook.xml": "<x/>"}), "a.xlsx"),
        (docx_of(("", "&b;"), head=LAUGHS), "a.docx"),
        (docx_of(), "empty.docx"),
        (zipped({"readme.txt": "hello"}), "a.docx"),
    ],
)
async def test_damaged_files_and_lies_are_unreadable(data, name):
    with pytest.raises(AttachmentUnreadable) as caught:
        await read(data, name)
    assert caught.value.name == name


async def test_an_old_or_locked_office_file_is_called_unsupported():
    with pytest.raises(AttachmentUnsupported):
        await read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked.docx")


async def test_a_bomb_is_refused_before_it_is_unpacked():
    begun = time.monotonic()
    with pytest.raises(AttachmentTooLarge):
        await read(office_bomb(), "bomb.docx")
    assert time.monotonic() - begun < 1


async def test_a_sheet_that_claims_a_million_rows_is_read_as_far_as_allowed():
    rows: list[list[object]] = [[n] for n in range(100)]
    document = await read(xlsx_of({"One": rows}), "a.xlsx", max_rows=10)
    assert document.sections[0].text.count("\n") == 10
