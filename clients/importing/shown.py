"""What a page shows of a checked import: how many of each fate, totals, its rows.

Every number is asked of the staged rows with a fixed number of queries; nothing is
judged here (checking.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum

from clients.details import NAMES
from clients.importing.recognition import LABELS
from clients.importing.reporting import result_of
from clients.models import Client, Fate, Import, ImportLine, ImportRow

PAGE = 50
# Names of packages that are asked for at once; a file rarely has more than a handful.
UNKNOWN_MAX = 40
WARNED = "avisos"
# The filters of the page: the word in its address, its label, and which rows.
FILTERS = {
    "nuevos": ("Nuevos", Q(fate=Fate.NEW)),
    "cambiarian": ("Cambiarían", Q(fate=Fate.CHANGES)),
    "ya-existen": ("Ya existen", Q(fate=Fate.EXISTS)),
    "errores": ("Con errores", Q(fate=Fate.ERROR)),
    WARNED: ("Con avisos", ~Q(warnings=[]) & ~Q(fate=Fate.ERROR)),
}


# Of each fate: the class of its badge, and its icon.
_LOOKS = {
    Fate.NEW: ("ok", "plus"),
    Fate.CHANGES: ("warn", "pencil"),
    Fate.EXISTS: ("mute", "check"),
    Fate.ERROR: ("bad", "circle-x"),
}


@dataclass(frozen=True)
class Chip:
    slug: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class ShownRow:
    """A row, who it is already, and what would change of it in words."""

    row: ImportRow
    cells: Sequence[str]
    client: Client | None
    changes: Sequence[tuple[str, str, str]]
    result: str

    @property
    def tone(self) -> str:
        return _LOOKS[Fate(self.row.fate)][0] if not self.row.result else "warn"

    @property
    def symbol(self) -> str:
        symbol = _LOOKS[Fate(self.row.fate)][1]
        return "triangle-alert" if self.row.result else symbol

    @property
    def is_new(self) -> bool:
        return self.row.fate == Fate.NEW

    @property
    def may_be_corrected(self) -> bool:
        return self.row.fate == Fate.ERROR

    @property
    def name(self) -> str:
        return self.row.legal_name or next((c for c in self.cells if c), "")


class Shown:
    """A checked import, with the filter `chosen`, one of FILTERS or ""."""

    def __init__(self, batch: Import, chosen: str = "") -> None:
        self.batch = batch
        self.chosen = chosen if chosen in FILTERS else ""

    @cached_property
    def _counts(self) -> dict[str, int]:
        return self._rows.aggregate(
            all=Count("line"),
            folios=Sum("folios", filter=Q(fate=Fate.NEW), default=0),
            incomplete=Count("line", filter=Q(fate=Fate.NEW) & _INCOMPLETE),
            suspended=Count("line", filter=Q(fate=Fate.NEW, is_suspended=True)),
            **{
                slug.replace("-", "_"): Count("line", filter=which)
                for slug, (_, which) in FILTERS.items()
            },
        )

    @property
    def total(self) -> int:
        return self._counts["all"]

    @property
    def new(self) -> int:
        return self._counts["nuevos"]

    @property
    def changes(self) -> int:
        return self._counts["cambiarian"]

    @property
    def errors(self) -> int:
        return self._counts["errores"]

    @property
    def folios(self) -> int:
        return self._counts["folios"]

    @property
    def incomplete(self) -> int:
        return self._counts["incomplete"]

    @property
    def suspended(self) -> int:
        return self._counts["suspended"]

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(slug, label, count, slug == self.chosen)
            for slug, (label, _) in FILTERS.items()
            if (count := self._counts[slug.replace("-", "_")]) or slug == self.chosen
        ]

    @cached_property
    def packages(self) -> list[Mapping[str, Any]]:
        """Of each package: its name, how many would get it, and their folios."""
        return [
            *self._rows.filter(fate=Fate.NEW)
            .values("package__name")
            .annotate(clients=Count("line"), folios=Sum("folios"))
            .order_by("-clients", "package__name")
        ]

    @cached_property
    def unknown(self) -> list[Mapping[str, Any]]:
        """Names that no package has, with how many rows say them."""
        return [
            *self._rows.exclude(package_name="")
            .values("package_name")
            .annotate(clients=Count("line"))
            .order_by("-clients", "package_name")[:UNKNOWN_MAX]
        ]

    def page(self, number: str | None) -> Page[ImportRow]:
        rows = self.rows.order_by("line").select_related("package")
        return Paginator(rows, PAGE).get_page(number)

    @property
    def rows(self) -> QuerySet[ImportRow]:
        """Those of the chosen filter."""
        return self._rows.filter(FILTERS[self.chosen][1] if self.chosen else Q())

    def shown(self, rows: Sequence[ImportRow]) -> list[ShownRow]:
        clients = Client.objects.filter(reseller=self.batch.reseller_id).in_bulk(
            {row.client_id for row in rows if row.client_id}
        )
        lines = ImportLine.objects.filter(
            batch=self.batch, line__in=[row.line for row in rows]
        )
        cells = dict(lines.values_list("line", "cells"))
        return [
            _shown(self.batch, row, cells[row.line], clients.get(row.client_id))
            for row in rows
        ]

    @property
    def _rows(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(batch=self.batch)


_INCOMPLETE = Q(tax_regime="") | Q(postal_code="") | Q(contact_email="")


def _shown(
    batch: Import, row: ImportRow, cells: Sequence[str], client: Client | None
) -> ShownRow:
    result = result_of(batch, row) if batch.confirmed_at else None
    changes = [
        (LABELS[name], getattr(client, name), getattr(row, name))
        for name in row.changed
        if client and row.fate == Fate.CHANGES and name in NAMES
    ]
    return ShownRow(row, cells, client, changes, result.label if result else "")


def as_lines(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[list[Any]]:
    """The cells of these rows as they were read, each with its line and what is said
    of it: to be corrected and uploaded again."""
    yield [*batch.headers, "Línea", "Qué corregir"]
    cells = ImportLine.objects.filter(batch=batch).order_by("line")
    wanted = rows.order_by("line").values_list("line", "problems", "warnings")
    lines = iter(cells.values_list("line", "cells").iterator(chunk_size=2_000))
    for line, problems, warnings in wanted.iterator(chunk_size=2_000):
        for number, values in lines:
            if number == line:
                yield [
                    *values[: len(batch.headers)],
                    line,
                    " ".join(problems + warnings),
                ]
                break
