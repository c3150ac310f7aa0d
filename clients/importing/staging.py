"""Lines and rows of an import in the database: written by COPY, checked in portions.

A portion is checked in one transaction together with how far the check has come, so
whoever goes on after a kill -9 neither repeats nor leaves out a line. Who calls is
running.py. No rule of a row belongs here (checking.py).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Reseller, User
from clients.details import Details
from clients.importing.checking import Checked, Existing, Known, cells_of, check, rfc_of
from clients.importing.reading import Row, Table
from clients.importing.recognition import SAMPLE, key_of, recognise
from clients.importing.words import folded
from clients.lifecycle import basis_of
from clients.lifecycle.importing import additional_rfcs
from clients.models import (
    Client,
    ColumnNames,
    Import,
    ImportLine,
    ImportRow,
    PackageAlias,
)
from clients.models.imports import DRAFTS_MAX
from packages.models import Package

# Lines of one COPY and of one step of a check.
PORTION = 2_000
_LINES = "COPY clients_importline (batch_id, line, cells) FROM STDIN"
_COLUMNS = [str(field.column) for field in ImportRow._meta.concrete_fields]
_ROWS = f"COPY clients_importrow ({', '.join(_COLUMNS)}) FROM STDIN"


def digest_of(headers: Sequence[str]) -> str:
    return hashlib.sha256(key_of(headers).encode()).hexdigest()


def store(reseller: Reseller, table: Table, *, by: User, name: str) -> Import:
    """Keep a table, with what its columns seem to be. Nothing of it is kept if a line
    cannot be read: raises Unreadable."""
    with transaction.atomic():
        _forget_old(reseller)
        first = [*islice(table.rows, SAMPLE)]
        batch = Import.objects.create(
            reseller=reseller,
            by=by,
            name=name,
            headers=table.headers,
            columns=recognise(
                table.headers,
                [row.cells for row in first],
                packages=[package.name for package in reseller.packages.all()],
                today=reseller.local_date(timezone.now()),
                known=_remembered(reseller, table.headers),
            ),
            remarks=table.remarks,
            default_package=_only_package(reseller),
        )
        rows = iter([*first])
        batch.lines = _copy_lines(batch, rows)
        batch.lines += _copy_lines(batch, table.rows)
        batch.save(update_fields=["lines"])
        return batch


def _copy_lines(batch: Import, rows: Iterable[Row]) -> int:
    """Rows are read before each COPY, not during it: a statement has little time."""
    rows, count = iter(rows), 0
    while portion := [*islice(rows, PORTION)]:
        _copy(_LINES, ((batch.pk, line, _array(cells)) for line, cells in portion))
        count += len(portion)
    return count


def _array(cells: Sequence[str]) -> str:
    """The literal of an array of texts: psycopg's own takes ten times as long."""
    quoted = "\x00".join(cells).replace("\\", "\\\\").replace('"', '\\"')
    inner = quoted.replace("\x00", '","')
    return f'{{"{inner}"}}' if cells else "{}"


def _forget_old(reseller: Reseller) -> None:
    """Those of over a week ago, and all but the newest few that nobody confirmed."""
    own = Import.objects.filter(reseller=reseller)
    drafts = own.filter(confirmed_at=None).order_by("-pk").values_list("pk", flat=True)
    done = own.old().exclude(confirmed_at__isnull=False, finished_at=None)
    old = [*done.values_list("pk", flat=True), *drafts[DRAFTS_MAX - 1 :]]
    for model in (ImportRow, ImportLine):
        model.objects.filter(batch__in=old).delete()
    own.filter(pk__in=old).delete()


def discard(batch: Import) -> None:
    """With its lines; a job that checks it ends."""
    with transaction.atomic():
        for model in (ImportRow, ImportLine):
            model.objects.filter(batch=batch).delete()
        batch.delete()


def _only_package(reseller: Reseller) -> Package | None:
    on_sale = [*reseller.packages.on_sale()[:2]]
    return on_sale[0] if len(on_sale) == 1 else None


def _remembered(reseller: Reseller, headers: Sequence[str]) -> dict[str, str] | None:
    said = ColumnNames.objects.filter(
        reseller=reseller, digest=digest_of(headers)
    ).first()
    return dict(zip(said.headers, said.columns, strict=True)) if said else None


def remember(batch: Import) -> None:
    """What a person said of these columns, for the next file with the same ones."""
    ColumnNames.objects.update_or_create(
        reseller=batch.reseller,
        digest=digest_of(batch.headers),
        defaults={
            "headers": [folded(header) for header in batch.headers],
            "columns": batch.columns,
        },
    )


# ── The check ─────────────────────────────────────────────────────────────────────


