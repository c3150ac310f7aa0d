"""The filters of the table of Clientes: what each parameter of its URL means, asked of
the standings of clients (models/standing.py).

Parameters are named as in api.md, so that a link, a bookmark and the API mean the same.
A filter only narrows what `visible_to` returned; sort keys come from an allow-list
(sorts.py). What the table shows of it is listing.py.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.functional import cached_property

from clients.forecast.pace import MAX_AHEAD_DAYS
from clients.forms import DateInput
from clients.models import NEVER, Standing, StandingQuerySet
from clients.named import ANYBODY, Named
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
    """`qs` gives the clients that the filters leave, and `named` whom the words of the
    search name of them. The status, the archived ones and the sort are asked for beside
    them, because the counts of the chips ignore them."""

    q = django_filters.CharFilter(method="filter_words", label="Buscar")
    paquete = django_filters.ModelChoiceFilter(
        "package",
        queryset=lambda request: Package.objects.visible_to(request.user),
        to_field_name="public_id",
        label="Paquete",
        empty_label="Todos los paquetes",
    )
    vence_desde = _day("Vence desde", method="filter_expires_since")
    vence_hasta = _day("Vence hasta", method="filter_expires_until")
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
        model = Standing
        fields = ()

    def __init__(
        self, data: Any, *, queryset: StandingQuerySet, today: date, **kw: Any
    ) -> None:
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

    @cached_property
    def named(self) -> Named:
        text = self.values.get("q")
        return Named.by(text, self.request.user) if text else ANYBODY

    def filter_words(
        self, clients: StandingQuerySet, name: str, text: str
    ) -> StandingQuerySet:
        """Left to `named`."""
        return clients

    # A client without term has a last day too, NEVER.
    def filter_expires_since(
        self, clients: StandingQuerySet, name: str, day: date
    ) -> StandingQuerySet:
        return clients.filter(last_day__gte=day, last_day__lt=NEVER)

    def filter_expires_until(
        self, clients: StandingQuerySet, name: str, day: date
    ) -> StandingQuerySet:
        return clients.filter(last_day__lte=day, last_day__lt=NEVER)

    # Moments, not days of moments, which no index knows.
    def filter_created_since(
        self, clients: StandingQuerySet, name: str, day: date
    ) -> StandingQuerySet:
        return clients.filter(created_at__gte=_midnight(day))

    def filter_created_until(
        self, clients: StandingQuerySet, name: str, day: date
    ) -> StandingQuerySet:
        if day == date.max:
            return clients
        return clients.filter(created_at__lt=_midnight(day + timedelta(days=1)))

    def filter_running_out(
        self, clients: StandingQuerySet, name: str, days: int
    ) -> StandingQuerySet:
        """Active clients whose folios last at most `days` days at their pace."""
        until = self.today + timedelta(days=days)
        # What ends first ends no later; said for the order by it.
        soon = clients.filter(runs_out_on__lte=until, stops_on__lte=until)
        return soon.having(Status.ACTIVE, self.today)

    def filter_stopping(
        self, clients: StandingQuerySet, name: str, days: int
    ) -> StandingQuerySet:
        """Active clients whose folios, term or seal end within `days` days."""
        until = self.today + timedelta(days=days)
        return clients.filter(stops_on__lte=until).having(Status.ACTIVE, self.today)

    def filter_idle(
        self, clients: StandingQuerySet, name: str, days: int
    ) -> StandingQuerySet:
        """Clients whose last stamp (or creation, without one) is `days` or more ago."""
        return clients.filter(idle_since__lte=self.today - timedelta(days=days))

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
