"""The part of importing.py that runs inside the product: one side, once."""

import csv
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from stdnum.mx.rfc import calc_check_digit  # noqa: E402

from accounts.models import Reseller, User  # noqa: E402
from clients.importing import staging, workbooks, working  # noqa: E402
from clients.importing.recognition import FIELDS  # noqa: E402
from clients.models import (  # noqa: E402
    Client,
    ClientEvent,
    FolioAccount,
    FolioDay,
    FolioLedger,
    Membership,
    Plan,
)
from jobs import running  # noqa: E402
from packages.models import Package, TermUnit  # noqa: E402

AT_ONCE = 1_000
_LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZ"


def seller() -> tuple[Reseller, User, Package]:
    """A new one, with a package."""
    number = Reseller.objects.count() + 1
    reseller = Reseller.objects.create(name=f"Banco {number}", slug=f"banco-{number}")
    person = User.objects.create_user(f"banco{number}@ejemplo.mx", reseller=reseller)
    package = Package.objects.create(
        reseller=reseller,
        name="PYME",
        folios=100,
        term_count=1,
        term_unit=TermUnit.YEAR,
    )
    return reseller, person, package


def values(count: int, of: str) -> Iterator[dict[str, str]]:
    """Rows as another system has them, every column filled in."""
    rng = random.Random(7)
    for n in range(count):
        day = date(1970, 1, 1) + timedelta(days=n % 18_000)
        stem = "".join(_LETTERS[n // 25**place % 25] for place in range(3))
        stem += f"{day:%y%m%d}{rng.choice(_LETTERS)}{n % 10}"
        yield {
            "rfc": stem + calc_check_digit(stem),
            "legal_name": f"COMERCIALIZADORA {stem} DEL NORTE",
            "package": "PYME",
            "folios": f"{rng.randrange(1, 5_000):,}",
            "expires_on": f"{date(2027, 1, 1) + timedelta(days=n % 900):%d/%m/%Y}",
            "created_on": f"{date(2020, 1, 1) + timedelta(days=n % 2_000):%d/%m/%Y}",
            "status": "activo",
            "contact_email": f"pagos{n}@{of}.mx",
            "contact_name": f"Contacto {n}",
            "contact_phone": f"55{10_000_000 + n * 7 % 89_999_999}",
            "tax_regime": "601",
            "postal_code": f"{1_000 + n % 90_000:05}",
        }


def file_of(count: int, of: str) -> bytes:
    """A CSV, made on the disk so as not to count as the memory of the import."""
    keys = [field.key for field in FIELDS]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "banco.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([field.label for field in FIELDS])
            writer.writerows([row[key] for key in keys] for row in values(count, of))
        return path.read_bytes()


def by_import(count: int) -> float:
    """Seconds from the file's bytes to the last client."""
    reseller, person, _ = seller()
    content = file_of(count, reseller.slug)
    began = perf_counter()
    table = workbooks.of_bytes(content)
    batch = staging.store(reseller, table, by=person, name="banco.csv")
    working.check(batch, by=person, url="")
    batch.refresh_from_db()
    read = perf_counter()
    if batch.check_job:
        running.run(batch.check_job.pk)
        batch.refresh_from_db()
    checked = perf_counter()
    job = working.confirm(batch, by=person, updates_existing=False, url="")
    running.run(job.pk)
    took = perf_counter() - began
    assert reseller.clients.count() == count
    print(
        f"read and begun {read - began:.1f} s, checked {checked - read:.1f} s, "
        f"written {began + took - checked:.1f} s",
        file=sys.stderr,
    )
    return took


def by_bulk_create(count: int) -> float:
    """Seconds for the same rows through the ORM, a thousand at a time."""
    reseller, person, package = seller()
    rows = values(count, reseller.slug)
    portion: list[dict[str, str]] = []
    began = perf_counter()
    for number, row in enumerate(rows, 1):
        portion.append(row)
        if len(portion) == AT_ONCE or number == count:
            with transaction.atomic():
                _bulk(reseller, person, package, portion)
            portion = []
    return perf_counter() - began


def _bulk(
    reseller: Reseller, person: User, package: Package, rows: list[dict[str, str]]
) -> None:
    now = timezone.now()
    today = reseller.local_date(now)
    people = User.objects.bulk_create(
        User(email=row["contact_email"], password="!" + "x" * 40) for row in rows
    )
    clients = Client.objects.bulk_create(
        Client(
            reseller=reseller,
            user=user,
            created_at=now - timedelta(days=400),
            history_from=now,
            expires_on=today,
            rfc_since=today,
            **{name: row[name] for name in _DETAILS},
        )
        for row, user in zip(rows, people, strict=True)
    )
    Plan.objects.bulk_create(
        Plan(
            client=client,
            package=package,
            assigned_at=now,
            anchor_day=today.day,
            **package.terms(),
        )
        for client in clients
    )
    folios = [int(row["folios"].replace(",", "")) for row in rows]
    FolioAccount.objects.bulk_create(
        FolioAccount(
            client=client, reseller=reseller, balance=many, last_seq=2, moved_on=today
        )
        for client, many in zip(clients, folios, strict=True)
    )
    FolioDay.objects.bulk_create(
        FolioDay(client=client, day=today, spent=0, balance=many, dry=0)
        for client, many in zip(clients, folios, strict=True)
    )
    ClientEvent.objects.bulk_create(
        ClientEvent(
            client=client,
            seq=1,
            kind="created",
            by=person,
            after={"plan": package.name, **{name: row[name] for name in _DETAILS}},
            created_at=now,
        )
        for client, row in zip(clients, rows, strict=True)
    )
    FolioLedger.objects.bulk_create(
        FolioLedger(
            client=client,
            seq=2,
            kind="assignment",
            quantity=many,
            balance_after=many,
            reference=f"import:{client.pk}",
            by=person,
            created_at=now,
        )
        for client, many in zip(clients, folios, strict=True)
    )
    Membership.objects.bulk_create(
        Membership(
            client=client,
            user=user,
            email=user.email,
            created_at=now,
            created_by=person,
        )
        for client, user in zip(clients, people, strict=True)
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

if __name__ == "__main__":
    which, rows = sys.argv[1], int(sys.argv[2])
    seconds = by_import(rows) if which == "import" else by_bulk_create(rows)
    # Kilobytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows / seconds:.1f} rows/s, {peak:.0f} MB")
