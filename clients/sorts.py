"""The orders of the table of Clientes: an allow-list of keys, and what they are called.

Filters are filters.py. `-vigencia` is the key `vigencia`, descending.
"""

from dataclasses import dataclass

from django.db.models import Case, F, Value, When
from django.db.models.expressions import OrderBy

from clients.status import Status

# Worst first: what needs the reseller's attention stands on top.
_STATUS_RANK = Case(
    *(
        When(status_value=status, then=Value(rank))
        for rank, status in enumerate(Status)
    ),
)

SORTS: dict[str, F | Case] = {
    "razon_social": F("sort_name"),
    "paquete": F("plan__name"),
    "folios": F("account__balance"),
    "estatus": _STATUS_RANK,
    "creado": F("created_at"),
    "vigencia": F("expires_on"),
    "se_agotan": F("days_left"),
    "deja_de_facturar": F("stops_on"),
}
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
    "estatus": ("Los que no timbran primero", "Los que timbran primero"),
}


def ordering(key: str) -> list[OrderBy]:
    """The order for a key such as `-vigencia`; ties by newest: pages never overlap."""
    descending = key.startswith("-")
    expression = SORTS[key.removeprefix("-")]
    # A client without a term never expires, so NULL counts as the latest day.
    first = (
        expression.desc(nulls_first=True)
        if descending
        else expression.asc(nulls_last=True)
    )
    return [first, F("id").desc()]


@dataclass(frozen=True)
class SortChoice:
    """An option of *Ordenar*; the default sort needs no parameter."""

    value: str
    label: str
    is_current: bool

    @property
    def name(self) -> str:
        return self.value.removeprefix("-")


def choices(current: str) -> list[SortChoice]:
    return [
        SortChoice("" if key == DEFAULT_SORT else key, label, key == current)
        for name, labels in _LABELS.items()
        for key, label in zip((name, f"-{name}"), labels, strict=True)
    ]
