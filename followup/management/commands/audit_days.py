"""`manage.py audit_days`: recompute the stored days of every reseller from the ledger.

Like `audit_ledger`, but for the totals of followup: it only reads, trusts neither
ResellerDay nor FolioDay, and names the first wrong day of each reseller. Exit status 1
if there is one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

# The days of a client never go back: a stamp counts on the latest day so far.
FIRST_WRONG = """
WITH entries AS (
    SELECT client.reseller_id, entry.kind, entry.quantity,
           (entry.created_at AT TIME ZONE reseller.time_zone)::date AS said,
           max((entry.created_at AT TIME ZONE reseller.time_zone)::date)
           OVER (PARTITION BY entry.client_id ORDER BY entry.seq) AS kept
    FROM clients_folioledger AS entry
    JOIN clients_client AS client ON client.id = entry.client_id
    JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
),
moved AS (
    SELECT reseller_id, kept AS day, -quantity AS stamped, 0 AS sold
    FROM entries WHERE kind IN ('stamp', 'reversal')
    UNION ALL
    SELECT reseller_id, said, 0, quantity
    FROM entries WHERE kind IN ('assignment', 'renewal', 'addition', 'withdrawal')
),
totals AS (
    SELECT reseller_id, day, sum(stamped) AS stamped, sum(sold) AS sold
    FROM moved GROUP BY reseller_id, day
),
stored AS (
    SELECT * FROM followup_resellerday WHERE is_counted
),
closed AS (
    SELECT reseller_id, max(day) AS last FROM stored GROUP BY reseller_id
)
SELECT DISTINCT ON (reseller.slug)
       reseller.slug, day, coalesce(kept.stamped, 0), coalesce(kept.sold, 0),
       coalesce(totals.stamped, 0), coalesce(totals.sold, 0)
FROM stored AS kept
FULL JOIN totals USING (reseller_id, day)
JOIN closed USING (reseller_id)
JOIN accounts_reseller AS reseller ON reseller.id = reseller_id
WHERE day <= closed.last
  AND (coalesce(kept.stamped, 0), coalesce(kept.sold, 0))
   <> (coalesce(totals.stamped, 0), coalesce(totals.sold, 0))
ORDER BY reseller.slug, day
"""


@dataclass(frozen=True)
class Wrong:
    """The first day of a reseller whose totals are not what the ledger adds up to."""

    reseller: str
    day: date
    stamped: int
    sold: int
    real_stamped: int
    real_sold: int

    def __str__(self) -> str:
        return (
            f"{self.reseller}, {self.day:%d/%m/%Y}: dice {self.stamped:,} timbrados y "
            f"{self.sold:,} vendidos; la suma es {self.real_stamped:,} y "
            f"{self.real_sold:,}."
        )


def audit() -> tuple[int, list[Wrong]]:
    """How many days are stored, and the wrong ones. Call it outside a transaction."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        return add_up()


def add_up() -> tuple[int, list[Wrong]]:
    """The result of `audit`, as the transaction of the caller sees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM followup_resellerday WHERE is_counted")
        (days,) = cursor.fetchone()
        cursor.execute(FIRST_WRONG)
        return days, [Wrong(*row) for row in cursor]


class Command(BaseCommand):
    help = (
        "Vuelve a sumar los días de cada revendedor y nombra el primero que esté mal."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        days, wrong = audit()
        for one in wrong:
            self.stdout.write(str(one))
        if wrong:
            raise CommandError(f"Días: {days:,}. No cuadran: {len(wrong):,}.")
        self.stdout.write(f"Días: {days:,}. Todo cuadra.")
