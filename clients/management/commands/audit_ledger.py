"""`manage.py audit_ledger`: add every ledger up again and name what is wrong.

Law: domain.md, invariants 1 and 2; quality.md, "Ledger and database". It only reads,
and trusts no stored total: sums, numbers and days, what lists are filtered by, and the
tally of clients are computed again in SQL, over one snapshot, while the product goes on
working. Exit status 1 if anything is wrong.
"""

from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from clients import tally
from clients.models.triggers import WRONG_SQL

# One row per client with an error: its first wrong entry or event, in the order of
# `seq`; or else what is wrong with its account.
FIRST_WRONG = f"""
WITH added AS (
    SELECT client_id, seq, kind, quantity, balance_after, reverses_id,
           sum(quantity) OVER (PARTITION BY client_id ORDER BY seq, id) AS total
    FROM clients_folioledger
),
history AS (
    SELECT client_id, seq FROM clients_folioledger
    UNION ALL
    SELECT client_id, seq FROM clients_clientevent
),
numbered AS (
    SELECT client_id, seq,
           row_number() OVER (PARTITION BY client_id ORDER BY seq) AS number,
           lag(seq) OVER (PARTITION BY client_id ORDER BY seq) AS previous
    FROM history
),
newest AS (
    SELECT client_id, max(seq) AS seq FROM history GROUP BY client_id
),
totals AS (
    SELECT client_id, sum(quantity) AS quantity
    FROM clients_folioledger GROUP BY client_id
),
moved AS (
    SELECT entry.client_id, entry.seq, entry.kind, entry.quantity, entry.balance_after,
           max((entry.created_at AT TIME ZONE reseller.time_zone)::date)
           OVER (PARTITION BY entry.client_id ORDER BY entry.seq) AS day
    FROM clients_folioledger AS entry
    JOIN clients_client AS client ON client.id = entry.client_id
    JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
),
ended AS (
    SELECT client_id, day,
           sum(CASE WHEN kind IN ('stamp', 'reversal') THEN -quantity ELSE 0 END)
               AS spent,
           (array_agg(balance_after ORDER BY seq DESC))[1] AS balance,
           max(day) FILTER (WHERE kind = 'stamp') AS stamped_on
    FROM moved GROUP BY client_id, day
),
dried AS (
    SELECT *, CASE WHEN lag(balance) OVER by_day = 0
                   THEN greatest(0, day - lag(day) OVER by_day - 1) ELSE 0 END AS dry
    FROM ended WINDOW by_day AS (PARTITION BY client_id ORDER BY day)
),
days AS (
    SELECT client_id, day, balance, sum(spent) OVER by_day AS spent,
           sum(dry) OVER by_day AS dry, max(stamped_on) OVER by_day AS stamped_on
    FROM dried WINDOW by_day AS (PARTITION BY client_id ORDER BY day)
),
last_days AS (
    SELECT DISTINCT ON (client_id) * FROM days ORDER BY client_id, day DESC
),
wrong AS (
    SELECT client_id, seq, 2 AS rank, format(
               'su saldo dice %s y la suma es %s', balance_after, total) AS problem
    FROM added WHERE balance_after IS DISTINCT FROM total
    UNION ALL
    SELECT client_id, seq, 3, format('su saldo es negativo (%s)', balance_after)
    FROM added WHERE balance_after < 0
    UNION ALL
    SELECT client_id, seq, 1, CASE WHEN seq = previous
               THEN 'su número está repetido'
               ELSE format('falta lo que va antes: se esperaba el número %s',
                           coalesce(previous, 0) + 1) END
    FROM numbered
    WHERE seq IS DISTINCT FROM coalesce(previous, 0) + 1
    UNION ALL
    SELECT reversal.client_id, reversal.seq, 4,
           'no devuelve lo que gastó el timbrado que dice revertir'
    FROM added AS reversal
    JOIN clients_folioledger AS stamp ON stamp.id = reversal.reverses_id
    WHERE reversal.kind = 'reversal'
      AND (stamp.client_id, stamp.kind, stamp.quantity)
       <> (reversal.client_id, 'stamp', -reversal.quantity)
    UNION ALL
    SELECT client.id, NULL, 5, 'no tiene cuenta de folios'
    FROM clients_client AS client
    LEFT JOIN clients_folioaccount AS account ON account.client_id = client.id
    WHERE account.client_id IS NULL
    UNION ALL
    SELECT client_id, NULL, 6, format('su cuenta dice %s folios y la suma es %s',
                                      account.balance, coalesce(totals.quantity, 0))
    FROM clients_folioaccount AS account
    LEFT JOIN totals USING (client_id)
    WHERE account.balance <> coalesce(totals.quantity, 0)
    UNION ALL
    SELECT client_id, NULL, 7, format('su cuenta va en el número %s y la historia '
                                      'en el %s', account.last_seq, newest.seq)
    FROM clients_folioaccount AS account
    LEFT JOIN newest USING (client_id)
    WHERE account.last_seq <> coalesce(newest.seq, 0)
    UNION ALL
    (SELECT DISTINCT ON (client_id) client_id, NULL::bigint, 8,
            format('su día %s dice %s gastados, %s de saldo y %s días sin folios, y la '
                   'suma es %s, %s y %s', to_char(day, 'DD/MM/YYYY'),
                   coalesce(kept.spent::text, 'nada'), kept.balance, kept.dry,
                   coalesce(days.spent::text, 'nada'), days.balance, days.dry)
     FROM clients_folioday AS kept FULL JOIN days USING (client_id, day)
     WHERE (kept.spent, kept.balance, kept.dry)
           IS DISTINCT FROM (days.spent, days.balance, days.dry)
     ORDER BY client_id, day)
    UNION ALL
    SELECT client_id, NULL, 9, 'su cuenta no va donde va su último día'
    FROM clients_folioaccount AS account
    LEFT JOIN last_days USING (client_id)
    WHERE (account.spent, account.dry, account.moved_on, account.stamped_on)
          IS DISTINCT FROM (coalesce(last_days.spent, 0), coalesce(last_days.dry, 0),
                            last_days.day, last_days.stamped_on)
    UNION ALL
    SELECT client_id, NULL, 10, 'las listas la muestran con datos que no son los suyos'
    FROM ({WRONG_SQL}) AS shown
)
SELECT DISTINCT ON (client.id)
       reseller.slug, client.rfc, client.legal_name, wrong.seq, wrong.problem
FROM wrong
JOIN clients_client AS client ON client.id = wrong.client_id
JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
ORDER BY client.id, wrong.seq NULLS LAST, wrong.rank
"""  # noqa: S608

