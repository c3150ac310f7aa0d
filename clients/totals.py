"""The line under the heading of the table: clients, folios left, those running out.

One query at most, of COUNT_MAX + 1 rows at most: of a longer list the folios are not
added up, and the line says so. Running out is what filters.py means by `se_agotan`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, IntegerField, Max, Q, Subquery, Sum

from clients.models import ClientQuerySet, KeptOutlook
from clients.paging import COUNT_MAX, Total
from clients.presets import SOON_DAYS
from clients.status import Status


@dataclass(frozen=True)
class Totals:
    """`folios` is None where there are more than `most` clients. `running_out`, clients
    whose folios last at most `days` days, is None where it is not counted."""

    clients: Total
    folios: int | None = None
    running_out: Total | None = None
    days: int = SOON_DAYS

    @property
    def most(self) -> int:
        return COUNT_MAX


def totals_of(
    clients: ClientQuerySet,
    number: Total,
    *,
    reseller_id: int | None,
    today: date,
    asks_pace: bool,
) -> Totals:
    """Of `clients`, of which there are `number`, all of one reseller. With `asks_pace`
    outlooks are read, which have to be fresh."""
    until = today + timedelta(days=SOON_DAYS)
    if number.is_more or (number.number > COUNT_MAX and not asks_pace):
        return Totals(number)
    if number.number > COUNT_MAX:
        active = clients.having(Status.ACTIVE, today)
        return Totals(number, running_out=_soonest(active, reseller_id, until))
    is_soon = Q(status_value=Status.ACTIVE, outlook__runs_out_on__lte=until)
    few = clients.with_status(today).order_by()[: COUNT_MAX + 1]
    found = few.aggregate(
        folios=Sum("account__balance", default=0),
        soon=Count("pk", filter=is_soon),
    )
    running_out = Total(found["soon"]) if asks_pace else None
    return Totals(number, found["folios"], running_out)


class _HowMany(Subquery):
    """The number of rows of a query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS them)"
    output_field = IntegerField()


def _soonest(
    clients: ClientQuerySet, reseller_id: int | None, until: date
) -> Total | None:
    """How many of `clients` are among the reseller's first COUNT_MAX + 1 that run out,
    which an index gives. None if none of them is, which says nothing of the others."""
    soonest = KeptOutlook.objects.filter(
        reseller=reseller_id, runs_out_on__lte=until
    ).order_by("runs_out_on", "client_id")
    ids = soonest.values("client_id")[: COUNT_MAX + 1]
    found = clients.filter(pk__in=ids).aggregate(
        number=Count("pk"), among=Max(_HowMany(ids))
    )
    if not found["number"]:
        return None
    return Total(min(found["number"], COUNT_MAX), found["among"] > COUNT_MAX)
