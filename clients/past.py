"""Clients as they were at the end of a day, from their history alone.

Law: domain.md, "The past". A day ends at midnight in the reseller's zone. A client's
history is cut once, behind its last record (entry or event, by seq) of before that
moment, so that what is shown is a state that really was, even if a clock stepped back.
Only to read; nothing here is stored, and the rule of status stays in status.py.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Min

from accounts.models import Reseller
from clients.lifecycle import CUSTOMIZED
from clients.models import (
    Client,
    ClientEvent,
    ClientQuerySet,
    EventKind,
    FolioAccount,
    Plan,
)
from clients.status import Status, derive_status
from packages.models import Package, Service, Terms
from reseller_panel.spanish import long_day


class Then(NamedTuple):
    """The facts of a client at the end of a day, in the columns of _FACTS.

    `seq` is its last record of until then. A `plan_name` or `package_id` of None was
    not kept in its history.
    """

    client_id: int
    created_at: datetime
    sort_name: str
    seq: int
    balance: int
    suspended_at: datetime | None
    archived_at: datetime | None
    expires_on: date | None
    plan_name: str | None
    package_id: int | None

    def status_on(self, day: date) -> Status:
        return derive_status(
            suspended_at=self.suspended_at,
            expires_on=self.expires_on,
            balance=self.balance,
            today=day,
        )


def end_of(day: date, reseller: Reseller) -> datetime:
    """The first moment that no longer is of this day."""
    return datetime.combine(day + timedelta(days=1), time.min, reseller.zone)


def first_day(reseller: Reseller) -> date | None:
    """The day of the reseller's first client; None while it has none."""
    first = reseller.clients.aggregate(at=Min("created_at"))["at"]
    return reseller.local_date(first) if first else None


def why_not(
    day: date, reseller: Reseller, *, today: date, client: Client | None = None
) -> str:
    """Why nothing can be said of a day, or of this client that day, as a sentence;
    empty if it can."""
    if day > today:
        return f"El {long_day(day)} todavía no llega: elija hoy o un día anterior."
    first = first_day(reseller)
    if first is None:
        return "Todavía no tiene clientes, así que no hay pasado que ver."
    if day < first:
        return (
            f"El {long_day(day)} usted todavía no tenía clientes: el primero es del "
            f"{long_day(first)}."
        )
    if client and day < (since := reseller.local_date(client.created_at)):
        return (
            f"El {long_day(day)} todavía no era su cliente: lo es desde el "
            f"{long_day(since)}."
        )
    return ""


