"""Pages of the table, found without reading the rows before them.

First the ids, from an index that gives the order (sorts.py), then the rows by their
ids. The next and the previous page begin beside the last or first row of the page that
is open; a page by its number is counted from the nearer end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from clients.models import Client, StandingQuerySet
from clients.named import ANYBODY, Named
from clients.sorts import Order
from clients.status import Status

# Where more match than this, the table says so instead of counting them all.
COUNT_MAX = 1_000
# Ids that are fetched at once where all are read.
PIECE = 10_000
# How many clients from the beginning of an order are tried, and then how many. With the
# FEW that are asked for first, the former is less than fifty rows for each of a page.
REACHES = (1_400, 20_000)


@dataclass(frozen=True)
class Total:
    """How many clients a list has; `is_more`: it has more than `number`."""

    number: int
    is_more: bool = False

    @classmethod
    def of(cls, clients: StandingQuerySet, named: Named) -> "Total":
        """How many of these clients are named."""
        return cls.capped(len(first_of(clients.values_list("pk"), named)))

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


def first_of(rows: QuerySet[Any, Any], named: Named) -> list[Any]:
    """The rows of Standing of whom is named: all, or more than COUNT_MAX of them."""
    rows = rows.order_by()
    if named.are_many:
        found = [*named.known(rows)[: COUNT_MAX + 1]]
        if len(found) > COUNT_MAX:
            return found
    return [*named.only(rows)[: COUNT_MAX + 1]]


class Place(NamedTuple):
    """Where a client stands in an order."""

    rank: int
    key: Any
    pk: int


@dataclass(frozen=True)
class Walk:
    """The clients of a table, in an order; with `named`, only those of them.

    With `status_on`, a day, the order is by the status of that day first: then the
    clients of each status are asked for by themselves, because no index knows it.
    """

    clients: StandingQuerySet
    order: Order
    named: Named = ANYBODY
    status_on: date | None = None

    @property
    def reverse(self) -> "Walk":
        return replace(self, order=self.order.reverse)

    def place_of(self, client: UUID, among: StandingQuerySet) -> Place | None:
        """The place of one of the clients `among`; it may be no longer on the list."""
        asked = among.filter(client__public_id=client)
        asked = asked.with_status(self.status_on or date.max)
        found = asked.values_list("status_value", self.order.key, "pk").first()
        if found is None:
            return None
        status, *key = found
        return Place([*Status].index(Status(status)), *key)

    def ids(self, start: int, size: int, *, after: Place | None = None) -> list[int]:
        """The ids of `size` clients after `start` others, or after a place."""
        most = start + size
        if self.status_on is None:
            return self._part(self.clients, most, after)[start:]
        found: list[int] = []
        for rank, status in self._statuses(after):
            inside = after if after and after.rank == rank else None
            clients = self.clients.having(status, self.status_on)
            found += self._part(clients, most - len(found), inside)
            if len(found) == most:
                break
        return found[start:]

    def every_id(self) -> Iterator[int]:
        """The ids of all of them, of which only a piece is in memory. Within a
        transaction, which a cursor of the server needs."""
        parts = [self.clients]
        if day := self.status_on:
            parts = [self.clients.having(one, day) for _, one in self._statuses(None)]
        for clients in parts:
            ordered = clients.order_by(*self.order.by).values_list("pk", flat=True)
            yield from self.named.only(ordered).iterator(chunk_size=PIECE)

    def _statuses(self, after: Place | None) -> list[tuple[int, Status]]:
        """The worst first where the newest client comes first."""
        ranks = [*enumerate(Status)]
        if not self.order.is_descending:
            ranks.reverse()
        ended = ranks.index((after.rank, [*Status][after.rank])) if after else 0
        return ranks[ended:]

    def _part(
        self, clients: StandingQuerySet, most: int, after: Place | None
    ) -> list[int]:
        """The first ids, read in the order of an index."""
        if after:
            clients = clients.filter(self.order.beyond(after.key, after.pk))
        ordered = clients.order_by(*self.order.by).values_list("pk", flat=True)
        if not self.named.are_many:
            return [*self.named.only(ordered)[:most]]
        # No plan knows whether the first clients are among the named ones: it is tried.
        hits, tried = most, 1
        for reach in REACHES:
            if hits * reach < most * tried:
                break  # as rare as so far, they would not be enough
            near = [*ordered[:reach]]
            found = self.named.among(near)
            if len(found) >= most or len(near) < reach:
                return found[:most]
            hits, tried = len(found), reach
        return [*self.named.only(ordered)[:most]]


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
