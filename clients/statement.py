"""Reading what happened to a client, record by record, and its statement as CSV.

The order is `seq`, never time. Pages have it by day (clients/movements).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.utils import timezone

from clients.models import Client, ClientEvent, EntryKind, EventKind, FolioLedger
from reseller_panel.csv_files import csv_response

PAGE = 50


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


def statement_csv(client: Client, *, who: str = "who") -> StreamingHttpResponse:
    """Every movement of a client, oldest first, in the reseller's local time. `who`:
    the property of an entry that names who made it to this reader."""
    zone = client.reseller.zone
    entries = client.entries.select_related("by", "api_key").order_by("seq").iterator()
    rows = (
        (
            entry.seq,
            timezone.localtime(entry.created_at, zone).strftime("%d/%m/%Y %H:%M:%S"),
            entry.get_kind_display(),
            entry.quantity,
            entry.balance_after,
            entry.reference or "",
            entry.reason,
            getattr(entry, who),
            entry.additional_rfc,
        )
        for entry in entries
    )
    header = "Núm.,Fecha,Movimiento,Folios,Saldo,Referencia,Motivo,Quién"
    columns = [*header.split(","), "RFC adicional"]
    return csv_response(f"movimientos-{client.rfc}", columns, rows)
