"""The columns of the table of Clientes, each defined once: for its heading, its cell,
its line on a telephone, the choice of columns, and as a plain value for a file.

The name stands first and the actions last, always; what stands between them a person
chooses. A column that needs more than a row has reads it for all rows in one question.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from clients import cells
from clients.forecast.consumption import spent_this_month
from clients.models import Client
from clients.rows import Row, rows_of
from reseller_panel import phones
from reseller_panel.spanish import listed

PARAMETER = "columnas"

# The plain value of a cell; a day is one in the reseller's zone. None: there is none.
Value = str | int | date | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """`name` is what addresses and settings call it.

    `sort` is a key of sorts.py; `by` and `words` say it in words (`sort_header`).
    `draw` makes its cell (cells.py), `css` is the class of cell and heading. `reads`
    gives what no row has, by client id; `is_of_pace`: it needs the outlook. `none` is
    said where there is no value. `has_actions`: its cell has links of HTMX.
    """

    name: str
    label: str
    value: Callable[["TableRow"], Value]
    draw: cells.Draw = cells.text
    css: str = "c-also"
    sort: str = ""
    by: str = ""
    words: str = ""
    reads: Callable[[Sequence[Client], date], Mapping[int, Any]] | None = None
    is_of_pace: bool = False
    none: str = ""
    has_actions: bool = False

    @cached_property
    def attributes(self) -> tuple[SafeString, SafeString]:
        """Of its cells, made once for all rows: if something is shown, and if not."""
        inert = "" if self.has_actions else " hx-disable"
        markup = 'class="{}{}" data-label="{}"{}'
        shown, empty = (
            format_html(markup, self.css, more, self.label, inert)
            for more in ("", "" if self.none else " is-empty")
        )
        return shown, empty

    @property
    def is_usual(self) -> bool:
        return self in USUAL


class Cell(NamedTuple):
    """What a column shows of a client: a plain value, and how it is drawn."""

    column: Column
    value: Value
    attributes: SafeString

    @classmethod
    def of(cls, column: Column, row: "TableRow") -> "Cell":
        value = column.value(row)
        return cls(column, value, column.attributes[value in (None, "")])


@dataclass(frozen=True)
class TableRow(Row):
    """A row with the cells of the columns that are shown; `read` is what the columns
    read for its client, by name of the column."""

    columns: Sequence[Column] = ()
    read: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        return [Cell.of(column, self) for column in (NAME, *self.columns)]

    @property
    def values(self) -> list[Value]:
        """What a file says of its client, as `headings` names it: where a cell says in
        words that there is nothing, so does the file."""
        shown = ((column.value(self), column.none) for column in self.columns)
        said = (none if value in (None, "") else value for value, none in shown)
        return [self.client.legal_name, self.client.rfc, *said]

    @property
    def folds_creation(self) -> bool:
        """Where that column has no room its day stands beside the RFC."""
        return folds_creation(self.columns)


# ── What the columns say ──────────────────────────────────────────────────────────


def _services(clients: Sequence[Client], today: date) -> Mapping[int, str]:
    prefetch_related_objects(clients, "plan__inclusions__service")
    return {
        client.pk: listed([str(one) for one in client.plan.inclusions.all()])
        for client in clients
    }


def _assigned_on(row: TableRow) -> date:
    return row.client.reseller.local_date(row.client.plan.assigned_at)


def _created_on(row: TableRow) -> date:
    return row.client.reseller.local_date(row.client.created_at)


NAME = Column(
    name="razon_social",
    label="Razón social",
    value=lambda row: row.client.legal_name,
    draw=cells.name,
    css="c-name",
    sort="razon_social",
    words="letters",
)
CREATED = Column(
    name="creado",
    label="Creado",
    value=_created_on,
    draw=cells.created,
    css="c-day c-extra",
    sort="creado",
    by="día de alta",
    words="age",
)
USUAL = (
    Column(
        name="paquete",
        label="Paquete",
        value=lambda row: capfirst(row.client.plan.name),
        draw=cells.plan,
        css="c-plan",
        sort="paquete",
        words="letters",
    ),
    Column(
        name="folios",
        label="Folios",
        value=lambda row: row.client.balance,
        draw=cells.folios,
        css="num c-folios",
        sort="folios",
        words="numbers",
        is_of_pace=True,  # its bar knows what was received
    ),
    Column(
        name="se_agotan",
        label="Se agotan",
        value=lambda row: row.folios_last,
        draw=cells.last,
        css="c-last",
        sort="se_agotan",
        by="el día en que se agotan los folios",
        words="days",
        is_of_pace=True,
    ),
    Column(
        name="estatus",
        label="Estatus",
        value=lambda row: listed([badge.label for badge in row.badges]),
        draw=cells.status,
        css="c-status",
        sort="estatus",
        words="status",
        is_of_pace=True,  # its suggestion
        has_actions=True,
    ),
    CREATED,
    Column(
        name="vigencia",
        label="Vigencia",
        value=lambda row: row.client.expires_on,
        draw=cells.term,
        css="c-day c-term",
        sort="vigencia",
        words="terms",
        is_of_pace=True,  # what ends before it
        none="sin vigencia",
    ),
)
OTHERS = (
    Column(
        name="regimen",
        label="Régimen",
        value=lambda row: row.client.get_tax_regime_display(),
        css="c-also c-words",
    ),
    Column(
        name="correo",
        label="Correo",
        value=lambda row: row.client.contact_email,
        draw=cells.email,
        css="c-also c-line",
    ),
    Column(
        name="telefono",
        label="Teléfono",
        value=lambda row: phones.shown(row.client.contact_phone),
        draw=cells.phone,
        css="c-also c-day",
    ),
    Column(
        name="ultimo_timbrado",
        label="Último timbrado",
        value=lambda row: row.client.account.stamped_on,
        draw=cells.day,
        css="c-also c-day",
        none="nunca",
    ),
    Column(
        name="gastados_este_mes",
        label="Gastados este mes",
        value=lambda row: row.read["gastados_este_mes"],
        draw=cells.number,
        css="c-also num",
        reads=spent_this_month,
    ),
    Column(
        name="asignado",
        label="Asignado",
        value=_assigned_on,
        draw=cells.day,
        css="c-also c-day",
    ),
    Column(
        name="servicios",
        label="Servicios",
        value=lambda row: row.read["servicios"],
        css="c-also c-words",
        reads=_services,
    ),
)
COLUMNS = {column.name: column for column in USUAL + OTHERS}


# ── Choosing ──────────────────────────────────────────────────────────────────────


def named(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns with these names, each once; another name is no column."""
    return tuple(COLUMNS[name] for name in dict.fromkeys(names) if name in COLUMNS)