# ── The facts, in SQL ─────────────────────────────────────────────────────────────

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
  ({_fact("expires_on", "client.expires_on")} #>> '{{}}')::date,
  {_fact("plan", "plan.name")} #>> '{{}}',
  ({_former("to_jsonb(plan.package_id)", "{former_plan,package}")} #>> '{{}}')::bigint
  FROM cut
  JOIN clients_client AS client ON client.id = cut.client_id
  JOIN clients_plan AS plan ON plan.client_id = cut.client_id
  LEFT JOIN LATERAL (SELECT balance_after FROM clients_folioledger AS entry
        WHERE entry.client_id = client.id AND entry.seq <= cut.seq
        ORDER BY seq DESC LIMIT 1) AS entry ON true"""  # noqa: S608


def facts(clients: ClientQuerySet, end: datetime) -> list[Then]:
    """The facts of those of `clients` that existed before `end`, in no order; always
    one query."""
    existing = clients.filter(created_at__lt=end).order_by().values("pk")
    try:
        ids, given = existing.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.replace("%%s", ids), [end, end, *given])
        return [Then(*row) for row in cursor.fetchall()]


# ── What a page shows of them ─────────────────────────────────────────────────────

_PLANS = f"""
SELECT client.id,
  {_fact("services", "NULL::text")},
  {_former("to_jsonb(plan)", "{former_plan}")}
  FROM unnest(%s::bigint[], %s::bigint[]) AS cut (client_id, seq)
  JOIN clients_client AS client ON client.id = cut.client_id
  JOIN clients_plan AS plan ON plan.client_id = client.id"""  # noqa: S608


class Period(NamedTuple):
    """The days of an additional RFC; without an end if `ends_on` is None."""

    rfc: str
    starts_on: date
    ends_on: date | None

    def is_over(self, day: date) -> bool:
        return self.ends_on is not None and self.ends_on < day


@dataclass(frozen=True)
class Past:
    """A client as it was. `client` is a copy with the facts of then, only to read: its
    name, RFC and contact are those of today. `services` is None if not kept."""

    client: Client
    then: Then
    services: list[str] | None
    has_terms: bool  # whether the folios, term and leftover rule of the plan were kept

    @property
    def not_kept(self) -> list[str]:
        """What its history does not say, by the names of the API."""
        missing = {
            "plan.name": self.then.plan_name is None,
            "plan.services": self.services is None,
            "package": self.then.package_id is None,
        }
        return [name for name, is_missing in missing.items() if is_missing]


def as_they_were(thens: Sequence[Then]) -> list[Past]:
    """The clients of `thens`, in their order, with a fixed number of queries."""
    clients = Client.objects.with_facts().in_bulk([then.client_id for then in thens])
    packages = Package.objects.in_bulk(
        {then.package_id for then in thens if then.package_id}
    )
    with connection.cursor() as cursor:
        pairs = [[then.client_id for then in thens], [then.seq for then in thens]]
        cursor.execute(_PLANS, pairs)
        plans = {
            client_id: (json.loads(services or "null"), json.loads(terms or "null"))
            for client_id, services, terms in cursor.fetchall()
        }
    return [
        _as_it_was(clients[then.client_id], then, *plans[then.client_id], packages)
        for then in thens
    ]


def _as_it_was(
    client: Client,
    then: Then,
    services: list[str] | None,
    terms: dict[str, Any] | None,
    packages: Mapping[int, Package],
) -> Past:
    was = copy(client)
    was.suspended_at, was.archived_at = then.suspended_at, then.archived_at
    was.expires_on = then.expires_on
    was.account = FolioAccount(balance=then.balance, last_seq=then.seq)
    own = {field.name for field in Terms._meta.fields} & (terms or {}).keys()
    plan = Plan(**{name: terms[name] for name in own} if terms else {})
    plan.name = then.plan_name or ""
    plan.is_customized = plan.name == CUSTOMIZED
    if then.package_id:
        plan.package = packages[then.package_id]
    was.plan = plan
    return Past(was, then, services, has_terms=bool(terms))


def rfcs_at(thens: Iterable[Then]) -> dict[int, list[Period]]:
    """The additional RFCs as they were, by client id; one query."""
    cuts = {then.client_id: then.seq for then in thens}
    found: dict[int, dict[tuple[str, str], Period]] = {pk: {} for pk in cuts}
    kinds = (EventKind.RFC_ADDED, EventKind.RFC_ENDED)
    events = ClientEvent.objects.filter(client__in=[*cuts], kind__in=kinds)
    for event in events.order_by("client", "seq"):
        if event.seq > cuts[event.client_id]:
            continue
        period = {**event.before, **event.after}
        key = (period["additional_rfc"], period["since"])
        start, end = (_day(period.get(name)) for name in ("since", "until"))
        found[event.client_id].pop(key, None)
        if start and not (end and end < start):  # otherwise it was taken out
            found[event.client_id][key] = Period(key[0], start, end)
    return {pk: [*periods.values()] for pk, periods in found.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class Included(NamedTuple):
    """A service of then, as it is called today."""

    service: Service
    quantity: int | None


def services_named(
    texts: Iterable[str], services: Iterable[Service]
) -> list[Included] | None:
    """The services that a history calls by their texts; None if one of them is not
    found, because it has another name now."""
    found = [_service_named(text, services) for text in texts]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _service_named(text: str, services: Iterable[Service]) -> Included | None:
    for service in services:
        if text == service.name:
            return Included(service, None)
        quantity = text.removeprefix(f"{service.name}: ").split(" ")[0]
        if text.startswith(f"{service.name}: ") and quantity.isdecimal():
            return Included(service, int(quantity))
    return None
