"""Pages of the table, found without reading the rows before them.

First the ids, from an index that gives the order (sorts.py), then the rows by their
ids. The next and the previous page begin beside the last or first row of the page that
is open; a page by its number is counted from the nearer end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import IntegerField, Value

from clients.models import Client, ClientQuerySet
from clients.sorts import Order
from clients.status import Status

# Where more match than this, the table says so instead of counting them all.
COUNT_MAX = 1_000


@dataclass(frozen=True)
class Total:
    """How many clients a list has; `is_more`: it has more than `number`."""

    number: int
    is_more: bool = False

    @classmethod
    def of(cls, clients: ClientQuerySet) -> "Total":
        return cls.capped(clients.order_by()[: COUNT_MAX + 1].count())

    @classmethod
    def capped(cls, found: int) -> "Total":
        """Of a count that went to COUNT_MAX + 1 at most."""
        return cls(min(found, COUNT_MAX), found > COUNT_MAX)

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return f"más de {self.number:,}" if self.is_more else f"{self.number:,}"

    @property
    def short(self) -> str:
        """Where there is no room for words."""
        return f"{self.number:,}+" if self.is_more else f"{self.number:,}"

    def __format__(self, how: str) -> str:
        return str(self)


class Place(NamedTuple):
    """Where a client stands in an order."""

    rank: int
    key: Any
    pk: int


@dataclass(frozen=True)
class Walk:
    """The clients of a table, in an order.

    With `status_on`, a day, the order is by the status of that day first: then the
    clients of each status are asked for by themselves, because no index knows it.
    """

    clients: ClientQuerySet
    order: Order
    status_on: date | None = None

    @property
    def reverse(self) -> "Walk":
        return replace(self, order=self.order.reverse)

    def place_of(self, client: UUID, among: ClientQuerySet) -> Place | None:
        """The place of one of the clients `among`; it may be no longer on the list."""
        asked = among.select_related("account").annotate(place_key=self.order.key)
        found = asked.filter(public_id=client).first()
        if found is None:
            return None
        status = found.status_on(self.status_on) if self.status_on else Status.ACTIVE
        return Place([*Status].index(status), found.place_key, found.pk)

    def ids(self, start: int, size: int, *, after: Place | None = None) -> list[int]:
        """The ids of `size` clients after `start` others, or after a place."""
        until = start + size
        if self.status_on is None:
            found = self._part(self.clients, after)
            return list(found.values_list("pk", flat=True)[start:until])
        first, *others = self._parts(self.status_on, after, until)
        if others:
            sign = "-" if self.order.is_descending else ""
            # The worst status comes first where the newest client does.
            rank = "rank" if self.order.is_descending else "-rank"
            first = first.union(*others, all=True)
            first = first.order_by(rank, f"{sign}key", f"{sign}pk")
        return [pk for *_, pk in first[start:until]]

    def _part(self, clients: ClientQuerySet, after: Place | None) -> ClientQuerySet:
        if after:
            clients = clients.filter(self.order.beyond(after.key, after.pk))
        return clients.order_by(*self.order.by)

    def _parts(self, day: date, after: Place | None, size: int) -> list[Any]:
        """The first `size` ids of each status with their order, except of those that
        are over."""
        parts = []
        for rank, status in enumerate(Status):
            inside = after if after and after.rank == rank else None
            if after and not inside and (after.rank > rank) == self.order.is_descending:
                continue
            ordered = self._part(self.clients.having(status, day), inside).annotate(
                rank=Value(rank, output_field=IntegerField()), key=self.order.key
            )
            parts.append(ordered.values_list("rank", "key", "pk")[:size])
        return parts


@dataclass(frozen=True)
class Page:
    """A page of the table. `number` counts from 1; `size` is the most that it has."""

    clients: Sequence[Client]
    number: int
    size: int
    total: Total
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def previous_number(self) -> int | None:
        """None for the first page, which needs no number."""
        return self.number - 1 if self.number > 2 else None

    @property
    def next_number(self) -> int:
        return self.number + 1

    @property
    def last_client(self) -> Client:
        return self.clients[-1]

    @property
    def first(self) -> int:
        """The place of its first row, counted from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.clients) - 1

    @property
    def count(self) -> int | None:
        """How many pages there are; None if not all clients are counted."""
        return None if self.total.is_more else _pages(self.total.number, self.size)


def _pages(rows: int, size: int) -> int:
    return max(1, -(-rows // size))


def by_number(walk: Walk, number: int, size: int, total: Total) -> Page:
    """The page with this number, or the last one that is counted."""
    number = min(number, _pages(total.number, size))
    start = (number - 1) * size
    behind = total.number - start
    if total.is_more or start <= behind:
        found = walk.ids(start, size + 1)
        return _page(found[:size], number, size, total, has_next=len(found) > size)
    # Nearer to the end: the same rows, counted from there.
    most = min(size, behind)
    found = walk.reverse.ids(behind - most, most)[::-1]
    return _page(found, number, size, total, has_next=behind > size)


def after(walk: Walk, place: Place, number: int, size: int, total: Total) -> Page:
    found = walk.ids(0, size + 1, after=place)
    if not found:
        return by_number(walk, number, size, total)
    return _page(found[:size], number, size, total, has_next=len(found) > size)


def before(walk: Walk, place: Place, number: int, size: int, total: Total) -> Page:
    found = walk.reverse.ids(0, size, after=place)[::-1]
    if number == 1 or len(found) < size:
        return by_number(walk, 1, size, total)
    return _page(found, number, size, total, has_next=True)


def clients_of(ids: Sequence[int], *also: str) -> list[Client]:
    """These clients with their facts and these related objects, in this order."""
    found = Client.objects.with_facts().prefetch_related(*also).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _page(
    ids: Sequence[int], number: int, size: int, total: Total, *, has_next: bool
) -> Page:
    return Page(clients_of(ids), number, size, total, has_next)
