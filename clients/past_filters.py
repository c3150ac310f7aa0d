"""The table of Clientes at the end of a past day: its filters, counts and order.

The parameters are those of filters.py, so that the same link means the same of both.
Words and the day of creation are asked of the clients as they are, in SQL; what changes
with time is asked of the facts of then (past/). What needs the pace of then is left
out.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from accounts.models import Reseller
from clients import past
from clients.filters import DEFAULT_SORT, ClientFilter
from clients.listing import ClientList, Link
from clients.models import Client, ClientQuerySet, StandingQuerySet
from clients.paging import Total
from clients.past import PlanThen, Then
from clients.sorts import SortChoice
from clients.status import Status

# What only today's table has: how long folios last, what ends first, and since when
# none was spent.
ONLY_TODAY = ("se_agotan", "deja_de_facturar", "sin_timbrar")
_OF_THEN = ("paquete", "vence_desde", "vence_hasta", "folios_max")
_RANK = {status: rank for rank, status in enumerate(Status)}
_Found = tuple[Then, Status]

# A client without a term never expires, so it counts as the latest day.
_KEYS: dict[str, Callable[[_Found], Any]] = {
    "razon_social": lambda found: found[0].sort_name,
    "folios": lambda found: found[0].balance,
    "estatus": lambda found: _RANK[found[1]],
    "creado": lambda found: found[0].created_at,
    "vigencia": lambda found: found[0].expires_on or date.max,
}


class PastFilter(ClientList):
    """`found_then()` gives the facts of clients at the end of `today`, the day that is
    asked for. Needs `count()` first, which asks everything."""

    se_agotan = None  # type: ignore[assignment]
    deja_de_facturar = None  # type: ignore[assignment]
    sin_timbrar = None  # type: ignore[assignment]

    def __init__(self, data: Any, *, reseller: Reseller, today: date, **kw: Any):
        super().__init__(data, today=today, **kw)
        self.end = past.end_of(today, reseller)
        self.plans: dict[int, PlanThen] = {}
        if self.sort.removeprefix("-") in ONLY_TODAY:
            self.sort = DEFAULT_SORT
        for name in _OF_THEN:
            self.filters[name].method = self.leave

    def leave(
        self, clients: StandingQuerySet, name: str, value: Any
    ) -> StandingQuerySet:
        """Left to `_keeps`: the facts of then are in no column."""
        return clients

    @property
    def ignored(self) -> list[str]:
        """The labels of what is asked for that the past can't answer."""
        filters = ClientFilter.base_filters
        asked = [name for name in ONLY_TODAY if self.data.get(name)]
        return [str(filters[name].label) for name in asked]

    @property
    def presets(self) -> list[Link]:
        """None: they are about how things stand today."""
        return []

    @property
    def sort_choices(self) -> list[SortChoice]:
        return [one for one in super().sort_choices if one.name not in ONLY_TODAY]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The parameters that another day of the same list keeps."""
        names = [name for name in self.data if name not in ("al", "pagina")]
        return [(name, self.data[name]) for name in names if self.data[name]]

    def _keeps(self, then: Then) -> bool:
        asked, last = self.form.cleaned_data, then.expires_on
        most = asked.get("folios_max")
        since, until = asked.get("vence_desde"), asked.get("vence_hasta")
        return (
            (since is None or (last is not None and last >= since))
            and (until is None or (last is not None and last <= until))
            and (most is None or then.balance <= most)
        )

    @property
    def _clients(self) -> ClientQuerySet:
        """Whom the filters leave that are asked in SQL."""
        return Client.objects.filter(pk__in=self.named.only(self.qs).values("pk"))

    def _of_the_day(self) -> list[Then]:
        """Those that the filters keep. Only the package needs the plans, a query."""
        kept = [*filter(self._keeps, past.facts(self._clients, self.end))]
        package = self.form.cleaned_data.get("paquete")
        if package or self.sort.removeprefix("-") == "paquete":
            self.plans = past.plans_at(kept)
        if not package:
            return kept
        own = {pk for pk, plan in self.plans.items() if plan.package_id == package.pk}
        return [then for then in kept if then.client_id in own]

    def count(self) -> None:
        self.found: list[_Found] = []
        counts, away = dict.fromkeys(Status, 0), 0
        for then in self._of_the_day():
            is_archived = then.archived_at is not None
            away += is_archived
            if is_archived is self.archived:
                status = then.status_on(self.today)
                counts[status] += 1
                self.found.append((then, status))
        self.counts, self.archived_total = {**counts}, away
        self.total = Total(sum(counts.values()))

    def _plan_name(self, found: _Found) -> str:
        return self.plans[found[0].client_id].name or ""

    def found_then(self) -> list[Then]:
        found = [one for one in self.found if self.status in (None, one[1])]
        # Ties by newest, as in today's table.
        found.sort(key=lambda one: one[0].client_id, reverse=True)
        key = _KEYS.get(self.sort.removeprefix("-"), self._plan_name)
        found.sort(key=key, reverse=self.sort.startswith("-"))
        return [then for then, _ in found]
