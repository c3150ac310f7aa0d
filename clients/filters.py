"""The filters, search, sort and counts of the table, all read from the URL.

Parameters are named as in api.md, so that a link, a bookmark and the API mean the same.
A filter only narrows what `visible_to` returned; sort keys come from an allow-list
(sorts.py).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Count, Q

from clients.forecast.pace import MAX_AHEAD_DAYS, DaysLeft
from clients.forecast.stops import stops_on
from clients.forms import DateInput
from clients.models import Client, ClientQuerySet
from clients.presets import PARAMETERS, presets
from clients.sorts import DEFAULT_SORT, SORTS, SortChoice, choices, ordering
from clients.status import Status
from packages.models import Package
from reseller_panel.limits import SEARCH_LENGTH_MAX
from reseller_panel.numbers import QuantityField
from reseller_panel.spanish import short_day

STATUS_BY_SLUG = {status.slug: status for status in Status}


class QuantityFilter(django_filters.Filter):
    field_class = QuantityField


def _day(label: str, field: str, lookup: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(field, lookup, label=label, widget=DateInput)


_PLURAL = {
    Status.ACTIVE: "Activos",
    Status.EXHAUSTED: "Folios agotados",
    Status.EXPIRED: "Expirados",
    Status.SUSPENDED: "Suspendidos",
}


@dataclass(frozen=True)
class Chip:
    """A status with the number of clients that have it, under the current filters."""

    status: Status
    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Link:
    """A preset, or a pill: a filter in use, with the URL that takes it off."""

    label: str
    url: str
    is_current: bool = False


class ClientFilter(django_filters.FilterSet):
    """`rows()` gives the table, `counts` the chips. Counts ignore the status filter
    alone, so that a chip's number is the number of rows that a click on it shows."""

    q = django_filters.CharFilter(method="filter_words", label="Buscar")
    paquete = django_filters.ModelChoiceFilter(
        "plan__package",
        queryset=lambda request: Package.objects.visible_to(request.user),
        to_field_name="public_id",
        label="Paquete",
        empty_label="Todos los paquetes",
    )
    vence_desde = _day("Vence desde", "expires_on", "gte")
    vence_hasta = _day("Vence hasta", "expires_on", "lte")
    creado_desde = _day("Creado desde", "created_at", "date__gte")
    creado_hasta = _day("Creado hasta", "created_at", "date__lte")
    folios_max = QuantityFilter(
        "account__balance",
        "lte",
        label="Folios, máximo",
        min_value=0,
        max_value=2**53,
    )
    se_agotan = QuantityFilter(
        method="filter_running_out",
        label="Se agotan en, días",
        min_value=0,
        max_value=MAX_AHEAD_DAYS,
    )
    deja_de_facturar = QuantityFilter(
        method="filter_stopping",
        label="Dejan de facturar en, días",
        min_value=0,
        max_value=MAX_AHEAD_DAYS,
    )
    sin_timbrar = QuantityFilter(
        method="filter_idle",
        label="Sin timbrar, días",
        min_value=0,
        max_value=MAX_AHEAD_DAYS,
    )

    class Meta:
        model = Client
        fields = ()

    def __init__(self, data: Any, *, queryset: ClientQuerySet, today: date, **kw: Any):
        if "q" in data:
            data = data.copy()
            data["q"] = data["q"][:SEARCH_LENGTH_MAX]
        super().__init__(data, queryset=queryset.with_status(today), **kw)
        self.today = today
        given = self.data or {}
        self.archived = given.get("archivados") == "1"
        self.status = STATUS_BY_SLUG.get(given.get("estatus", ""))
        key = given.get("orden", "")
        self.sort = key if key.removeprefix("-") in SORTS else DEFAULT_SORT

    def filter_words(
        self, clients: ClientQuerySet, name: str, text: str
    ) -> ClientQuerySet:
        return clients.matching(text)

    def filter_running_out(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Active clients whose folios last at most `days` days at their pace."""
        active = clients.filter(Q(status_value=Status.ACTIVE))
        left = active.annotate(days_left=DaysLeft(self.today))
        return left.filter(days_left__lte=days)

    def filter_stopping(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Active clients whose folios, term or seal end within `days` days."""
        active = clients.filter(Q(status_value=Status.ACTIVE))
        until = self.today + timedelta(days=days)
        return active.annotate(stops_on=stops_on(self.today)).filter(
            stops_on__lte=until
        )

    def filter_idle(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Clients whose last stamp (or creation, without one) is `days` or more ago."""
        since = self.today - timedelta(days=days)
        return clients.filter(
            Q(account__stamped_on__lte=since)
            | Q(account__stamped_on=None, created_at__date__lte=since)
        )

    @property
    def has_wrong(self) -> bool:
        """Whether a filter of *Más filtros* has to be corrected."""
        return any(name not in ("q", "paquete") for name in self.form.errors)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the status and the sort limits the rows."""
        return any(self.data.get(name) for name in self.filters)

    def count(self) -> None:
        """Fill `counts` by status, `total` and `archived_total`, in one query."""
        groups = (
            self.qs.order_by()
            .values("status_value")
            .annotate(
                listed=Count("id", filter=Q(archived_at=None)),
                away=Count("id", filter=Q(archived_at__isnull=False)),
            )
        )
        self.counts = dict.fromkeys(Status, 0)
        self.archived_total = 0
        for group in groups:
            status = Status(group["status_value"])
            self.counts[status] = group["away" if self.archived else "listed"]
            self.archived_total += group["away"]
        self.total = sum(self.counts.values())

    def _url(self, **changes: str | None) -> str:
        """The URL with these changes, without empty parameters, on the first page."""
        query = {k: v for k, v in self.data.items() if v and k != "pagina"} | changes
        kept = {name: value for name, value in query.items() if value}
        return f"?{urlencode(kept)}"

    def url_of(self, page: int) -> str:
        """The URL of a page for the address bar, without empty parameters."""
        return self._url(pagina=str(page) if page > 1 else None)

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
            for name, value in self.form.cleaned_data.items()
            if value not in (None, "") and name not in covered
        ]

    @property
    def url_none(self) -> str:
        """The URL without any filter; the chip and the sort stay."""
        return self._url(**dict.fromkeys(self.filters))

    @property
    def sort_choices(self) -> list[SortChoice]:
        return choices(self.sort)

    @property
    def matched(self) -> int:
        """How many rows the table has on all pages together."""
        return self.counts[self.status] if self.status else self.total

    def rows(self) -> ClientQuerySet:
        clients = self.qs.archived() if self.archived else self.qs.listed()
        if self.status:
            clients = clients.filter(status_value=self.status)
        match self.sort.removeprefix("-"):
            case "se_agotan":
                clients = clients.annotate(days_left=DaysLeft(self.today))
            case "deja_de_facturar":
                clients = clients.annotate(stops_on=stops_on(self.today))
        return clients.with_facts().order_by(*ordering(self.sort))


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
