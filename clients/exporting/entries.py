"""Which movements of all clients of a reseller were made between two days.

Of each client they are a stretch of `seq`, which is the order and has an index; its two
ends are found by halving, as in clients/movements/reader.py, so that no history is read
from its beginning.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from accounts.models import Reseller

PIECE = 10_000

# Only clients with a movement on these days.
_STRETCHES = """
WITH RECURSIVE moved AS (
    SELECT account.client_id, account.last_seq
      FROM clients_folioaccount AS account
     WHERE account.reseller_id = %(reseller)s
       AND EXISTS (SELECT FROM clients_folioday AS one
                    WHERE one.client_id = account.client_id
                      AND one.day BETWEEN %(since)s AND %(until)s)
), search (client_id, at, low, high) AS (
    SELECT client_id, moment, 0::bigint, last_seq + 1
      FROM moved, unnest(%(moments)s::timestamptz[]) AS moment
  UNION ALL
    SELECT search.client_id, at,
           CASE WHEN probe.created_at < at THEN probe.seq ELSE low END,
           CASE WHEN probe.created_at < at THEN high ELSE (low + high) / 2 END
      FROM search
      LEFT JOIN LATERAL (
           SELECT seq, created_at FROM clients_folioledger AS entry
            WHERE entry.client_id = search.client_id
              AND seq >= (low + high) / 2 AND seq < high
            ORDER BY seq LIMIT 1) AS probe ON true
     WHERE high - low > 1
), stretch AS (
    SELECT client_id,
           max(low) FILTER (WHERE at = %(first)s) AS low,
           max(low) FILTER (WHERE at = %(last)s) AS high
      FROM search GROUP BY client_id
)
SELECT entry.id
  FROM stretch
  JOIN clients_folioledger AS entry ON entry.client_id = stretch.client_id
   AND entry.seq > stretch.low AND entry.seq <= stretch.high
"""
_IN_ORDER = """
  JOIN clients_client AS client ON client.id = entry.client_id
 ORDER BY client.sort_name, client.id, entry.seq"""


def count_up_to(most: int, reseller: Reseller, since: date, until: date) -> int:
    """How many there are, and no more than `most` of them."""
    asked = _asked(reseller, since, until) | {"most": most}
    query = f"SELECT count(*) FROM ({_STRETCHES} LIMIT %(most)s) AS them"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        (number,) = cursor.fetchone()
    return int(number)


def ids_between(reseller: Reseller, since: date, until: date) -> Iterator[int]:
    """By client in the order of names, then as they happened. Only a piece of them is
    in memory. Within a transaction, which a cursor of the server needs."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_STRETCHES + _IN_ORDER, _asked(reseller, since, until))
        while piece := cursor.fetchmany(PIECE):
            yield from (pk for (pk,) in piece)


def _asked(reseller: Reseller, since: date, until: date) -> dict[str, Any]:
    first = datetime.combine(since, time.min, reseller.zone)
    last = datetime.combine(until + timedelta(days=1), time.min, reseller.zone)
    return {
        "reseller": reseller.pk,
        "since": since,
        "until": until,
        "moments": [first, last],
        "first": first,
        "last": last,
    }
