"""Clients as they were at the end of a day, from their history alone.

Law: domain.md, "The past". A day ends at midnight in the reseller's zone. A client's
history is cut once, behind its last record (entry or event, by seq) of before that
moment, so that what is shown is a state that really was, even if a clock stepped back.
Only to read; nothing here is stored, and the rule of status stays in status.py. The SQL
is in store.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from accounts.models import Reseller
from clients.lifecycle import CUSTOMIZED
from clients.models import (
    Client,
    ClientEvent,
    EventKind,
    FolioAccount,
    Plan,
)
from clients.past.store import PlanThen, Then, facts, plans_at
from packages.models import Package, Service, Terms
from reseller_panel.spanish import long_day

__all__ = [
    "Included",
    "Past",
    "Period",
    "PlanThen",
    "Then",
    "as_they_were",
    "end_of",
    "facts",
    "first_day",
    "plans_at",
    "rfcs_at",
    "services_named",
    "why_not",
]


def end_of(day: date, reseller: Reseller) -> datetime:
    """The first moment that no longer is of this day."""
    return datetime.combine(day + timedelta(days=1), time.min, reseller.zone)


def first_day(reseller: Reseller) -> date | None:
    """The day with which its clients' history begins; None while it has none."""
    first = reseller.clients.history_begins_at()
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
    if client and day < (since := reseller.local_date(client.known_since)):
        if client.history_from:
            return (
                f"Su historial empieza el {long_day(since)}, cuando se trajo de otro "
                f"sistema: del {long_day(day)} no se sabe nada."
            )
        return (
            f"El {long_day(day)} todavía no era su cliente: lo es desde el "
            f"{long_day(since)}."
        )
    return ""


# ── What a page shows of them ─────────────────────────────────────────────────────


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
    name, RFC and contact are those of today."""

    client: Client
    then: Then
    plan: PlanThen

    @property
    def not_kept(self) -> list[str]:
        """What its history does not say, by the names of the API."""
        missing = {
            "plan.name": self.plan.name is None,
            "plan.services": self.plan.services is None,
            "package": self.plan.package_id is None,
        }
        return [name for name, is_missing in missing.items() if is_missing]


def as_they_were(thens: Sequence[Then]) -> list[Past]:
    """The clients of `thens`, in their order, with a fixed number of queries."""
    clients = Client.objects.with_facts().in_bulk([then.client_id for then in thens])
    plans = plans_at(thens)
    packages = Package.objects.in_bulk(
        {plan.package_id for plan in plans.values() if plan.package_id}
    )
    return [
        _as_it_was(clients[then.client_id], then, plans[then.client_id], packages)
        for then in thens
    ]


def _as_it_was(
    client: Client, then: Then, kept: PlanThen, packages: Mapping[int, Package]
) -> Past:
    was = copy(client)
    was.suspended_at, was.archived_at = then.suspended_at, then.archived_at
    was.expires_on = then.expires_on
    was.account = FolioAccount(balance=then.balance, last_seq=then.seq)
    terms = kept.terms or {}
    own = {field.name for field in Terms._meta.fields} & terms.keys()
    plan = Plan(**{name: terms[name] for name in own})
    plan.name = kept.name or ""
    plan.is_customized = plan.name == CUSTOMIZED
    if kept.package_id:
        plan.package = packages[kept.package_id]
    was.plan = plan
    return Past(was, then, kept)


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
