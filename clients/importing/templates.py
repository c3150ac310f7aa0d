"""The files that are offered to begin with: headers and two example rows."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from clients.importing.recognition import FIELDS

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(package: str) -> list[list[str]]:
    """The rows of a template; `package` is the name of one that is on sale."""
    return [
        [field.label for field in FIELDS],
        *(
            [
                package if field.key == "package" else field.examples[number]
                for field in FIELDS
            ]
            for number in (0, 1)
        ),
    ]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return f"\ufeff{text.getvalue()}".encode()


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Every cell a text, as wide as it is, so that «01000» keeps its zero."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Clientes")
        as_text = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True})
        for number, cells in enumerate(rows):
            for column, value in enumerate(cells):
                style = as_text if number else bold
                sheet.write_string(number, column, value, style)
        for column, values in enumerate(zip(*rows, strict=True)):
            width = max(map(len, values)) + 3
            sheet.set_column(column, column, width, as_text)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
