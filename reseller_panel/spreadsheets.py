"""A table as a file for spreadsheets, in the format that was asked for.

How each is written is csv_files.py and xlsx_files.py. A leaf: it imports no app.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from io import BytesIO
from typing import Self

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from reseller_panel import csv_files, xlsx_files

# So many rows are sent at once; more are made by a job.
AT_ONCE = 5_000


class Format(StrEnum):
    """The values are those of the parameter, and the endings of the files."""

    CSV = "csv"
    XLSX = "xlsx"

    @classmethod
    def of(cls, text: str | None) -> Self:
        """What is no format is asked for as CSV, which everything opens."""
        return cls("xlsx") if text == "xlsx" else cls("csv")

    @property
    def label(self) -> str:
        return {"csv": "CSV", "xlsx": "Excel"}[self.value]

    @property
    def content_type(self) -> str:
        return {"csv": csv_files.CONTENT_TYPE, "xlsx": xlsx_files.CONTENT_TYPE}[
            self.value
        ]


def response(
    form: Format, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """A file to download, `name` without its ending. A CSV is sent as it is made; of an
    XLSX, which is compressed as a whole, nothing is sent before its last row."""
    if form is Format.CSV:
        return csv_files.csv_response(name, header, rows)
    out = BytesIO()
    xlsx_files.write(out, header, rows)
    return HttpResponse(
        out.getvalue(),
        content_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
