"""The movements of a client by day, as a page shows them. No query and no rule here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.models import ClientEvent, EntryKind, EventKind, FolioLedger
from reseller_panel.spanish import counted


@dataclass(frozen=True)
class Tally:
    """How often something of one kind happened, and the folios that it moved."""

    label: str
    folios: int = 0

    @classmethod
    def of_entries(cls, kind: EntryKind, times: int, folios: int) -> "Tally":
        label = str(kind.label)
        many = f"{label[:-3]}iones" if label.endswith("ión") else f"{label}s"
        return cls(counted(times, label, many), folios)

    @classmethod
    def of_events(cls, kind: EventKind, times: int) -> "Tally":
        return cls(f"{kind.label} ({times:,})" if times > 1 else str(kind.label))

    @classmethod
    def of_stamps(cls, folios: int) -> "Tally":
        """Stamps are counted by the folios that they spent, as in the chart."""
        return cls(counted(folios, "timbrado"), -folios)


@dataclass(frozen=True)
class Day:
    """A day of a client. `change`: folios, of the kinds that are shown; `balance`: at
    its end, if that was read. `records` is None while they are not read; `older`: `num`
    of the rest of a long day."""

    day: date
    tallies: Sequence[Tally]
    balance: int | None = None
    records: Sequence[FolioLedger | ClientEvent] | None = None
    older: int | None = None
    is_open: bool = False

    @property
    def key(self) -> str:
        """`2026-10-16`, in addresses and names of elements."""
        return self.day.isoformat()

    @property
    def change(self) -> int:
        return sum(tally.folios for tally in self.tallies)

    @property
    def is_mixed(self) -> bool:
        """Whether the change alone does not say what moved how much."""
        return sum(bool(tally.folios) for tally in self.tallies) > 1

    @property
    def ran_out(self) -> bool:
        return self.balance == 0 and self.change < 0


@dataclass(frozen=True)
class Period:
    """The days that were asked for in one line: from which balance to which, and why.
    `ran_out_on`: the first day that ended without folios."""

    opening: int
    closing: int
    tallies: Sequence[Tally]
    ran_out_on: date | None


@dataclass(frozen=True)
class Movements:
    """A page of days, newest first. `older`: `antes` of the next one, None at the end.
    `missed`: nothing happened on the day that was asked for."""

    days: Sequence[Day] = ()
    older: date | None = None
    period: Period | None = None
    missed: bool = False