def basis(reseller: Reseller, today: date) -> str:
    """What a check is made of: another one needs another check."""
    return basis_of(None, today, reseller.packages.on_sale())


def begin_check(batch: Import) -> None:
    """All lines are to be checked anew."""
    ImportRow.objects.filter(batch=batch).delete()
    batch.checked_line, batch.checked_at = 0, None
    batch.basis = basis(batch.reseller, batch.reseller.local_date(timezone.now()))
    batch.save(update_fields=["checked_line", "checked_at", "basis"])


def known_of(batch: Import) -> Known:
    """What the rows of this import are judged by, still without anybody's RFC."""
    reseller = batch.reseller
    packages: dict[str, Package | None] = {}
    for alias in PackageAlias.objects.filter(reseller=reseller).select_related(
        "package"
    ):
        packages[alias.name] = alias.package if alias.package.is_on_sale else None
    for package in reseller.packages.on_sale():
        packages[folded(package.name)] = package
    default, today = batch.default_package, reseller.local_date(timezone.now())
    on_sale = [package for package in packages.values() if package]
    return Known(
        headers=batch.headers,
        columns=batch.columns,
        packages=packages,
        default_package=default if default and default.is_on_sale else None,
        today=today,
        ends_on={one.pk: one.expiry_from(today) for one in on_sale},
    )


def lines_seen(batch: Import, known: Known) -> dict[str, int]:
    """The line of each RFC among the lines that are checked already."""
    rows = ImportRow.objects.filter(batch=batch).exclude(rfc="")
    seen: dict[str, int] = {}
    for rfc, line in rows.order_by("line").values_list("rfc", "line").iterator():
        seen.setdefault(rfc, line)
    return seen


def check_portion(batch: Import, known: Known, seen: dict[str, int]) -> int:
    """Check the next lines, in the transaction that is open. How many; 0 at the end."""
    portion = [
        *ImportLine.objects.filter(batch=batch, line__gt=batch.checked_line)
        .order_by("line")
        .values_list("line", "cells")[:PORTION]
    ]
    if not portion:
        return 0
    read = [(line, cells_of(known, cells)) for line, cells in portion]
    rfcs = {rfc for _, given in read if (rfc := rfc_of(given.texts))}
    with_them = _with_existing(batch.reseller, known, rfcs)
    checked = []
    for line, given in read:
        row = check(with_them, given, seen)
        if valid := row.details.get("rfc"):
            seen.setdefault(valid, line)
        checked.append(_columns_of(batch, line, row))
    _copy(_ROWS, checked)
    batch.checked_line = portion[-1][0]
    batch.save(update_fields=["checked_line"])
    return len(portion)


def check_line(batch: Import, line: int) -> Checked:
    """One line again, after somebody corrected it; in the open transaction."""
    known = known_of(batch)
    cells = ImportLine.objects.get(batch=batch, line=line).cells
    given = cells_of(known, cells)
    rfc = rfc_of(given.texts)
    known = _with_existing(batch.reseller, known, {rfc} - {""})
    others = ImportRow.objects.filter(batch=batch, rfc=rfc, line__lt=line)
    first = others.order_by("line").values_list("line", flat=True).first()
    row = check(known, given, {rfc: first} if rfc and first else {})
    ImportRow.objects.filter(batch=batch, line=line).delete()
    _copy(_ROWS, [_columns_of(batch, line, row)])
    return row


def _copy(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _with_existing(reseller: Reseller, known: Known, rfcs: set[str]) -> Known:
    clients = Client.objects.filter(reseller=reseller, rfc__in=rfcs)
    existing = {
        client.rfc: Existing(
            client.pk, client.account.last_seq, Details.of(client), client.missing
        )
        for client in clients.select_related("account")
    }
    held = frozenset(additional_rfcs(reseller, rfcs, known.today))
    values = {name: getattr(known, name) for name in known.__dataclass_fields__}
    return Known(**values | {"existing": existing, "additional": held})


def _columns_of(batch: Import, line: int, row: Checked) -> tuple[Any, ...]:
    """In the order of the model's fields."""
    details: Mapping[str, str] = row.details
    return (
        batch.pk,
        line,
        row.fate.value,
        row.problems or "{}",
        row.warnings or "{}",
        *(details.get(name, "") for name in _DETAILS),
        row.package.pk if row.package else None,
        row.package_name,
        row.folios,
        row.expires_on,
        row.created_on,
        row.is_suspended,
        row.existing.pk if row.existing else None,
        row.existing.seq if row.existing else 0,
        row.changed or "{}",
        "",
        "",
    )


_DETAILS = (
    "legal_name",
    "rfc",
    "tax_regime",
    "postal_code",
    "contact_email",
    "contact_name",
    "contact_phone",
)
