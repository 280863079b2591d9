"""Spreadsheets (xlsx) as Markdown tables."""

import io
import warnings
from datetime import datetime, time

import openpyxl

from adapters.media.office import markdown_table
from adapters.media.settings import MediaSettings

_MOST_COLUMNS = 200


def sheet_sections(data: bytes, settings: MediaSettings) -> list[tuple[str, str]]:
    """Give each sheet's title and its rows with the values last computed; blank rows are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return [
                (sheet.title, _rows_of(sheet, settings)) for sheet in book.worksheets[: settings.max_pages]
            ]
        finally:
            book.close()


def _rows_of(sheet: "openpyxl.worksheet.worksheet.Worksheet", settings: MediaSettings) -> str:
    rows: list[list[str]] = []
    characters = 0
    # The declared size of a sheet may be a lie, in both directions.
    sheet.reset_dimensions()
    for values in sheet.iter_rows(max_row=settings.max_rows, max_col=_MOST_COLUMNS, values_only=True):
        cells = [_cell(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        rows.append(cells)
        characters += sum(map(len, cells))
        if characters > settings.max_characters:
            break
    return markdown_table(rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split()).replace("|", "\\|")
