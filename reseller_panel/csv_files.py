"""CSV files that spreadsheets open correctly and find no formula in.

Law: quality.md, "Bad input". A leaf: it imports no app.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.http import StreamingHttpResponse

from reseller_panel.characters import printable

CONTENT_TYPE = "text/csv; charset=utf-8"
# Without it Excel takes UTF-8 for something else, and shows «MÃ©xico».
BOM = "\ufeff"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """Printable text that no spreadsheet takes for a formula. Numbers stay numbers, and
    days are written as every spreadsheet reads them, whatever its language: 2026-11-28.
    Nothing is an empty cell."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
    text = printable(str(value))
    if isinstance(value, str) and text.startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


class _Line:
    """A file for csv.writer that returns each line."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of these rows, each made when asked for; the BOM is not theirs."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def whole(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a whole file."""
    yield BOM
    yield from lines([header])
    yield from lines(rows)


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """A CSV as Excel in Mexico opens it: UTF-8 with BOM, comma, one row at a time."""
    return StreamingHttpResponse(
        whole(header, rows),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
