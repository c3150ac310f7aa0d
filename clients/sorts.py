"""The orders of the table of Clientes: an allow-list of keys, and what they are called.

Filters are filters.py. `-vigencia` is the key `vigencia`, descending. Each order is one
that an index of Standing gives, in both directions: by its key, then by client in the
same direction. Only the balance is in another table, FolioAccount, with its own index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import OrderBy

from clients.models import StandingQuerySet
from clients.status import Status

# Worst first: what needs the reseller's attention stands on top. No index knows a
# status, which depends on the day: paging.py walks the clients of one after another.
BY_STATUS = "estatus"

_BALANCE = "account__balance"
SORTS = {
    "razon_social": "sort_name",
    "paquete": "plan_name",
    "folios": _BALANCE,
    BY_STATUS: "created_at",
    "creado": "created_at",
    "vigencia": "last_day",
    "se_agotan": "runs_out_on",
    "deja_de_facturar": "stops_on",
}
# The parameters and sorts that read what is kept of each client's pace.
ENDS = {"se_agotan", "deja_de_facturar"}
OF_PACE = ENDS | {"sin_timbrar"}
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

# What each status says of the balance.
_BALANCE_OF = {
    Status.EXHAUSTED: Q(account__balance=0),
    Status.ACTIVE: Q(account__balance__gt=0),
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
    """An order of standings: by `key`, a column that is never NULL, then by client."""

    key: str
    is_descending: bool

    @classmethod
    def of(cls, sort: str) -> Self:
        """The order of a key such as `-vigencia`. Of a status the newest come first."""
        name, is_descending = sort.removeprefix("-"), sort.startswith("-")
        is_descending = is_descending != (name == BY_STATUS)
        return cls(SORTS[name], is_descending)

    @property
    def reverse(self) -> "Order":
        return replace(self, is_descending=not self.is_descending)

    @property
    def _is_of_balance(self) -> bool:
        return self.key == _BALANCE

    @property
    def _columns(self) -> tuple[F, F]:
        """The key, and the id of the client, of the same table."""
        return F(self.key), F("account__client" if self._is_of_balance else "client")

    def among(
        self, clients: StandingQuerySet, status: Status | None
    ) -> StandingQuerySet:
        """These clients, who have this status if one is given, asked of the account as
        its index knows it."""
        if not self._is_of_balance:
            return clients
        known = _BALANCE_OF[status] if status in _BALANCE_OF else Q()
        return clients.filter(known, account__reseller=F("reseller"))

    @property
    def by(self) -> list[OrderBy]:
        return [OrderBy(one, descending=self.is_descending) for one in self._columns]

    def beyond(self, value: Any, pk: int) -> _IsBeyond:
        """The clients that come after the one with this value of `key` and this id."""
        rows = _Row(*self._columns), _Row(Value(value), Value(pk))
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
