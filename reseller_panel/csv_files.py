"""CSV files that spreadsheets open correctly and find no formula in.

Law: quality.md, "Bad input". A leaf: it imports no app.
"""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from reseller_panel.characters import printable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """Printable text that no spreadsheet takes for a formula. Numbers stay numbers."""
    text = printable(str(value))
    if isinstance(value, str) and text.startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


class _Line:
    """A file for csv.writer that returns each line, for the response to stream."""

    def write(self, line: str) -> str:
        return line


def csv_response(
    name: str, header: list[str], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """A CSV as Excel in Mexico opens it: UTF-8 with BOM, comma, one row at a time."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield "\ufeff" + writer.writerow(header)
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
