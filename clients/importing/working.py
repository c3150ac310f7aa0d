"""The check and the writing of an import, in steps that a kill -9 cannot double.

Up to NOW_MAX lines are checked in the request; more by a job, as whatever is written.
Each step commits what it did together with the line it came to (models/imports.py,
`checked_line` and its like).
"""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Reseller, User
from clients import lifecycle
from clients.details import NAMES, Details
from clients.importing import staging
from clients.importing.checking import Checked
from clients.importing.reporting import READ, report, summary
from clients.lifecycle import Newcomer
from clients.models import Client, Fate, Import, ImportLine, ImportRow, Result
from clients.models.imports import ImportQuerySet
from jobs import running
from jobs.models import Job
from packages.models import Package
from reseller_panel.refusals import Refused
from reseller_panel.spanish import counted

CHECK, WRITE = "import-check", "import"
# Lines that are checked in the request itself.
NOW_MAX = 2_000
# Clients created in one step, and clients edited in one.
CREATED, UPDATED = 1_000, 20
# Seconds that a request works on it before a worker goes on.
SECONDS = 3


class NotAsShown(Refused):
    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Algo cambió desde que se revisó el archivo (sus paquetes, o el día), y no "
            "se importó nada. Así quedaría ahora: revíselo y confírmelo otra vez."
        )


class NothingToDo(Refused):
    def __init__(self) -> None:
        super().__init__("No hay ningún renglón que importar.")


# ── The check ─────────────────────────────────────────────────────────────────────


def check(batch: Import, *, by: User, url: str) -> None:
    """Check all lines, at once or by a job."""
    with transaction.atomic():
        batch = _locked(batch)
        if batch.check_job:
            running.cancel(batch.check_job)
        staging.begin_check(batch)
        batch.check_job = None
        if batch.lines > NOW_MAX:
            batch.check_job = running.start(
                batch.reseller,
                by=by,
                kind=CHECK,
                title=f"Revisar {counted(batch.lines, 'renglón', 'renglones')}",
                total=batch.lines,
                url=url,
                in_request=True,
            )
        else:
            known = staging.known_of(batch)
            seen: dict[str, int] = {}
            while staging.check_portion(batch, known, seen):
                pass
            batch.checked_at = timezone.now()
        batch.save(update_fields=["check_job", "checked_at"])
    if batch.check_job:
        running.run_now(batch.check_job, seconds=SECONDS)


@running.handles(CHECK)
def _check(work: running.Work) -> None:
    batch = _of_job(Import.objects.filter(check_job=work.job))
    known = staging.known_of(batch)
    seen = staging.lines_seen(batch, known)
    while (left := batch.lines - work.job.done) > 0:
        with work.step(min(left, staging.PORTION)):
            _refuse_other_check(batch, work.job)
            staging.check_portion(batch, known, seen)
    with work.step():
        _refuse_other_check(batch, work.job)
        batch.checked_at = timezone.now()
        batch.save(update_fields=["checked_at"])
    work.summary = "El archivo está revisado: falta que lo confirme."


def correct(batch: Import, line: int, cells: list[str]) -> Checked:
    """Put these cells in the place of a line's, and check it at once, and the lines
    that have its former or new RFC too. What is wrong still is not kept."""
    with transaction.atomic():
        batch = _locked(batch)
        old = ImportRow.objects.get(batch=batch, line=line).rfc
        ImportLine.objects.filter(batch=batch, line=line).update(cells=cells)
        row = staging.check_line(batch, line)
        if row.problems:
            transaction.set_rollback(True)
            return row
        others = ImportRow.objects.filter(
            batch=batch, rfc__in={old, row.details.get("rfc", "")} - {""}, line__gt=line
        )
        for other in others.order_by("line").values_list("line", flat=True)[:20]:
            staging.check_line(batch, other)
        return row


def _refuse_other_check(batch: Import, job: Job) -> None:
    """Raises Failed if the columns were chosen anew, or the file was discarded."""
    own = Import.objects.select_for_update(of=("self",)).filter(pk=batch.pk)
    checked_by = own.values_list("check_job", flat=True).first()
    if checked_by != job.pk:
        raise running.Failed("Ya no hace falta: se cambió o se descartó el archivo.")


# ── The writing ───────────────────────────────────────────────────────────────────


