"""Keeps the outlooks of clients (models/standing.py), a set of clients per statement.

Of a reseller with few clients every outlook is made fresh before it is read, so what a
list says is always of this moment. Of one with more, `manage.py refresh_outlook` does
it in the background, what is looked at is made fresh by the look, and a list says of
when it is (`made`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import Reseller
from clients.forecast.suggestions import JUDGED_SQL, LARGEST_SQL
from clients.models import NEVER, OutlookPass

# Up to so many clients are made fresh by whoever asks: some milliseconds.
FEW_CLIENTS = 5_000
PIECE = 2_000  # clients per transaction of the background

_KEEP = f"""
UPDATE clients_standing AS kept
   SET day = %(today)s, seq = judged.seq, largest = judged.largest,
       runs_out_on = coalesce(judged.runs_out_on, %(never)s),
       stops_on = coalesce(judged.stops_on, %(never)s),
       idle_since = judged.idle_since, kind = coalesce(judged.kind, ''),
       urgency = coalesce(judged.urgency, 0), worth = coalesce(judged.worth, 0),
       basis = coalesce(judged.basis, '')
  FROM ({JUDGED_SQL}) AS judged WHERE kept.client_id = judged.client_id
"""  # noqa: S608
# The clients of whom something happened, or the day or the offer is another one.
_STALE = f"""
SELECT account.client_id
  FROM clients_folioaccount AS account
  JOIN clients_standing AS kept ON kept.client_id = account.client_id
 CROSS JOIN ({LARGEST_SQL}) AS sale (largest)
 WHERE account.reseller_id = %(reseller)s AND {{among}}
   AND (kept.seq, kept.day, kept.largest)
       IS DISTINCT FROM (account.last_seq, %(today)s::date, sale.largest)
"""  # noqa: S608
_IS_FEW = f"""(SELECT count(*) <= {FEW_CLIENTS}
  FROM (SELECT FROM clients_folioaccount WHERE reseller_id = %(reseller)s
         LIMIT {FEW_CLIENTS + 1}) AS them)"""  # noqa: S608
_IF_FEW = _STALE.format(among=_IS_FEW)
_AMONG = _STALE.format(among="account.client_id = ANY (%(clients)s)")
_NEXT = (
    # Said of both tables, so that neither is read from its beginning.
    _STALE.format(among="account.client_id > %(after)s AND kept.client_id > %(after)s")
    + f" ORDER BY account.client_id LIMIT {PIECE}"
)
_MADE = f"""
SELECT NOT {_IS_FEW},
       (SELECT at FROM clients_outlookpass WHERE reseller_id = %(reseller)s)"""  # noqa: S608
# Two who find the same outlooks stale take turns, and the second finds them fresh.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(1330985033, %(turn)s)"


def keep_fresh(reseller: Reseller, today: date) -> None:
    """Before a list is read that depends on outlooks."""
    _refresh(reseller, today, _IF_FEW)


def keep_fresh_of(clients: Sequence[int], reseller: Reseller, today: date) -> None:
    """The outlooks of these clients, which are looked at."""
    _refresh(reseller, today, _AMONG, clients=list(clients))


def _refresh(reseller: Reseller, today: date, which: str, **asked: Any) -> None:
    asked = _asked(reseller, today) | asked
    if not _ids(which, asked):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_TURNS, asked)
        cursor.execute(_KEEP, asked | {"clients": _ids(which, asked)})


def refresh_all(reseller: Reseller, today: date, now: datetime) -> int:
    """Make all outlooks of a reseller fresh, a piece at a time. Returns how many were
    not. What was stopped goes on where it was: what is fresh is passed over."""
    done, asked = 0, _asked(reseller, today) | {"after": 0}
    while stale := _ids(_NEXT, asked):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE_TURNS, asked)
            cursor.execute(_KEEP, asked | {"clients": stale})
        done, asked["after"] = done + len(stale), stale[-1]
    OutlookPass.objects.update_or_create(reseller=reseller, defaults={"at": now})
    return done


@dataclass(frozen=True)
class Made:
    """How a reseller's outlooks are made: at each look, or at intervals, the last time
    `at`; None if not once yet, so that lists by pace do not know yet what ends."""

    at_intervals: bool
    at: datetime | None


def made(reseller: Reseller) -> Made:
    with connection.cursor() as cursor:
        cursor.execute(_MADE, {"reseller": reseller.pk})
        return Made(*cursor.fetchone())


def _asked(reseller: Reseller, today: date) -> dict[str, Any]:
    return {
        "reseller": reseller.pk,
        "today": today,
        "never": NEVER,
        "turn": reseller.pk % 2**31,
    }


def _ids(query: str, asked: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return [pk for (pk,) in cursor]
