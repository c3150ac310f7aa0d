"""What a file of clients or of movements has: its name, its headings, its rows by id.

A piece of rows costs the same questions however many it has. Every question begins with
the person who wants the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Protocol, TypeVar

from django.utils import timezone

from accounts.models import Reseller, User
from clients import statement
from clients.columns import Column, headings, table_rows
from clients.models import Client, FolioLedger

# Rows that are read, and committed, at once.
PIECE = 1_000
T = TypeVar("T")


class Table(Protocol):
    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        ...

    @property
    def header(self) -> list[str]: ...

    def rows(self, ids: Sequence[int]) -> list[Sequence[object]]:
        """In this order; of what is no longer visible there is none."""
        ...


def pieces(items: Iterable[T], size: int = PIECE) -> Iterator[list[T]]:
    each = iter(items)
    while piece := list(islice(each, size)):
        yield piece


def reseller_of(person: User) -> Reseller:
    """Whoever is of none has no list to make a file of."""
    assert person.reseller is not None
    return person.reseller


@dataclass(frozen=True)
class ClientTable:
    """Clients as the list shows them with these columns."""

    by: User
    columns: Sequence[Column]
    today: date

    @property
    def name(self) -> str:
        return f"clientes-{self.today}"

    @property
    def header(self) -> list[str]:
        return headings(self.columns)

    def rows(self, ids: Sequence[int]) -> list[Sequence[object]]:
        with timezone.override(reseller_of(self.by).zone):
            found = Client.objects.visible_to(self.by).with_facts().in_bulk(ids)
            clients = [found[pk] for pk in ids if pk in found]
            return [row.values for row in table_rows(clients, self.columns, self.today)]


@dataclass(frozen=True)
class EntryTable:
    """The movements of all clients, each with its client."""

    by: User
    since: date
    until: date

    @property
    def name(self) -> str:
        return f"movimientos-{self.since}-{self.until}"

    @property
    def header(self) -> list[str]:
        return ["Cliente", "RFC", *statement.HEADER]

    def rows(self, ids: Sequence[int]) -> list[Sequence[object]]:
        zone = reseller_of(self.by).zone
        mine = FolioLedger.objects.filter(client__reseller=self.by.reseller_id)
        found = mine.select_related("client", "by", "api_key").in_bulk(ids)
        return [
            [
                entry.client.legal_name,
                entry.client.rfc,
                *statement.values_of(entry, zone),
            ]
            for entry in (found[pk] for pk in ids if pk in found)
        ]