def asked(text: str) -> tuple[Column, ...] | None:
    """The columns that an address says (`folios,vigencia`); None if it says none. The
    name, which always stands, may be said, so that it can be the only one."""
    names = text.split(",")
    return named(names) if {NAME.name, *COLUMNS} & {*names} else None


def said(columns: Sequence[Column]) -> str:
    """The columns as an address says them."""
    return ",".join(column.name for column in columns) or NAME.name


def headings(columns: Sequence[Column]) -> list[str]:
    """Of a file: the RFC, which stands under the name, has a column of its own."""
    return [NAME.label, "RFC", *(column.label for column in columns)]


def is_wide(columns: Sequence[Column]) -> bool:
    """Whether more is shown than the usual table has room for: then it is moved
    sideways, and nothing is folded."""
    return any(not column.is_usual for column in columns)


def folds_creation(columns: Sequence[Column]) -> bool:
    return CREATED in columns and not is_wide(columns)


# ── Rows ──────────────────────────────────────────────────────────────────────────


def table_rows(
    clients: Sequence[Client], columns: Sequence[Column], today: date
) -> list[TableRow]:
    """A row per client, with no more read than its columns need. All clients must be of
    one reseller."""
    paced = any(column.is_of_pace for column in columns)
    bare = [Row(client, today) for client in clients]
    rows = rows_of(clients, today) if paced else bare
    reads = {
        column.name: column.reads(clients, today) for column in columns if column.reads
    }
    return [
        TableRow(
            row.client,
            today,
            row.outlook,
            columns,
            {name: found.get(row.client.pk) for name, found in reads.items()},
        )
        for row in rows
    ]
