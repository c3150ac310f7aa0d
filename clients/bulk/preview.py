"""What a run would do, before it does anything: how many would change and how many not
and why, the folios and the money in all, and a sample of clients before → after.

Read from narrow rows of all chosen clients; only the sample reads whole ones. Whether
something is allowed is rules.py, what a renewal takes and grants is packages.models.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from django.utils.functional import cached_property

from clients import preview, rules
from clients.bulk.verbs import BulkVerb, verb_of
from clients.models import BulkRun, Client
from clients.preview import Change
from clients.status import Status, derive_status
from packages.models import Package
from reseller_panel.spanish import counted

SAMPLE = 8

# Why a client would not change, by the code of the refusal.
_WHY = {
    "client_archived": "archivado|archivados",
    "not_archived": "no está archivado|no están archivados",
    "already_suspended": "ya está suspendido|ya están suspendidos",
    "not_suspended": "no está suspendido|no están suspendidos",
    "client_active": "activo, se suspende antes|activos, se suspenden antes",
}


class Facts(NamedTuple):
    """Of a chosen client, what the rules read (refusals.HasFacts)."""

    client_id: int
    archived_at: datetime | None
    suspended_at: datetime | None
    expires_on: date | None
    balance: int
    plan_folios: int
    leftover_rule: str
    leftover_limit: int | None
    package_id: int

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    def status_on(self, today: date) -> Status:
        return derive_status(
            suspended_at=self.suspended_at,
            expires_on=self.expires_on,
            balance=self.balance,
            today=today,
        )


class Group(NamedTuple):
    """Those who would not change, for one reason."""

    why: str
    number: int


class Sampled(NamedTuple):
    """A client with its cell for each heading; None where nothing is to be said."""

    client: Client
    cells: Sequence[Change | None]


class Sample(NamedTuple):
    headings: Sequence[str]
    clients: Sequence[Sampled]


@dataclass
class Preview:
    """`package` is the one that is chosen; None: each client's own."""

    run: BulkRun
    today: date
    quantity: int = 0
    package: Package | None = None
    activates: bool = False

    @property
    def verb(self) -> BulkVerb:
        return verb_of(self.run)

    @property
    def changing(self) -> list[Facts]:
        """In the order in which they were chosen."""
        return self._judged[0]

    @property
    def groups(self) -> list[Group]:
        """The others, by why."""
        return self._judged[1]

    @cached_property
    def _judged(self) -> tuple[list[Facts], list[Group]]:
        why: Counter[str] = Counter()
        changing = []
        for one in _facts_of(self.run):
            refusal = rules.why_not(self.run.verb, one, self.today)
            if refusal is None:
                changing.append(one)
            else:
                why[refusal.code] += 1
        return changing, [
            Group(_WHY[code].split("|")[number > 1], number)
            for code, number in why.most_common()
        ]

    @property
    def number(self) -> int:
        return len(self.changing)

    @property
    def suspended(self) -> int:
        """How many of them are suspended, and could be activated too."""
        if not self.verb.moves_folios:
            return 0
        return sum(one.is_suspended for one in self.changing)

    @property
    def least_plan(self) -> int:
        """The folios of the smallest plan among them: a quantity that is unusual for
        one of them is asked a second time."""
        return min((one.plan_folios for one in self.changing), default=0)

    @cached_property
    def folios(self) -> int:
        """Granted in all."""
        if self.run.verb == "add_folios":
            return self.quantity * self.number
        if self.run.verb != "renew":
            return 0
        return sum(self._terms(one).folios for one in self.changing)

    @cached_property
    def lost(self) -> int:
        """Leftovers that renewals take away, in all."""
        if self.run.verb != "renew":
            return 0
        return sum(_leftovers(one) for one in self.changing)

    @cached_property
    def price(self) -> Decimal | None:
        """What their packages cost in all; None if none of them has a price."""
        if self.run.verb != "renew":
            return None
        prices = [self._terms(one).price for one in self.changing]
        known = [price for price in prices if price is not None]
        return sum(known, Decimal()) if known else None

    @cached_property
    def unpriced(self) -> int:
        """How many have a package without a price."""
        if self.price is None:
            return 0
        return sum(self._terms(one).price is None for one in self.changing)

    def _terms(self, one: Facts) -> Package:
        return self.package or self._packages[one.package_id]

    @cached_property
    def _packages(self) -> Mapping[int, Package]:
        return Package.objects.in_bulk({one.package_id for one in self.changing})

    @cached_property
    def sample(self) -> Sample:
        """The first of them, before → after."""
        ids = [one.client_id for one in self.changing[:SAMPLE]]
        found = Client.objects.with_facts().in_bulk(ids)
        changes = {
            pk: {change.label: change for change in self._changes(found[pk])}
            for pk in ids
        }
        headings = [*dict.fromkeys(chain.from_iterable(changes.values()))]
        rows = [
            Sampled(found[pk], [changes[pk].get(label) for label in headings])
            for pk in ids
        ]
        return Sample(headings, rows)

    @property
    def sample_caption(self) -> str:
        more = self.number - len(self.sample.clients)
        return f"Los primeros; hay {more:,} más" if more else "Lo que cambia"

    def _changes(self, client: Client) -> list[Change]:
        today, lifts = self.today, self.activates
        match self.run.verb:
            case "renew":
                return preview.renew(
                    client, package=self.package, activate=lifts, today=today
                )
            case "add_folios":
                return preview.add_folios(
                    client, quantity=self.quantity, activate=lifts, today=today
                )
            case "suspend":
                return preview.suspend(client, today=today)
            case "activate":
                return preview.activate(client, today=today)
            case "archive":
                return preview.archive()
        return preview.restore(client, today=today)

    @property
    def takes_away(self) -> bool:
        """Folios or the right to stamp: its button looks so."""
        return bool(self.lost) or self.run.verb == "suspend"

    @property
    def button(self) -> str:
        """«Renovar 12 clientes», «Renovar 12 clientes y perder 40 folios»"""
        to = "a " if self.verb.is_giving else ""
        said = f"{self.verb.action.label} {to}{counted(self.number, 'cliente')}"
        if self.lost:
            said += f" y perder {counted(self.lost, 'folio')}"
        return said


def _leftovers(one: Facts) -> int:
    rule = Package(leftover_rule=one.leftover_rule, leftover_limit=one.leftover_limit)
    return rule.leftovers_lost(one.balance)


def _facts_of(run: BulkRun) -> Iterator[Facts]:
    rows = run.rows.order_by("place").values_list(
        "client_id",
        "client__archived_at",
        "client__suspended_at",
        "client__expires_on",
        "client__account__balance",
        "client__plan__folios",
        "client__plan__leftover_rule",
        "client__plan__leftover_limit",
        "client__plan__package_id",
    )
    return (Facts(*row) for row in rows)
