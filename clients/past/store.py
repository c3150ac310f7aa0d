"""The SQL of the past, and its rows as objects: the rule of past/__init__.py, once.

It decides nothing. Nothing else reads history by time; the callers are past/__init__.py
and, for a whole list, past_filters.py.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from clients.models import ClientQuerySet, EventKind
from clients.status import Status, derive_status


class Then(NamedTuple):
    """The facts of a client at the end of a day, in the columns of _FACTS. `seq` is its
    last record of until then."""

    client_id: int
    created_at: datetime
    sort_name: str
    seq: int
    balance: int
    suspended_at: datetime | None
    archived_at: datetime | None
    expires_on: date | None

    def status_on(self, day: date) -> Status:
        return derive_status(
            suspended_at=self.suspended_at,
            expires_on=self.expires_on,
            balance=self.balance,
            today=day,
        )


_RENEWAL = f"('{EventKind.RENEWED.value}', '{EventKind.RENEWAL_UNDONE.value}')"
_PLAN = f"('{EventKind.CREATED.value}', '{EventKind.PLAN_EDITED.value}', {_RENEWAL[1:]}"


def _since(begins: str, ends: str) -> str:
    """When the state in force began: that of the last event of the two kinds."""
    return f"""
    (SELECT CASE kind WHEN '{begins}' THEN created_at END
       FROM clients_clientevent AS event
      WHERE event.client_id = client.id AND event.seq <= cut.seq
        AND kind IN ('{begins}', '{ends}') ORDER BY seq DESC LIMIT 1)"""  # noqa: S608


def _fact(name: str, present: str) -> str:
    """What the last event until the cut left; without one that says it, what the next
    event found; without that either nothing has changed it, and the present value is
    that of then. `null` in JSON is a value: it ends the search."""
    return f"""
    COALESCE(
      (SELECT after -> '{name}' FROM clients_clientevent AS event
        WHERE event.client_id = client.id AND event.seq <= cut.seq
          AND kind IN {_PLAN} AND after ? '{name}' ORDER BY seq DESC LIMIT 1),
      (SELECT before -> '{name}' FROM clients_clientevent AS event
        WHERE event.client_id = client.id AND event.seq > cut.seq
          AND kind IN {_PLAN} AND before ? '{name}' ORDER BY seq LIMIT 1),
      to_jsonb({present}))"""  # noqa: S608


def _former(present: str, path: str) -> str:
    """What the next renewal, or undo of one, kept of the plan that it replaced; NULL if
    it kept nothing, as those of before it was kept. Without a next one the plan of
    then is the present one."""
    return f"""
    (SELECT CASE WHEN next.seq IS NULL THEN {present}
                 ELSE next.before #> '{path}' END
       FROM (SELECT 1) AS one LEFT JOIN LATERAL (
            SELECT seq, before FROM clients_clientevent AS event
             WHERE event.client_id = client.id AND event.seq > cut.seq
               AND kind IN {_RENEWAL} ORDER BY seq LIMIT 1
            ) AS next ON true)"""  # noqa: S608


# The entries newer than the day are passed over one by one in the index of
# (client, seq), so a day long ago costs more: time is not in any index of the ledger,
# which every stamp would have to update.
# Materialized, the cut is made once; otherwise each fact would make its own.
_FACTS = f"""
  WITH cut AS MATERIALIZED (
SELECT wanted.id AS client_id, GREATEST(
      (SELECT seq FROM clients_folioledger AS entry
        WHERE entry.client_id = wanted.id AND entry.created_at < %s
        ORDER BY seq DESC LIMIT 1),
      (SELECT seq FROM clients_clientevent AS event
        WHERE event.client_id = wanted.id AND event.created_at < %s
        ORDER BY seq DESC LIMIT 1)) AS seq
  FROM (%%s) AS wanted (id))
SELECT client.id, client.created_at, client.sort_name, cut.seq,
  COALESCE(entry.balance_after, 0),
  {_since("suspended", "activated")},
  {_since("archived", "restored")},
  ({_fact("expires_on", "client.expires_on")} #>> '{{}}')::date
  FROM cut JOIN clients_client AS client ON client.id = cut.client_id
  LEFT JOIN LATERAL (SELECT balance_after FROM clients_folioledger AS entry
        WHERE entry.client_id = client.id AND entry.seq <= cut.seq
        ORDER BY seq DESC LIMIT 1) AS entry ON true"""  # noqa: S608


def facts(clients: ClientQuerySet, end: datetime) -> list[Then]:
    """The facts of those of `clients` whose history begins before `end`, in no order;
    always one query."""
    known = Q(history_from=None) | Q(history_from__lt=end)
    existing = clients.filter(known, created_at__lt=end).order_by().values("pk")
    try:
        ids, given = existing.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.replace("%%s", ids), [end, end, *given])
        return [Then(*row) for row in cursor.fetchall()]


_PLANS = f"""
SELECT client.id,
  {_fact("plan", "plan.name")} #>> '{{}}',
  {_fact("services", "NULL::text")},
  {_former("to_jsonb(plan)", "{former_plan}")}
  FROM unnest(%s::bigint[], %s::bigint[]) AS cut (client_id, seq)
  JOIN clients_client AS client ON client.id = cut.client_id
  JOIN clients_plan AS plan ON plan.client_id = client.id"""  # noqa: S608


class PlanThen(NamedTuple):
    """A plan as it was. What is None its history did not keep. `terms` are those that
    plans.former_plan keeps, or the row of today."""

    name: str | None
    services: list[str] | None
    terms: dict[str, Any] | None

    @property
    def package_id(self) -> int | None:
        kept = self.terms or {}
        return kept.get("package", kept.get("package_id"))


def plans_at(thens: Sequence[Then]) -> dict[int, PlanThen]:
    """The plans of `thens`, by client id; one query."""
    pairs = [[then.client_id for then in thens], [then.seq for then in thens]]
    with connection.cursor() as cursor:
        cursor.execute(_PLANS, pairs)
        return {
            client_id: PlanThen(
                name, json.loads(services or "null"), json.loads(terms or "null")
            )
            for client_id, name, services, terms in cursor.fetchall()
        }
