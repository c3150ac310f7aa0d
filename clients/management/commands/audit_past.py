"""`manage.py audit_past`: what clients/past says of a day, compared with a replay.

For random pairs of a client and a day, the history is played from its beginning: the
folios are added up entry by entry, each event leaves what it says. Both must agree in
every fact. Of today they must also be the facts that are stored.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Reseller
from clients import past
from clients.models import Client, ClientEvent, EventKind, FolioLedger
from clients.past import Past
from clients.status import derive_status

PAIRS = 10_000


@dataclass
class Replay:
    """The facts of a client, event by event and entry by entry, until `end`."""

    client: Client
    history: list[FolioLedger | ClientEvent]  # by seq
    end: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    balance: int = 0
    suspended_at: datetime | None = None
    archived_at: datetime | None = None

    def __post_init__(self) -> None:
        history = self.history
        before = [n for n, one in enumerate(history) if one.created_at < self.end]
        cut = before[-1] + 1 if before else 0
        for record in history[:cut]:
            self._play(record)
        self.package_id: int | None = self.client.plan.package_id
        for record in reversed(history[cut:]):
            if record.kind in (EventKind.RENEWED, EventKind.RENEWAL_UNDONE):
                assert isinstance(record, ClientEvent)
                former = record.before.get("former_plan") or {}
                self.package_id = former.get("package")

    def _play(self, record: FolioLedger | ClientEvent) -> None:
        if isinstance(record, FolioLedger):
            self.balance += record.quantity
            return
        match record.kind:
            case EventKind.SUSPENDED:
                self.suspended_at = record.created_at
            case EventKind.ACTIVATED:
                self.suspended_at = None
            case EventKind.ARCHIVED:
                self.archived_at = record.created_at
            case EventKind.RESTORED:
                self.archived_at = None
        if not record.kind.startswith("rfc_"):
            self.facts |= record.after

    def told(self, day: date) -> dict[str, Any]:
        until = self.facts.get("expires_on")
        expires_on = date.fromisoformat(until) if until else None
        status = derive_status(
            suspended_at=self.suspended_at,
            expires_on=expires_on,
            balance=self.balance,
            today=day,
        )
        return {
            "balance": self.balance,
            "suspended_at": self.suspended_at,
            "expires_on": expires_on,
            "status": status,
            "archived_at": self.archived_at,
            "plan_name": self.facts.get("plan"),
            "services": self.facts.get("services"),
            "package_id": self.package_id,
        }


def history_of(client: Client) -> list[FolioLedger | ClientEvent]:
    return sorted([*client.entries.all(), *client.events.all()], key=lambda r: r.seq)


def told_of(found: Past, day: date) -> dict[str, Any]:
    """The same facts as clients/past says them, and the status of the client."""
    plan, client = found.plan, found.client
    return {
        "balance": client.balance,
        "suspended_at": client.suspended_at,
        "expires_on": client.expires_on,
        "status": client.status_on(day),
        "archived_at": client.archived_at,
        "plan_name": client.plan.name,
        "services": plan.services,
        "package_id": plan.package_id,
    }


def stored(client: Client, day: date) -> dict[str, Any]:
    """The same facts of today, as they are stored."""
    included = client.plan.inclusions.select_related("service")
    return {
        "balance": client.balance,
        "suspended_at": client.suspended_at,
        "expires_on": client.expires_on,
        "status": client.status_on(day),
        "archived_at": client.archived_at,
        "plan_name": client.plan.name,
        "services": [str(one) for one in included],
        "package_id": client.plan.package_id,
    }


def pairs_of(count: int, seed: int) -> Iterator[tuple[Reseller, date, set[int]]]:
    """Different random pairs, as sets of clients by reseller and day: any day from a
    week before the reseller's first client until today."""
    random = Random(seed)  # noqa: S311
    everybody: list[tuple[Client, date, int]] = []
    for reseller in Reseller.objects.all():
        if first := past.first_day(reseller):
            start, today = (
                first - timedelta(days=7),
                reseller.local_date(timezone.now()),
            )
            days = (today - start).days + 1
            own = reseller.clients.select_related("reseller").order_by("id")
            everybody += [(client, start, days) for client in own]
    chosen: dict[tuple[Reseller, date], set[int]] = defaultdict(set)
    count = min(count, sum(days for _, _, days in everybody))
    while count:
        client, start, days = random.choice(everybody)
        day = start + timedelta(days=random.randrange(days))
        if client.pk not in chosen[client.reseller, day]:
            chosen[client.reseller, day].add(client.pk)
            count -= 1
    for (reseller, day), clients in sorted(chosen.items(), key=lambda one: one[0][1]):
        yield reseller, day, clients


def compare(count: int, seed: int) -> tuple[int, int, list[str]]:
    """How many pairs were compared, in how many of them the client existed, and every
    difference in words."""
    compared, alive, wrong = 0, 0, []
    histories: dict[int, list[FolioLedger | ClientEvent]] = {}
    for reseller, day, ids in pairs_of(count, seed):
        end = past.end_of(day, reseller)
        clients = Client.objects.filter(pk__in=ids, reseller=reseller)
        found = {
            one.client.pk: told_of(one, day)
            for one in past.as_they_were(past.facts(clients, end))
        }
        is_today = day == reseller.local_date(timezone.now())
        for client in clients.with_facts():
            compared += 1
            told = found.get(client.pk)
            expected = None
            if client.known_since < end:
                if client.pk not in histories:
                    histories[client.pk] = history_of(client)
                expected = Replay(client, histories[client.pk], end).told(day)
            alive += expected is not None
            if told != expected or (is_today and told != stored(client, day)):
                wrong.append(f"{client.rfc} {day}: {told} != {expected}")
    return compared, alive, wrong


class Command(BaseCommand):
    help = "Compara el pasado de pares al azar (cliente, día) con su historial."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pairs", type=int, default=PAIRS)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, pairs: int, seed: int, **options: Any) -> None:
        compared, alive, wrong = compare(pairs, seed)
        for line in wrong[:50]:
            self.stderr.write(line)
        self.stdout.write(
            f"{compared:,} pares (en {alive:,} ya era cliente): "
            f"{len(wrong):,} diferencias."
        )
        if wrong:
            raise CommandError("El pasado no coincide con el historial.")
