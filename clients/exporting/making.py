"""The job that makes a file of more rows than a response waits for.

Its ids are fixed in one step. Then each step adds the rows of a piece of them, so that
it goes on where it was killed: `job.done` is the number of ids whose rows are
committed. An XLSX is made at the end, of rows kept so far; that part begins again.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, Literal, Self

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients import columns
from clients.exporting.entries import ids_between
from clients.exporting.lists import list_for
from clients.exporting.tables import (
    ClientTable,
    EntryTable,
    Table,
    pieces,
    reseller_of,
)
from jobs import files, running
from jobs.models import File, Job
from reseller_panel import csv_files, xlsx_files
from reseller_panel.spreadsheets import Format

KIND = "export"
# The files that only the job reads: what was asked for, the ids, the rows of an XLSX.
_WANTED, _IDS, _ROWS = "wanted.json", "ids", "rows.jsonl"
_BINARY = "application/octet-stream"
# Ids in a part of their file, of eight bytes each.
_IDS_A_PART = files.CHUNK // 8
# Rows of an XLSX between two looks whether the job is to go on.
_ROWS_A_LOOK = 5_000


@dataclass(frozen=True)
class Wanted:
    """`query`: the parameters of the list; `columns` as an address says them."""

    what: Literal["list", "clients", "entries"]
    form: Format
    columns: str = ""
    query: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, job: Job) -> Self:
        file = job.files.get(name=_WANTED)
        kept = json.loads(b"".join(files.read(file)))
        days = {
            name: kept[name] and date.fromisoformat(kept[name])
            for name in ("since", "until")
        }
        return cls(**kept | days | {"form": Format(kept["form"])})

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), default=str).encode()

    def _entries(self, by: User) -> EntryTable:
        assert self.since is not None
        assert self.until is not None
        return EntryTable(by, self.since, self.until)

    def table(self, by: User, today: date) -> Table:
        if self.what == "entries":
            return self._entries(by)
        return ClientTable(by, columns.asked(self.columns) or (), today)

    def ids(self, by: User, today: date) -> Iterator[int]:
        if self.what == "entries":
            entries = self._entries(by)
            return ids_between(reseller_of(by), entries.since, entries.until)
        return list_for(by, self.query, today).walk.every_id()


def start(
    wanted: Wanted,
    *,
    by: User,
    title: str,
    total: int | None = None,
    ids: Sequence[int] | None = None,
) -> Job:
    """Start it. With `ids` they are what is exported, and not asked for later."""
    url = reverse("clients:list")
    with transaction.atomic():
        job = running.start(
            reseller_of(by), by=by, kind=KIND, title=title, total=total, url=url
        )
        kept = _hidden(job, _WANTED)
        files.append(kept, wanted.as_bytes())
        if ids is not None:
            _keep_ids(job, ids)
    return job


@running.handles(KIND)
def make(work: running.Work) -> None:
    job, wanted = work.job, Wanted.of(work.job)
    zone = reseller_of(job.by).zone
    with timezone.override(zone):
        table = wanted.table(job.by, timezone.localdate())
        ids = _fixed_ids(work, wanted)
        if wanted.form is Format.CSV:
            _make_csv(work, table, ids)
        else:
            _make_xlsx(work, table, ids)
    work.summary = f"{job.total or 0:,} renglones"


def _hidden(job: Job, name: str) -> File:
    return files.create(job, name=name, content_type=_BINARY, is_hidden=True)


# ── The ids ───────────────────────────────────────────────────────────────────────


def _fixed_ids(work: running.Work, wanted: Wanted) -> File:
    """The file with the ids, in the order of the rows; made once."""
    job = work.job
    if found := job.files.filter(name=_IDS).first():
        return found
    with work.step():
        file, number = _keep_ids(job, wanted.ids(job.by, timezone.localdate()))
        work.expect(number)
    return file


def _keep_ids(job: Job, ids: Iterable[int]) -> tuple[File, int]:
    file, number = _hidden(job, _IDS), 0
    for piece in pieces(ids, _IDS_A_PART):
        files.append(file, array("q", piece).tobytes())
        number += len(piece)
    return file, number


def _ids_of(file: File) -> Iterator[int]:
    return chain.from_iterable(array("q", part) for part in files.read(file))


def _left(work: running.Work, ids: File) -> Iterator[list[int]]:
    """The pieces whose rows are not committed yet."""
    return pieces(islice(_ids_of(ids), work.job.done, None))


# ── CSV ───────────────────────────────────────────────────────────────────────────


def _make_csv(work: running.Work, table: Table, ids: File) -> None:
    """Nobody downloads it before its last row."""
    name = f"{table.name}.csv"
    file = work.job.files.filter(name__endswith=".csv").first()
    if file is None:
        with work.step():
            kind = Format.CSV.content_type
            file = files.create(work.job, name=name, content_type=kind, is_hidden=True)
            header = csv_files.BOM + "".join(csv_files.lines([table.header]))
            files.append(file, header.encode())
    for piece in _left(work, ids):
        lines = "".join(csv_files.lines(table.rows(piece)))
        with work.step(len(piece)):
            files.append(file, lines.encode())
    if file.is_hidden:
        with work.step():
            File.objects.filter(pk=file.pk).update(is_hidden=False)


# ── XLSX ──────────────────────────────────────────────────────────────────────────


def _make_xlsx(work: running.Work, table: Table, ids: File) -> None:
    if (work.job.total or 0) > xlsx_files.ROWS_MAX:
        raise running.Failed(
            f"Son {work.job.total:,} renglones, y una hoja de Excel tiene a lo más "
            f"{xlsx_files.ROWS_MAX:,}. Expórtelos a CSV, o filtre antes la lista."
        )
    job = work.job
    if job.files.filter(name__endswith=".xlsx").exists():
        return
    kept = job.files.filter(name=_ROWS).first()
    if kept is None:
        with work.step():
            kept = _hidden(job, _ROWS)
    for piece in _left(work, ids):
        lines = "".join(_line(row) for row in table.rows(piece))
        with work.step(len(piece)):
            files.append(kept, lines.encode())
    with TemporaryFile() as out:
        xlsx_files.write(out, table.header, _looking(work, _rows_of(kept)))
        out.seek(0)
        with work.step():
            name, kind = f"{table.name}.xlsx", Format.XLSX.content_type
            file = files.create(job, name=name, content_type=kind)
            files.store(file, iter(lambda: out.read(files.CHUNK), b""))


def _looking(
    work: running.Work, rows: Iterator[Sequence[object]]
) -> Iterator[Sequence[object]]:
    """These rows; it is stopped by whoever cancels the job meanwhile."""
    for piece in pieces(rows, _ROWS_A_LOOK):
        with work.step():
            pass
        yield from piece


def _line(row: Sequence[object]) -> str:
    return json.dumps(row, default=_day_as_text) + "\n"


def _day_as_text(value: Any) -> dict[str, str]:
    """A moment is one of the clock on the wall, as the cell will say it."""
    if isinstance(value, datetime):
        return {"moment": value.replace(tzinfo=None).isoformat()}
    assert isinstance(value, date)
    return {"day": value.isoformat()}


def _as_day(given: dict[str, str]) -> date:
    if text := given.get("moment"):
        return datetime.fromisoformat(text)
    return date.fromisoformat(given["day"])


def _rows_of(file: File) -> Iterator[list[object]]:
    """A line may begin in one part of the file and end in the next."""
    rest = b""
    for part in files.read(file):
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield json.loads(line, object_hook=_as_day)
