"""The orders of the month page: an allow-list of keys, and what they are called.

`-vendidos` is the key `vendidos`, descending. What is added up is totals.py.
"""

from clients.sorts import SortChoice
from clients.sorts import choices as choices_of

SORTS = {"razon_social": "sort_name", "timbrados": "stamped", "vendidos": "sold"}
DEFAULT_SORT = "-timbrados"
_TIES = ("-stamped", "-sold", "sort_name", "id")

# What *Ordenar* calls them, where there are no heads of columns: ascending, descending.
_LABELS = {
    "razon_social": ("Razón social, A a Z", "Razón social, Z a A"),
    "timbrados": ("Menos timbrados", "Más timbrados"),
    "vendidos": ("Menos vendidos", "Más vendidos"),
}


def key_of(asked: str) -> str:
    """The key of a URL; the default for anything else."""
    return asked if asked.removeprefix("-") in SORTS else DEFAULT_SORT


def ordering(key: str) -> list[str]:
    """The fields to order by. Ties by what else moved, then by name, then by id: pages
    never overlap."""
    first = SORTS[key.removeprefix("-")]
    ties = [by for by in _TIES if by.removeprefix("-") != first]
    return [f"-{first}" if key.startswith("-") else first, *ties]


def choices(current: str) -> list[SortChoice]:
    return choices_of(current, _LABELS, DEFAULT_SORT)
