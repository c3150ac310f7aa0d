"""Files for the tests of imports, made by code; and an import without a browser."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from accounts.models import User
from clients.importing import staging, workbooks, working
from clients.models import Import
from jobs.models import Job
from tests import factories

HEADERS = ["RFC", "Razón social", "Paquete", "Folios", "Correo"]


def row(number: int, package: str = "PYME", folios: str = "50") -> list[str]:
    return [
        factories.rfc(number),
        f"EMPRESA {number}",
        package,
        folios,
        f"pagos{number}@ejemplo.mx",
    ]


def rows(count: int, start: int = 0) -> list[list[str]]:
    return [HEADERS, *(row(start + number) for number in range(count))]


def as_csv(table: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue().encode()


def as_xlsx(table: Sequence[Sequence[Any]], **options: Any) -> bytes:
    """Cells as XlsxWriter takes them: texts that begin with = are formulas."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True} | options)
    sheet = book.add_worksheet("Clientes")
    for number, cells in enumerate(table):
        for column, value in enumerate(cells):
            sheet.write(number, column, value)
    book.close()
    return file.getvalue()


def staged(by: User, content: bytes, *, name: str = "clientes.csv") -> Import:
    """A file that was uploaded and checked."""
    assert by.reseller is not None
    table = workbooks.of_bytes(content)
    batch = staging.store(by.reseller, table, by=by, name=name)
    working.check(batch, by=by, url="/")
    batch.refresh_from_db()
    return batch


def imported(by: User, content: bytes, *, updates: bool = False) -> Job:
    """A file that was uploaded, checked and confirmed."""
    batch = staged(by, content)
    return working.confirm(batch, by=by, updates_existing=updates, url="/")
