"""The part of benchmarks.exporting that uses the product's code, as a separate process:
`FORMAT N` exports N clients by a job, reads the file again, and prints what it took.
The last word is how many MB the rows needed."""

import csv
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402

from accounts.models import User  # noqa: E402
from clients import exporting  # noqa: E402
from clients.columns import USUAL  # noqa: E402
from clients.exporting import making, tables  # noqa: E402
from demo.management.commands.load_many import EMAIL  # noqa: E402
from jobs import files, running  # noqa: E402
from jobs.models import Job  # noqa: E402
from reseller_panel.csv_files import cell  # noqa: E402
from reseller_panel.spreadsheets import Format  # noqa: E402

QUERY = "orden=razon_social"
# Rows that are compared with the list: the first, and some from the middle.
COMPARED = 2_000


def peak() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ids_of(person: User, most: int) -> list[int]:
    table = exporting.list_for(person, QUERY, timezone.localdate())
    with transaction.atomic():
        return [*islice(table.walk.every_id(), most)]


def started(person: User, form: Format, most: int) -> Job:
    """All of the list; as XLSX a choice of its first."""
    columns = "paquete,folios,se_agotan,estatus,creado,vigencia"
    if form is Format.CSV:
        wanted = making.Wanted("list", form, columns=columns, query=QUERY)
        return making.start(wanted, by=person, title="Exportar")
    wanted = making.Wanted("clients", form, columns=columns)
    ids = ids_of(person, most)
    return making.start(wanted, by=person, title="Exportar", total=len(ids), ids=ids)


def rows_of(path: str, form: Format) -> Iterator[Sequence[object]]:
    if form is Format.CSV:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            yield from csv.reader(lines)
        return
    yield from CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()


def compared(person: User, form: Format, path: str, most: int) -> tuple[int, int]:
    """How many rows there are, and how many of those looked at differ."""
    ids, shown = ids_of(person, most), {}
    table = tables.ClientTable(person, USUAL, timezone.localdate())
    for start in (0, max(0, most // 2 - COMPARED // 2)):
        for place, row in enumerate(table.rows(ids[start : start + COMPARED // 2])):
            shown[start + place] = [*map(cell, row)] if form is Format.CSV else row
    number = wrong = 0
    for place, row in enumerate(rows_of(path, form), -1):
        number = place + 1
        if place in shown and [*row] != [*shown[place]]:
            wrong += 1
    return number, wrong


def main(form: Format, most: int) -> None:
    person = User.objects.get(email=EMAIL)
    zone = person.reseller.zone if person.reseller else None
    with timezone.override(zone):
        before, began = peak(), perf_counter()
        job = started(person, form, most)
        running.run(job.pk)
        took, growth = perf_counter() - began, peak() - before
        job.refresh_from_db()
        most = job.total or 0  # without the archived ones
        (file,) = job.files.filter(is_hidden=False)
        path = f"/tmp/{os.getpid()}-{file.name}"  # noqa: S108
        with open(path, "wb") as out:
            out.writelines(files.read(file))
        try:
            number, wrong = compared(person, form, path, most)
        finally:
            os.unlink(path)
    if (number, wrong) != (most, 0):
        sys.exit(f"{number:,} rows of {most:,}, {wrong} of them wrong: {job.error}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(octet_length(data)) FROM jobs_chunk")
        (largest,) = cursor.fetchone()
    print(
        f"{form.label:5} {most:>9,} rows in {took:6.1f} s ({most / took:6,.0f}/s), "
        f"{file.size / 2**20:.1f} MB, parts of {largest / 2**10:.0f} KB at most; "
        f"read again: all rows, {COMPARED:,} compared, 0 differ; "
        f"memory {peak():.0f} MB at most, for the rows {growth:.0f}"
    )


if __name__ == "__main__":
    main(Format(sys.argv[1]), int(sys.argv[2]))