COUNTS = """
SELECT (SELECT count(*) FROM clients_client),
       (SELECT count(*) FROM clients_folioledger),
       (SELECT count(*) FROM clients_clientevent)
"""


@dataclass(frozen=True)
class Wrong:
    """The first thing that is wrong with a client; `seq` is None for its account."""

    reseller: str
    rfc: str
    legal_name: str
    seq: int | None
    problem: str

    def __str__(self) -> str:
        where = "" if self.seq is None else f" movimiento {self.seq}:"
        return f"{self.reseller} {self.rfc} {self.legal_name}:{where} {self.problem}."


@dataclass(frozen=True)
class Audit:
    """How much was checked, and what is wrong with it."""

    clients: int
    entries: int
    events: int
    wrong: list[Wrong]
    wrong_counts: list[tally.Wrong]


def audit() -> Audit:
    """Add everything up in one snapshot. Must not be called inside a transaction."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Years of movements take longer than the timeout of a page.
        cursor.execute("SET LOCAL statement_timeout = 0")
        return add_up()


def add_up() -> Audit:
    """Add everything up as the caller's transaction sees it."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        clients, entries, events = cursor.fetchone()
        cursor.execute(FIRST_WRONG)
        wrong = [Wrong(*row) for row in cursor]
    return Audit(clients, entries, events, wrong, tally.audit())


class Command(BaseCommand):
    help = "Vuelve a sumar todos los movimientos y nombra el primero que esté mal."

    def handle(self, *args: Any, **options: Any) -> None:
        result = audit()
        found = [*result.wrong, *result.wrong_counts]
        for wrong in found:
            self.stdout.write(str(wrong))
        looked_at = (
            f"Clientes: {result.clients:,}. Movimientos: {result.entries:,}. "
            f"Eventos: {result.events:,}."
        )
        if found:
            raise CommandError(f"{looked_at} No cuadran: {len(found):,}.")
        self.stdout.write(f"{looked_at} Todo cuadra.")
