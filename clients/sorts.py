"""The orders of the table of Clientes: an allow-list of keys, and what they are called.

Filters are filters.py. `-vigencia` is the key `vigencia`, descending. Each order is one
that an index gives, in both directions: by its key, then by id in the same direction,
both of one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import OrderBy

from clients.models.client import last_day

# Worst first: what needs the reseller's attention stands on top. No index knows a
# status, which depends on the day: paging.py walks the clients of one after another.
BY_STATUS = "estatus"

SORTS: dict[str, F | Func] = {
    "razon_social": F("sort_name"),
    "paquete": F("plan__name"),
    "folios": F("account__balance"),
    BY_STATUS: F("created_at"),
    "creado": F("created_at"),
    "vigencia": last_day(),
    "se_agotan": F("outlook__runs_out_on"),
    "deja_de_facturar": F("outlook__stops_on"),
}
_BESIDE = {
    "folios": "account",
    "paquete": "plan",
    "se_agotan": "outlook",
    "deja_de_facturar": "outlook",
}
# The parameters and sorts that read what is kept of each client's pace.
OF_PACE = {"se_agotan", "deja_de_facturar", "sin_timbrar"}
DEFAULT_SORT = "-creado"

# What *Ordenar* calls them, where there are no heads of columns: ascending, descending.
_LABELS = {
    "creado": ("Los más antiguos", "Los más nuevos"),
    "vigencia": ("Vencen primero", "Vencen al último"),
    "se_agotan": ("Se agotan primero", "Se agotan al último"),
    "deja_de_facturar": ("Dejan de facturar primero", "Dejan de facturar al último"),
    "folios": ("Menos folios", "Más folios"),
    "razon_social": ("Razón social, A a Z", "Razón social, Z a A"),
    "paquete": ("Paquete, A a Z", "Paquete, Z a A"),
    BY_STATUS: ("Los que no timbran primero", "Los que timbran primero"),
}


class _Row(Func):
    """`(a, b)`, to be compared with another row."""

    template = "(%(expressions)s)"


class _IsBeyond(Func):
    """`(key, id) > (value, last)`. An index begins at that place; it would not with an
    OR of two conditions."""

    template = "%(expressions)s"
    output_field = BooleanField()


@dataclass(frozen=True)
class Order:
    """An order of clients: by `key`, which is never NULL, then by id. `beside` is the
    relation of Client whose table has the key, with an index of its own."""

    key: F | Func
    is_descending: bool
    beside: str = ""

    @classmethod
    def of(cls, sort: str) -> Self:
        """The order of a key such as `-vigencia`. Of a status the newest come first."""
        name, is_descending = sort.removeprefix("-"), sort.startswith("-")
        is_descending = is_descending != (name == BY_STATUS)
        return cls(SORTS[name], is_descending, _BESIDE.get(name, ""))

    @property
    def reverse(self) -> "Order":
        return replace(self, is_descending=not self.is_descending)

    @property
    def _id(self) -> F:
        """The client's id in the table of the key."""
        return F(f"{self.beside}__client_id" if self.beside else "pk")

    def scope(self, reseller_id: int | None) -> Q:
        """The reseller, said of that table too; an index of it begins with it."""
        return Q(**{f"{self.beside}__reseller": reseller_id}) if self.beside else Q()

    @property
    def by(self) -> list[OrderBy]:
        columns = self.key, self._id
        return [OrderBy(column, descending=self.is_descending) for column in columns]

    def beyond(self, value: Any, pk: int) -> _IsBeyond:
        """The clients that come after the one with this value of `key` and this id."""
        rows = _Row(self.key, self._id), _Row(Value(value), Value(pk))
        return _IsBeyond(*rows, arg_joiner=" < " if self.is_descending else " > ")


@dataclass(frozen=True)
class SortChoice:
    """An option of *Ordenar*; the default sort needs no parameter."""

    value: str
    label: str
    is_current: bool

    @property
    def name(self) -> str:
        return self.value.removeprefix("-")


def choices(
    current: str,
    labels: Mapping[str, tuple[str, str]] = _LABELS,
    default: str = DEFAULT_SORT,
) -> list[SortChoice]:
    return [
        SortChoice("" if key == default else key, label, key == current)
        for name, both in labels.items()
        for key, label in zip((name, f"-{name}"), both, strict=True)
    ]
