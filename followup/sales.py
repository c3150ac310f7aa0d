"""What was sold in a month, by package: assignments, renewals and additions.

The package is the one that the client's plan was a copy of when it was sold, from its
history; a sale that was undone is taken off again. Money is by the list prices of
today, for no entry keeps what was charged: a package at its price, an addition at the
price per folio. The folios of a month are those of totals.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Reseller
from clients.models import EntryKind
from followup.months import Month
from packages.models import Package

_CENT = Decimal("0.01")
UNKNOWN = "Sin paquete registrado"

# The plan of an entry is what the next renewal, or undo of one, says that it replaced;
# without a next one it is the plan of today. A renewal's own event stands right behind
# its entry; behind the entry that takes a renewal back stands the undo, perhaps with
# an entry for what had been lost between them.
_SOLD = """
SELECT CASE WHEN next.seq IS NULL THEN plan.package_id ELSE next.package END AS package,
       entry.kind,
       entry.kind = 'withdrawal' AND next.kind = 'unrenewed'
           AND next.seq <= entry.seq + 2 AS is_of_renewal,
       count(*), sum(entry.quantity)
  FROM clients_folioledger AS entry
  JOIN clients_client AS client ON client.id = entry.client_id
  JOIN clients_plan AS plan ON plan.client_id = entry.client_id
  LEFT JOIN LATERAL (
       SELECT seq, kind, (before -> 'former_plan' ->> 'package')::bigint AS package
         FROM clients_clientevent AS event
        WHERE event.client_id = entry.client_id
          AND event.kind IN ('renewed', 'unrenewed')
          AND event.seq > entry.seq + (entry.kind = 'renewal')::int
        ORDER BY seq LIMIT 1) AS next ON true
 WHERE client.reseller_id = %(reseller)s
   AND entry.kind IN ('assignment', 'renewal', 'addition', 'withdrawal')
   AND entry.created_at >= %(first)s AND entry.created_at < %(last)s
 GROUP BY 1, 2, 3"""


@dataclass(frozen=True)
class Sold:
    """Of a package in a month: how often, how many folios, and for how much; None where
    the package has no price. What was undone is in no number."""

    name: str
    assignments: int = 0
    renewals: int = 0
    additions: int = 0
    folios: int = 0
    amount: Decimal | None = None

    def __add__(self, other: "Sold") -> "Sold":
        """Of both together, under the name of the first; the money of those that have
        a price."""
        amounts = [one.amount for one in (self, other) if one.amount is not None]
        return replace(
            self,
            assignments=self.assignments + other.assignments,
            renewals=self.renewals + other.renewals,
            additions=self.additions + other.additions,
            folios=self.folios + other.folios,
            amount=sum(amounts, Decimal(0)) if amounts else None,
        )

    @property
    def is_nothing(self) -> bool:
        """All of it was undone."""
        return not (self.assignments or self.renewals or self.additions or self.folios)

    @property
    def values(self) -> list[object]:
        """What HEADER names, but for the month."""
        return [
            self.name,
            self.assignments,
            self.renewals,
            self.additions,
            self.folios,
            self.amount,
        ]


# Of a file; the month is its first day.
HEADER = (
    *("Mes", "Paquete", "Asignaciones", "Renovaciones", "Recargas"),
    *("Folios", "Importe a precio de lista"),
)


def of_month(reseller: Reseller, month: Month) -> list[Sold]:
    """The packages of which something was sold, the most folios first."""
    with connection.cursor() as cursor:
        zone = reseller.zone
        asked: dict[str, Any] = {
            "reseller": reseller.pk,
            "first": datetime.combine(month.first, time.min, zone),
            "last": datetime.combine((month + 1).first, time.min, zone),
        }
        cursor.execute(_SOLD, asked)
        found = cursor.fetchall()
    packages = Package.objects.in_bulk({pk for pk, *_ in found if pk})
    by_package: dict[int | None, list[Sold]] = defaultdict(list)
    for pk, kind, is_of_renewal, times, folios in found:
        package = packages.get(pk)
        one = _sold(package, EntryKind(kind), is_of_renewal, times, int(folios))
        by_package[pk].append(one)
    sold = [one for one in map(total, by_package.values()) if not one.is_nothing]
    return sorted(sold, key=lambda one: (-one.folios, one.name))


def total(sold: Iterable[Sold], name: str = "") -> Sold:
    first, *others = sold
    together = sum(others, first)
    return replace(together, name=name) if name else together


def _sold(
    package: Package | None,
    kind: EntryKind,
    is_of_renewal: bool,
    times: int,
    folios: int,
) -> Sold:
    if kind is EntryKind.WITHDRAWAL:
        kind = EntryKind.RENEWAL if is_of_renewal else EntryKind.ADDITION
        times = -times
    counts = {
        EntryKind.ASSIGNMENT: {"assignments": times},
        EntryKind.RENEWAL: {"renewals": times},
        EntryKind.ADDITION: {"additions": times},
    }[kind]
    amount = None
    if package is not None and package.price is not None:
        amount = package.price * times
        if kind is EntryKind.ADDITION:
            amount = (package.price * folios / package.folios).quantize(_CENT)
    name = package.name if package else UNKNOWN
    return Sold(name, **counts, folios=folios, amount=amount)


def rows_of(reseller: Reseller, months: Sequence[Month]) -> Iterable[Sequence[object]]:
    """For a file: month by month, a question each."""
    for month in months:
        for one in of_month(reseller, month):
            yield [month.first, *one.values]
