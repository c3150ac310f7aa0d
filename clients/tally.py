"""The counts of a reseller's clients: exact and as fast for a million as for sixty.

Reads the rows of models/tally.py, which triggers write. `today` is an argument: rows
have days, so what expires at midnight is counted as expired without anybody's doing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import connection, transaction

from clients.status import Status

# Rows beyond those that a folded tally needs: from here on, who reads it folds it.
_LOOSE_MAX = 500

# The status rule over rows of Tally (status.py), which have no moments.
_STATUS = f"""CASE WHEN is_suspended THEN '{Status.SUSPENDED}'
     WHEN expires_on < %(today)s THEN '{Status.EXPIRED}'
     WHEN is_exhausted THEN '{Status.EXHAUSTED}' ELSE '{Status.ACTIVE}' END"""
_COUNT = f"""
SELECT is_archived, {_STATUS} AS status, sum(clients), sum(rows), count(*)
  FROM (SELECT is_archived, is_suspended, is_exhausted, expires_on,
               sum(clients) AS clients, count(*) AS rows
          FROM clients_tally
         WHERE reseller_id = %(reseller)s
           AND (%(since)s::date IS NULL OR expires_on >= %(since)s)
           AND (%(until)s::date IS NULL OR expires_on <= %(until)s)
         GROUP BY 1, 2, 3, 4) AS kinds
 GROUP BY 1, 2"""  # noqa: S608


@dataclass(frozen=True)
class Counts:
    """Clients by status: those of the list, and the archived ones."""

    listed: dict[Status, int]
    archived: dict[Status, int]

    @classmethod
    def none(cls) -> Self:
        return cls(dict.fromkeys(Status, 0), dict.fromkeys(Status, 0))

    def add(self, status: Status, clients: int, *, is_archived: bool) -> None:
        (self.archived if is_archived else self.listed)[status] += clients


def count(
    reseller_id: int,
    today: date,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Counts:
    """The counts on `today`; with `since` or `until`, of the clients whose term ends
    within these days, both included."""
    asked: dict[str, Any] = {
        "reseller": reseller_id,
        "today": today,
        "since": since,
        "until": until,
    }
    found, loose = Counts.none(), 0
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, asked)
        for is_archived, status, clients, rows, kinds in cursor:
            found.add(Status(status), int(clients), is_archived=is_archived)
            loose += rows - kinds
    if loose > _LOOSE_MAX:
        fold(reseller_id)
    return found


# Whoever folds takes the rows that are committed; those of transactions that are still
# open stay for the next time. A second one at the same time would only wait.
_FOLD = """
WITH taken AS (
DELETE FROM clients_tally WHERE reseller_id = %s
RETURNING reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)
INSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted,
                           expires_on, clients)
SELECT reseller_id, is_archived, is_suspended, is_exhausted, expires_on, sum(clients)
  FROM taken GROUP BY 1, 2, 3, 4, 5 HAVING sum(clients) <> 0"""
_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(1413565516, %s)"


def fold(reseller_id: int) -> None:
    """Make one row of the rows of each kind."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [reseller_id % 2**31])
        (is_mine,) = cursor.fetchone()
        if is_mine:
            cursor.execute(_FOLD, [reseller_id])


# One row for every kind whose rows do not add up to its clients.
_WRONG = """
WITH kept AS (
SELECT reseller_id, is_archived, is_suspended, is_exhausted, expires_on,
       sum(clients) AS clients
  FROM clients_tally GROUP BY 1, 2, 3, 4, 5 HAVING sum(clients) <> 0),
counted AS (
SELECT client.reseller_id, archived_at IS NOT NULL AS is_archived,
       suspended_at IS NOT NULL AS is_suspended, balance = 0 AS is_exhausted,
       expires_on, count(*) AS clients
  FROM clients_client AS client
  JOIN clients_folioaccount AS account ON account.client_id = client.id
 GROUP BY 1, 2, 3, 4, 5),
differences AS (
SELECT reseller_id, is_archived, is_suspended, is_exhausted, expires_on,
       sum(clients) FILTER (WHERE is_kept) AS kept,
       sum(clients) FILTER (WHERE NOT is_kept) AS counted
  FROM (SELECT *, true AS is_kept FROM kept
         UNION ALL SELECT *, false FROM counted) AS rows
 GROUP BY 1, 2, 3, 4, 5
HAVING sum(CASE WHEN is_kept THEN clients ELSE -clients END) <> 0)
SELECT slug, is_archived, is_suspended, is_exhausted, expires_on,
       coalesce(kept, 0)::bigint, coalesce(counted, 0)::bigint
  FROM differences JOIN accounts_reseller AS reseller ON reseller.id = reseller_id
 ORDER BY 1, 2, 3, 4, 5"""


@dataclass(frozen=True)
class Wrong:
    """A kind of which the tally says another number than the clients."""

    reseller: str
    is_archived: bool
    is_suspended: bool
    is_exhausted: bool
    expires_on: date | None
    kept: int
    counted: int

    def __str__(self) -> str:
        facts = (
            ("archivados", self.is_archived),
            ("suspendidos", self.is_suspended),
            ("sin folios", self.is_exhausted),
            (f"con vigencia {self.expires_on}", True),
        )
        kind = ", ".join(name for name, holds in facts if holds)
        return (
            f"{self.reseller}: la cuenta dice {self.kept:,} clientes ({kind}) y hay "
            f"{self.counted:,}."
        )


def audit() -> list[Wrong]:
    """Count all clients of all resellers again; what is wrong."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return [Wrong(*row) for row in cursor]
