"""The list of clients that a URL asks for: its counts, its pages, and its links.

What a filter means is filters.py, how a page is found paging.py. Counts ignore the
status alone, so that a chip's number is the number of rows that a click on it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from clients import paging, tally
from clients.actions import IN_BULK, IN_BULK_ARCHIVED, Action
from clients.filters import ClientFilter
from clients.forecast.keeping import keep_fresh
from clients.models import Client, StandingQuerySet
from clients.paging import COUNT_MAX, Page, Total, Walk, first_of
from clients.presets import PARAMETERS, SOON_DAYS, presets
from clients.search import public_id_of
from clients.sorts import (
    BY_STATUS,
    DEFAULT_SORT,
    ENDS,
    OF_PACE,
    Order,
    SortChoice,
    choices,
)
from clients.status import Status
from clients.totals import Totals, totals_of
from packages.models import Package
from reseller_panel.spanish import short_day

# Which page is open; a filter, a sort or another size begins with the first one.
PAGE_PARAMETERS = ("pagina", "despues", "antes")
# Asks for the whole list where nothing else does: without any parameter a person's own
# view opens (views/table.py).
ALL = "todos"

_PLURAL = {
    Status.ACTIVE: "Activos",
    Status.EXHAUSTED: "Folios agotados",
    Status.EXPIRED: "Expirados",
    Status.SUSPENDED: "Suspendidos",
}


@dataclass(frozen=True)
class Chip:
    """A status with the number of clients that have it, under the current filters; None
    if so many match that they are not counted."""

    status: Status
    label: str
    count: int | None
    url: str
    is_current: bool


@dataclass(frozen=True)
class Link:
    """A preset, or a pill: a filter in use, with the URL that takes it off."""

    label: str
    url: str
    is_current: bool = False


class ClientList(ClientFilter):
    """Needs `count()` first, for everything but `rows`. `bare` is the address of the
    whole list, without any parameter."""

    bare = "?"

    def count(self) -> None:
        """Fill `counts` by status, `total` and `archived_total`, in one query; what is
        not known is None, because more than COUNT_MAX clients match the filters."""
        if self.needs_pace:
            keep_fresh(self.request.user.reseller, self.today)
        found = self._counted()
        self.counts: dict[Status, int | None]
        self.archived_total: int | None
        if found is None:
            self.counts = dict.fromkeys(Status)
            self.total = Total.of(self._archived_or_not(), self.named)
            self.archived_total = None
        else:
            mine = found.archived if self.archived else found.listed
            self.counts = {**mine}
            self.total = Total(sum(mine.values()))
            self.archived_total = sum(found.archived.values())

    def _counted(self) -> tally.Counts | None:
        """From the tally, unless a filter is in use that it does not know."""
        asked = self.values
        since, until = asked.pop("vence_desde", None), asked.pop("vence_hasta", None)
        reseller = self.request.user.reseller_id
        if reseller and not asked:
            return tally.count(reseller, self.today, since=since, until=until)
        found = tally.Counts.none()
        rows = self.qs.with_status(self.today)
        rows = first_of(rows.values_list("status_value", "is_archived"), self.named)
        if len(rows) > COUNT_MAX:
            return None
        for status, is_archived in rows:
            found.add(Status(status), 1, is_archived=is_archived)
        return found

    def _url(self, **changes: str | None) -> str:
        """The URL with these changes, without empty parameters, on the first page."""
        left_out = (*PAGE_PARAMETERS, ALL)
        given = {k: v for k, v in self.data.items() if v and k not in left_out}
        query = given | changes
        kept = {name: value for name, value in query.items() if value}
        return f"?{urlencode(kept)}" if kept else self.bare

    def url_of(self, page: int, **beside: str | None) -> str:
        """The URL of a page, without empty parameters; `despues` or `antes` names the
        client beside which it begins."""
        return self._url(pagina=str(page) if page > 1 else None, **beside)

    def url_of_this(self, page: Page) -> str:
        """The URL of an open page for the address bar: Back and a reload lead to the
        same rows, however many came before them meanwhile."""
        sides = {name: self.data.get(name) for name in ("despues", "antes")}
        return self.url_of(page.number, **(sides if page.number > 1 else {}))

    @property
    def verbs(self) -> Sequence[Action]:
        """What may be done with many of them."""
        return IN_BULK_ARCHIVED if self.archived else IN_BULK

    @property
    def url_of_all(self) -> str:
        """The parameters of all pages together, as a file is asked for."""
        return self.url_of(1)

    @property
    def everyone(self) -> str:
        """What a choice of all of them is called."""
        if self.matched.is_more:
            return f"Todos los que cumplen el filtro ({self.matched})"
        which = (
            "que cumplen el filtro"
            if self.is_narrowed or self.status
            else "de la lista"
        )
        return f"Los {self.matched} {which}"

    @property
    def url_all(self) -> str:
        return self._url(estatus=None)

    @property
    def url_archived(self) -> str:
        """The archived clients that the same filters find, as `archived_total` says."""
        return self._url(estatus=None, archivados="1")

    @property
    def url_listed(self) -> str:
        """From the archived clients back to the list, with the same filters."""
        return self._url(estatus=None, archivados=None)

    @property
    def offers_archived(self) -> bool:
        """Whether something is looked for that archived clients have too."""
        return bool(self.is_narrowed and not self.archived and self.archived_total)

    def _label(self, status: Status) -> str:
        """No archived client can stamp, so the list of them has no *Activos*."""
        nothing_else = self.archived and status is Status.ACTIVE
        return "Con folios y vigencia" if nothing_else else _PLURAL[status]

    @property
    def chips(self) -> list["Chip"]:
        return [
            Chip(
                status=status,
                label=self._label(status),
                count=self.counts[status],
                url=self._url(estatus=status.slug),
                is_current=status is self.status,
            )
            for status in reversed(Status)
        ]

    @property
    def presets(self) -> list[Link]:
        """The ready-made filters; the one in use leads back to the list without it."""
        none = dict.fromkeys(PARAMETERS)
        given = {name: self.data[name] for name in PARAMETERS if self.data.get(name)}
        return [
            Link(
                one.name,
                self._url(**(none if given == one.query else none | one.query)),
                is_current=given == one.query,
            )
            for one in presets(self.today)
        ]

    @property
    def pills(self) -> list[Link]:
        """The filters in use, each with the URL without it; a preset is one of them."""
        whole = [link for link in self.presets if link.is_current]
        covered = PARAMETERS if whole else ()
        return whole + [
            Link(
                f"{self.filters[name].label}: {_said(value)}", self._url(**{name: None})
            )
            for name, value in self.values.items()
            if name not in covered
        ]

    @property
    def url_none(self) -> str:
        """The URL without any filter; the chip and the sort stay."""
        return self._url(**dict.fromkeys(self.filters))

    @property
    def sort_choices(self) -> list[SortChoice]:
        return choices(self.sort)

    @property
    def needs_pace(self) -> bool:
        """Whether its rows depend on what is kept of each client's pace."""
        return not OF_PACE.isdisjoint({*self.values, self.sort.removeprefix("-")})

    @cached_property
    def totals(self) -> Totals:
        """The line under the heading. Who cannot stamp, or is asked for by a number of
        days, is not counted as running out."""
        can_run_out = not self.archived and self.status in (None, Status.ACTIVE)
        asks_pace = can_run_out and "se_agotan" not in self.values
        if asks_pace and not self.needs_pace:
            keep_fresh(self.request.user.reseller, self.today)
        return totals_of(self, self._listed(), self.matched, asks_pace=asks_pace)

    @property
    def url_running_out(self) -> str:
        """Those of them that run out soon, as `totals.running_out` says."""
        return self._url(se_agotan=str(SOON_DAYS))

    @cached_property
    def matched(self) -> Total:
        """How many rows the table has on all pages together."""
        if not self.status:
            return self.total
        known = self.counts[self.status]
        return Total.of(self._listed(), self.named) if known is None else Total(known)

    def _archived_or_not(self) -> StandingQuerySet:
        return self.qs.archived() if self.archived else self.qs.listed()

    def _listed(self) -> StandingQuerySet:
        """The clients of all pages together."""
        clients = self._archived_or_not()
        return clients.having(self.status, self.today) if self.status else clients

    @property
    def walk(self) -> Walk:
        """The clients of all pages together, in the order that was asked for."""
        clients, sort = self._listed(), self.sort
        if self.archived or self.status not in (None, Status.ACTIVE):
            # They may not stamp: in an order by what ends first all are equal.
            sort = DEFAULT_SORT if sort.removeprefix("-") in ENDS else sort
        by_status = sort.removeprefix("-") == BY_STATUS and not self.status
        order = Order.of(sort)
        day = self.today if by_status else None
        return Walk(order.among(clients, self.status), order, self.named, day)

    def rows(self, start: int, size: int, *also: str) -> list[Client]:
        """`size` clients after `start` others, with these related objects."""
        return paging.clients_of(self.walk.ids(start, size), *also)

    @property
    def exact_total(self) -> int:
        """`matched` for programs, which are told how many there are at any price."""
        matched = self.matched
        if not matched.is_more:
            return matched.number
        return self.named.only(self._listed()).count()

    def page(self, size: int) -> Page:
        """The page that the URL asks for, by its number or beside a client of the page
        that was open. Needs `count()` first."""
        number = _number(self.data.get("pagina", ""))
        for name, side in (("despues", paging.after), ("antes", paging.before)):
            if place := self._place(self.data.get(name, "")):
                return side(self.walk, place, number, size, self.matched)
        return paging.by_number(self.walk, number, size, self.matched)

    def _place(self, client: str) -> paging.Place | None:
        public_id = public_id_of(client)
        return self.walk.place_of(public_id, self.scope) if public_id else None


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def _said(value: Any) -> str:
    """The value of a filter, as its pill says it."""
    match value:
        case date():
            return short_day(value)
        case int():
            return f"{value:,}"
        case Package():
            return value.name
    return f"«{value}»"
