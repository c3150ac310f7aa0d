"""How a person sees the table of Clientes: its columns, rows a page, and their height.

The address says the columns of a list that was sent or saved; otherwise they are the
person's own, as are the other two. Keeping them is accounts/lists.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from django.http import QueryDict

from accounts.models import ListSettings
from clients import columns
from clients.columns import COLUMNS, CREATED, USUAL, Column

PAGE_SIZES = (25, 50, 100)
PER_PAGE = "por_pagina"


def page_size_of(data: Mapping[str, str], kept: ListSettings) -> int:
    """How many rows: as the address says, or as the person chose."""
    sizes = {str(size): size for size in PAGE_SIZES}
    usual = sizes.get(str(kept.page_size), PAGE_SIZES[0])
    return sizes.get(data.get(PER_PAGE, ""), usual)


@dataclass(frozen=True)
class Arrangement:
    """`is_of_address`: the address says the columns, whoever opens it."""

    columns: tuple[Column, ...] = USUAL
    page_size: int = PAGE_SIZES[0]
    is_compact: bool = False
    is_of_address: bool = False

    @classmethod
    def of(cls, data: Mapping[str, str], kept: ListSettings) -> Self:
        """As an address and a person's own settings say it."""
        own = USUAL if kept.columns is None else columns.named(kept.columns)
        asked = columns.asked(data.get(columns.PARAMETER, ""))
        return cls(
            own if asked is None else asked,
            page_size_of(data, kept),
            kept.is_compact,
            is_of_address=asked is not None,
        )

    @property
    def said(self) -> str:
        """Its columns as an address says them."""
        return columns.said(self.columns)

    @property
    def names(self) -> list[str] | None:
        """Its columns as they are kept; None if they are the usual ones."""
        if self.columns == USUAL:
            return None
        return [column.name for column in self.columns]

    @property
    def is_wide(self) -> bool:
        return columns.is_wide(self.columns)

    @property
    def folded(self) -> Column | None:
        """What stands under the name where its column has no room."""
        return CREATED if columns.folds_creation(self.columns) else None


class Line(NamedTuple):
    """A column in the choice of columns. `focus`: the way it was moved last."""

    column: Column
    is_shown: bool
    is_first: bool
    is_last: bool
    focus: str = ""


@dataclass(frozen=True)
class Draft:
    """What is chosen so far: all columns in their order, and which of them are shown.
    `moved`: the column that was moved last, and which way."""

    order: tuple[Column, ...]
    shown: frozenset[str]
    page_size: int
    is_compact: bool
    moved: tuple[str, str] = ("", "")

    @classmethod
    def of(cls, now: Arrangement) -> Self:
        return cls(
            tuple(dict.fromkeys((*now.columns, *COLUMNS.values()))),
            frozenset(column.name for column in now.columns),
            now.page_size,
            now.is_compact,
        )

    @classmethod
    def posted(cls, data: QueryDict) -> Self:
        """What is no column or size is left out, and a column that is not named comes
        last."""
        kept = ListSettings(is_compact=data.get("density") == "compact")
        order = columns.named((*data.getlist("order"), *COLUMNS))
        return cls(
            order,
            frozenset(data.getlist("shown")) & COLUMNS.keys(),
            page_size_of({PER_PAGE: data.get("page_size", "")}, kept),
            kept.is_compact,
        )

    def move(self, asked: str) -> "Draft":
        """With a column one place further: `folios:up`, `folios:down`."""
        name, _, way = asked.partition(":")
        step = {"up": -1, "down": 1}.get(way)
        if name not in COLUMNS or step is None:
            return self
        order = list(self.order)
        place = order.index(COLUMNS[name])
        other = min(max(place + step, 0), len(order) - 1)
        order[place], order[other] = order[other], order[place]
        return replace(self, order=tuple(order), moved=(name, way))

    @property
    def arrangement(self) -> Arrangement:
        chosen = tuple(one for one in self.order if one.name in self.shown)
        return Arrangement(chosen, self.page_size, self.is_compact)

    @property
    def lines(self) -> Iterator[Line]:
        name, way = self.moved
        last = len(self.order) - 1
        for place, column in enumerate(self.order):
            # At an end only the other way is left.
            focus = {0: "down", last: "up"}.get(place, way)
            yield Line(
                column,
                column.name in self.shown,
                place == 0,
                place == last,
                focus if column.name == name else "",
            )
