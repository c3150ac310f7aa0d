"""Any number of clients of a reseller, each with months of movements: what load_many
loads, and what tests and benchmarks measure with.

SQL (crowd.sql) writes them in the state the verbs would have left (`audit_ledger`
agrees), some thousands in a transaction. Every client is a function of its number, so
that every crowd is the same.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import Reseller, User
from clients import tally
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import TermUnit

PACKAGES = [
    PackageDetails(name="Chico", folios=60),
    PackageDetails(name="Mediano", folios=240, term_count=1, term_unit=TermUnit.YEAR),
    PackageDetails(name="Grande", folios=1200, term_count=1, term_unit=TermUnit.YEAR),
]
PIECE = 5_000  # clients per transaction
# About so many clients have up to forty stamps, the others two: the entries of a
# million would take a hundred gigabytes.
SAMPLE = 10_000
OWNER = "persona@ejemplo.mx"  # to whom all accounts of a crowd were given

_WORDS = {
    "given": "MARÍA JOSÉ GUADALUPE JUAN SOFÍA ÁNGEL BEGOÑA IÑAKI FERNANDA LUIS XÓCHITL "
    "MIGUEL VERÓNICA RAÚL TOMÁS INÉS".split(),
    "family": "HERNÁNDEZ GARCÍA NÚÑEZ PEÑA MUÑOZ LÓPEZ IBÁÑEZ ÁVILA TREVIÑO GUTIÉRREZ "
    "ZÚÑIGA MARTÍNEZ ROMO CASTAÑEDA QUIÑONES SÁENZ ARGÜELLO YÁÑEZ OROZCO".split(),
    "trade": "COMERCIALIZADORA FERRETERÍA TRANSPORTES CONSTRUCTORA PANADERÍA ABARROTES "
    "AUTOPARTES VIÑEDOS DISEÑO CONSULTORÍA HOTELES EMPACADORA TEXTILES PAPELERÍA "
    "ACEROS MUEBLERÍA ÓPTICA".split(),
    "place": [
        *("DEL NORTE", "DEL BAJÍO", "DE OCCIDENTE", "PENINSULAR", "DEL ISTMO"),
        *("LA LAGUNA", "DE LOS ALTOS", "MICHOACANA", "DEL GOLFO", "CUAUHTÉMOC"),
    ],
}


def make(reseller: Reseller, count: int) -> None:
    """Create `count` more clients of a reseller, and the packages if it has none."""
    for _ in pieces(reseller, count):
        pass


def pieces(reseller: Reseller, count: int) -> Iterator[int]:
    """The same piece by piece; yields how many of the `count` there are so far. What
    was stopped goes on with the next call, after the clients that there are."""
    user = User.objects.filter(email=OWNER).first()
    given: dict[str, Any] = {
        **_WORDS,
        "reseller": reseller.pk,
        "zone": reseller.time_zone,
        "user": (user or User.objects.create_user(OWNER, None)).pk,
        "packages": _packages(reseller),
        "stride": max(1, count // SAMPLE),
    }
    statements = Path(__file__).with_name("crowd.sql").read_text(encoding="utf-8")
    start = reseller.clients.count()
    for done in range(0, count, PIECE):
        until = min(count, done + PIECE)
        numbers = {"first": start + done + 1, "last": start + until}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statements, given | numbers)
        tally.fold(reseller.pk)
        yield until
    # Without statistics about the new rows the planner chooses bad plans.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _packages(reseller: Reseller) -> list[int]:
    """The ids of PACKAGES, which are put on sale if they are not."""
    ids = dict(reseller.packages.values_list("name", "id"))
    return [
        ids.get(details.name)
        or catalogue.create(reseller, details=details, services={}, by=None).pk
        for details in PACKAGES
    ]
