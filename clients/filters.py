"""The filters of the table of Clientes: what each parameter of its URL means.

Parameters are named as in api.md, so that a link, a bookmark and the API mean the same.
A filter only narrows what `visible_to` returned; sort keys come from an allow-list
(sorts.py). What the table shows of it is listing.py.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone

from clients.forecast.pace import MAX_AHEAD_DAYS
from clients.forms import DateInput
from clients.models import Client, ClientQuerySet
from clients.sorts import DEFAULT_SORT, SORTS
from clients.status import Status
from packages.models import Package
from reseller_panel.limits import SEARCH_LENGTH_MAX
from reseller_panel.numbers import QuantityField

STATUS_BY_SLUG = {status.slug: status for status in Status}


class QuantityFilter(django_filters.Filter):
    field_class = QuantityField


def _day(label: str, *column: str, **how: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(*column, label=label, widget=DateInput, **how)


def _midnight(day: date) -> datetime:
    """With which `day` begins in the zone of the reseller, the current one."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


class ClientFilter(django_filters.FilterSet):
    """`qs` gives the clients that the filters leave. The status, the archived ones and
    the sort are asked for beside them, because the counts of the chips ignore them."""

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
    creado_desde = _day("Creado desde", method="filter_created_since")
    creado_hasta = _day("Creado hasta", method="filter_created_until")
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
        super().__init__(data, queryset=queryset, **kw)
        self.scope, self.today = queryset, today
        given = self.data or {}
        self.archived = given.get("archivados") == "1"
        self.status = STATUS_BY_SLUG.get(given.get("estatus", ""))
        key = given.get("orden", "")
        self.sort = key if key.removeprefix("-") in SORTS else DEFAULT_SORT

    def filter_words(
        self, clients: ClientQuerySet, name: str, text: str
    ) -> ClientQuerySet:
        return clients.matching(text)

    # Moments, not days of moments, which no index knows.
    def filter_created_since(
        self, clients: ClientQuerySet, name: str, day: date
    ) -> ClientQuerySet:
        return clients.filter(created_at__gte=_midnight(day))

    def filter_created_until(
        self, clients: ClientQuerySet, name: str, day: date
    ) -> ClientQuerySet:
        if day == date.max:
            return clients
        return clients.filter(created_at__lt=_midnight(day + timedelta(days=1)))

    def filter_running_out(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Active clients whose folios last at most `days` days at their pace."""
        until = self.today + timedelta(days=days)
        active = clients.having(Status.ACTIVE, self.today)
        return active.filter(self._outlook(runs_out_on__lte=until))

    def filter_stopping(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Active clients whose folios, term or seal end within `days` days."""
        until = self.today + timedelta(days=days)
        active = clients.having(Status.ACTIVE, self.today)
        return active.filter(self._outlook(stops_on__lte=until))

    def filter_idle(
        self, clients: ClientQuerySet, name: str, days: int
    ) -> ClientQuerySet:
        """Clients whose last stamp (or creation, without one) is `days` or more ago.
        The outlook finds them, the account says whether they have stamped since."""
        since = self.today - timedelta(days=days)
        return clients.filter(
            Q(account__stamped_on=None) | Q(account__stamped_on__lte=since),
            self._outlook(idle_since__lte=since),
        )

    def _outlook(self, **asked: Any) -> Q:
        """A condition of the kept outlook, in the way of its index."""
        whose = {"reseller": self.request.user.reseller_id}
        return Q(
            **{f"outlook__{name}": value for name, value in (asked | whose).items()}
        )

    @property
    def has_wrong(self) -> bool:
        """Whether a filter of *Más filtros* has to be corrected."""
        return any(name not in ("q", "paquete") for name in self.form.errors)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the status and the sort limits the rows."""
        return any(self.data.get(name) for name in self.filters)

    @property
    def values(self) -> dict[str, Any]:
        """What the filters in use ask for, by name; what makes no sense is left out."""
        if not self.is_bound:
            return {}
        self.form.is_valid()  # cleans
        given = self.form.cleaned_data
        return {name: value for name, value in given.items() if value not in (None, "")}
