"""Reading what happened to a client, record by record, and its statement as CSV.

The order is `seq`, never time. Pages have it by day (clients/movements).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.utils import timezone

from clients.models import Client, ClientEvent, EntryKind, EventKind, FolioLedger
from reseller_panel.csv_files import csv_response

PAGE = 50
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Page:
    """Records, newest first. `older`: `before` of the next page, None at the end."""

    records: list[FolioLedger | ClientEvent]
    older: int | None

    @classmethod
    def of(cls, records: Iterable[FolioLedger | ClientEvent], size: int) -> "Page":
        rows = list(islice(records, size + 1))
        more = len(rows) > size
        return cls(rows[:size], rows[size - 1].seq if more else None)


def seq_of(text: str | None) -> int | None:
    """Parse a `seq` from the URL; None if the text is not one."""
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


def events_page(
    client: Client, kind: EventKind, *, before: int | None = None, size: int = PAGE
) -> Page:
    """A page of the events of one kind."""
    events = _newest(client.events.filter(kind=kind), before)
    return Page.of(events[: size + 1], size)


def sums_until(client: Client, seq: int) -> list[tuple[str, int]]:
    """The folios moved up to a record, by kind, in the order of the kinds: together
    they are the balance after it."""
    moved = client.entries.filter(seq__lte=seq).order_by().values_list("kind")
    sums = dict(moved.annotate(folios=Sum("quantity")))
    return [(kind.label, sums[kind]) for kind in EntryKind if kind in sums]


def _newest(records, before: int | None):  # type: ignore[no-untyped-def]
    if before is not None:
        records = records.filter(seq__lt=before)
    return records.select_related("by", "on_behalf_of", "api_key").order_by("-seq")


# Of an entry, as a row of a file.
HEADER = (
    *("Núm.", "Fecha", "Movimiento", "Folios", "Saldo", "Referencia", "Motivo"),
    *("Quién", "RFC adicional"),
)
Value = str | int | datetime


def values_of(entry: FolioLedger, zone: ZoneInfo, who: str = "who") -> list[Value]:
    """What HEADER names, at the local time of this zone. `who`: the property of an
    entry that names who made it to this reader."""
    return [
        entry.seq,
        timezone.localtime(entry.created_at, zone),
        entry.get_kind_display(),
        entry.quantity,
        entry.balance_after,
        entry.reference or "",
        entry.reason,
        getattr(entry, who),
        entry.additional_rfc,
    ]


def statement_csv(
    client: Client,
    *,
    since: date | None = None,
    until: date | None = None,
    who: str = "who",
) -> StreamingHttpResponse:
    """The movements of a client, oldest first, in the reseller's local time; those of
    these days, both included, if any are given."""
    zone = client.reseller.zone
    entries = client.entries.select_related("by", "api_key").order_by("seq")
    if since:
        entries = entries.filter(created_at__gte=_midnight(since, zone))
    if until:
        entries = entries.filter(created_at__lt=_midnight(until + _DAY, zone))
    rows = (values_of(entry, zone, who) for entry in entries.iterator())
    days = "".join(f"-{day}" for day in (since, until) if day)
    return csv_response(f"movimientos-{client.rfc}{days}", HEADER, rows)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
