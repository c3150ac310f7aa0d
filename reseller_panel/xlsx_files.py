"""XLSX files in constant memory: text is text, numbers and days are real ones.

Law: quality.md, "Bad input": no cell is a formula or a link, whatever it begins with,
because every text is written as a string. A leaf: it imports no app.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reseller_panel.characters import printable

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What Excel takes: rows below the header, characters of a cell.
ROWS_MAX = 1_048_575
TEXT_MAX = 32_767
# A spreadsheet counts with 15 digits; a longer number would come out as another one.
NUMBER_MAX = 10**15

_DAY, _MOMENT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"
_NUMBER, _MONEY = "#,##0", '"$"#,##0.00'
# Widths of columns in characters, by what was seen in the first rows.
_NARROWEST, _WIDEST, _LOOKED_AT = 8, 48, 200


def write(
    out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Write a workbook with one sheet; how many rows it has below the header.

    Rows are written to the disk as they come, so memory does not grow with them.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with Workbook(out, options) as book:
        sheet = _Sheet(book, header)
        for row in rows:
            sheet.add(row)
        sheet.finish()
        return sheet.rows


class _Sheet:
    def __init__(self, book: Workbook, header: Sequence[str]) -> None:
        self.rows = 0
        self._page: Worksheet = book.add_worksheet("Datos")
        self._formats: dict[str, Format] = {
            name: book.add_format({"num_format": name})
            for name in (_DAY, _MOMENT, _NUMBER, _MONEY)
        }
        self._widths = [max(_NARROWEST, len(text) + 4) for text in header]
        bold = book.add_format({"bold": True, "bottom": 1})
        for place, text in enumerate(header):
            self._page.write_string(0, place, text, bold)
        self._page.freeze_panes(1, 0)

    def add(self, row: Sequence[object]) -> None:
        self.rows += 1
        for place, value in enumerate(row):
            self._write(place, value)
        if self.rows <= _LOOKED_AT:
            for place, value in enumerate(row):
                wide = min(_width(value) + 2, _WIDEST)
                self._widths[place] = max(self._widths[place], wide)

    def _write(self, place: int, value: Any) -> None:
        at, page = (self.rows, place), self._page
        match value:
            case None | "":
                return
            case str():
                page.write_string(*at, printable(value)[:TEXT_MAX])
            case datetime():
                page.write_datetime(*at, value, self._formats[_MOMENT])
            case date():
                page.write_datetime(*at, value, self._formats[_DAY])
            case Decimal():
                page.write_number(*at, value, self._formats[_MONEY])
            case int() if abs(value) < NUMBER_MAX:
                page.write_number(*at, value, self._formats[_NUMBER])
            case _:
                page.write_string(*at, printable(str(value)))

    def finish(self) -> None:
        self._page.autofilter(0, 0, self.rows, len(self._widths) - 1)
        for place, width in enumerate(self._widths):
            self._page.set_column(place, place, width)


def _width(value: object) -> int:
    """About how many characters a cell shows."""
    match value:
        case None:
            return 0
        case datetime():
            return len(_MOMENT)
        case date():
            return len(_DAY)
        case Decimal() | int():
            return len(f"{value:,}") + 1
    return len(str(value))
