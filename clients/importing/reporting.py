"""What came of an import: of a row, of all, and the file that says it line by line.

Only what was not done is stored with a row; the rest follows from how far the import
is. Who calls is working.py.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from clients.details import NAMES
from clients.models import Fate, Import, ImportRow, Result
from jobs import files, running
from reseller_panel.csv_files import cell
from reseller_panel.spanish import counted

REPORT = "resultado-importacion.csv"
# Lines reported in one step.
REPORTED = 5_000
# What is read of a row, as a tuple: a model of each would take as long as to create
# its client.
READ = (
    *("batch_id", "line", "fate", "problems", "warnings", *NAMES, "package_id"),
    *("folios", "expires_on", "created_on", "is_suspended", "client_id", "seq"),
    *("changed", "result", "reason"),
)


def result_of(batch: Import, row: Any) -> Result | None:
    """What became of a row so far; only what was not done is stored."""
    if row.result:
        return Result(row.result)
    if row.fate == Fate.NEW and row.line <= batch.written_line:
        return Result.CREATED
    if row.fate == Fate.CHANGES and row.line <= batch.updated_line:
        return Result.UPDATED
    return None


def summary(batch: Import) -> str:
    """«3,000 clientes creados, 2 actualizados; 5 renglones sin importar.»"""
    rows = ImportRow.objects.filter(batch=batch)
    done = rows.exclude(result=Result.SKIPPED)
    created = done.filter(fate=Fate.NEW, line__lte=batch.written_line).count()
    updated = done.filter(fate=Fate.CHANGES, line__lte=batch.updated_line).count()
    left = rows.count() - created - updated
    made = f"{counted(created, 'cliente creado', 'clientes creados')}"
    if updated:
        made += f", {counted(updated, 'actualizado')}"
    if left:
        made += f"; {counted(left, 'renglón', 'renglones')} sin importar"
    return f"{made}."


def report(work: running.Work, batch: Import) -> None:
    """The file of the result: line, fate and reason of every row."""
    with work.step():
        file = work.job.files.filter(name=REPORT).first()
        if file is None:
            file = files.create(work.job, name=REPORT, content_type="text/csv")
            header = ["Línea", "RFC", "Razón social", "Resultado", "Motivo"]
            files.append(file, "\ufeff".encode() + as_csv([header]))
    while rows := [
        *ImportRow.objects.filter(batch=batch, line__gt=batch.reported_line)
        .order_by("line")
        .values_list(*READ, named=True)[:REPORTED]
    ]:
        with work.step():
            files.append(file, as_csv(_reported(batch, row) for row in rows))
            batch.reported_line = rows[-1].line
            batch.save(update_fields=["reported_line"])


def _reported(batch: Import, row: Any) -> list[object]:
    result = result_of(batch, row)
    said = result.label if result else Fate(row.fate).label
    reason = row.reason or " ".join([*row.problems, *row.warnings])
    return [row.line, row.rfc, row.legal_name, said, reason]


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """Lines of a CSV in UTF-8, in which no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return text.getvalue().encode()
