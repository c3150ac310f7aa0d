"""Which movements of a client are asked for, read from the address. No query here."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict

from clients.models import EntryKind
from clients.statement import seq_of

_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)  # the days that can be asked for

CHANGES = "cambios"  # everything that moved no folios
KINDS = {
    "timbrado": EntryKind.STAMP,
    "asignacion": EntryKind.ASSIGNMENT,
    "renovacion": EntryKind.RENEWAL,
    "recarga": EntryKind.ADDITION,
    "reverso": EntryKind.REVERSAL,
    "vencimiento": EntryKind.EXPIRY,
    "retiro": EntryKind.WITHDRAWAL,
    "ajuste": EntryKind.ADJUSTMENT,
}


def day_of(text: str | None) -> date | None:
    """A day from the address (`2026-10-16`); None for anything else."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.isoformat() == text and _FIRST <= day <= _LAST else None


@dataclass(frozen=True)
class Asked:
    """What the address asks for. What cannot be read was not asked for."""

    kind: str = ""  # a key of KINDS, or CHANGES; empty: everything
    since: date | None = None
    until: date | None = None
    day: date | None = None  # begin with this day, opened
    before: date | None = None  # the next page: days before this one
    number: int | None = None  # within `day`: records before this `seq`
    # What the client itself reads: its folios. What else was done to it, the reasons
    # of a suspension and the notes among it, is its reseller's.
    folios_only: bool = False

    @classmethod
    def of(cls, query: QueryDict, *, folios_only: bool = False) -> "Asked":
        kind = query.get("clase", "")
        known = KINDS if folios_only else {*KINDS, CHANGES}
        return cls(
            folios_only=folios_only,
            kind=kind if kind in known else "",
            since=day_of(query.get("fecha_desde")),
            until=day_of(query.get("fecha_hasta")),
            day=day_of(query.get("dia")),
            before=day_of(query.get("antes")),
            number=seq_of(query.get("num")),
        )

    @property
    def entry_kind(self) -> EntryKind | None:
        return KINDS.get(self.kind)

    @property
    def last(self) -> date | None:
        """The newest day of the page, if one is asked for."""
        before = self.before - timedelta(days=1) if self.before else None
        return min((d for d in (self.until, self.day, before) if d), default=None)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.since or self.until or self.day)

    @property
    def period(self) -> dict[str, str]:
        """The parameters of the days alone, for a file of what is shown."""
        days = {"fecha_desde": self.since, "fecha_hasta": self.until}
        return {name: f"{day}" for name, day in days.items() if day}