def confirm(batch: Import, *, by: User, updates_existing: bool, url: str) -> Job:
    """Import what the check showed; the same again is the same job. Raises NotAsShown,
    after which it is to be checked again, and NothingToDo."""
    with transaction.atomic():
        batch = _locked(batch)
        if batch.confirmed_at is None:
            today = batch.reseller.local_date(timezone.now())
            if batch.checked_at is None or batch.basis != staging.basis(
                batch.reseller, today
            ):
                raise NotAsShown
            fates = [Fate.NEW, *([Fate.CHANGES] if updates_existing else [])]
            total = ImportRow.objects.filter(batch=batch, fate__in=fates).count()
            if not total:
                raise NothingToDo
            batch.job = running.start(
                batch.reseller,
                by=by,
                kind=WRITE,
                title=f"Importar {counted(total, 'cliente')} de {batch.name}"[:150],
                total=total,
                url=url,
                in_request=True,
            )
            batch.updates_existing = updates_existing
            batch.confirmed_at = timezone.now()
            batch.save(update_fields=["job", "updates_existing", "confirmed_at"])
    if batch.job is None:
        raise NothingToDo
    return running.run_now(batch.job, seconds=SECONDS)


@running.handles(WRITE)
def _write(work: running.Work) -> None:
    batch = _of_job(Import.objects.filter(job=work.job))
    while rows := _next(batch, Fate.NEW, batch.written_line, CREATED):
        with work.step(len(rows)):
            _create(batch, rows, by=work.job.by)
            batch.written_line = rows[-1].line
            batch.save(update_fields=["written_line"])
    while batch.updates_existing and (
        rows := _next(batch, Fate.CHANGES, batch.updated_line, UPDATED)
    ):
        with work.step(len(rows)):
            for row in rows:
                _update(row, by=work.job.by)
            batch.updated_line = rows[-1].line
            batch.save(update_fields=["updated_line"])
    report(work, batch)
    with work.step():
        batch.finished_at = timezone.now()
        batch.save(update_fields=["finished_at"])
    work.summary = summary(batch)


def _next(batch: Import, fate: Fate, after: int, count: int) -> list[Any]:
    """The next rows with this fate, as tuples with the names of their columns: a model
    of each would take as long as to create its client."""
    rows = ImportRow.objects.filter(batch=batch, fate=fate, line__gt=after)
    return [*rows.order_by("line").values_list(*READ, named=True)[:count]]


def _create(batch: Import, rows: list[Any], *, by: User) -> None:
    reseller = batch.reseller
    packages = Package.objects.in_bulk({row.package_id for row in rows})
    today = reseller.local_date(timezone.now())
    newcomers = [
        Newcomer(
            details=Details(**{name: getattr(row, name) for name in NAMES}),
            package=packages[row.package_id],
            reference=f"import:{batch.public_id.hex}:{row.line}",
            folios=row.folios,
            expires_on=row.expires_on,
            created_at=_moment(reseller, row.created_on, today),
            is_suspended=row.is_suspended,
        )
        for row in rows
    ]
    results = lifecycle.create_many(
        reseller, newcomers, by=by, reason=f"Importado de «{batch.name}»."
    )
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, Refused):
            _skip(row, str(result))


def _moment(reseller: Reseller, day: date | None, today: date) -> datetime | None:
    """The beginning of a past day; None for today."""
    if day is None or day >= today:
        return None
    return datetime.combine(day, time.min, reseller.zone)


def _update(row: Any, *, by: User) -> None:
    client = Client.objects.filter(pk=row.client_id).first()
    if client is None:
        return _skip(row, "El cliente ya no está.")
    changes = {name: getattr(row, name) for name in row.changed}
    try:
        lifecycle.update_as_shown(client, changes=changes, seq=row.seq, by=by)
    except lifecycle.PreviewChanged:
        _skip(row, "Cambió después de la revisión. Vuelva a subir el archivo.")
    except Refused as refused:
        _skip(row, str(refused))


def _skip(row: Any, reason: str) -> None:
    ImportRow.objects.filter(batch=row.batch_id, line=row.line).update(
        result=Result.SKIPPED, reason=reason
    )


def _locked(batch: Import) -> Import:
    return (
        Import.objects.select_for_update(of=("self",))
        .select_related("reseller", "default_package", "job")
        .get(pk=batch.pk)
    )


def _of_job(found: ImportQuerySet) -> Import:
    batch = found.select_related("reseller", "default_package").first()
    if batch is None:
        raise running.Failed("El archivo ya no está: súbalo otra vez.")
    return batch
