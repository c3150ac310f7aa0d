"""The line under the heading of the table: clients, folios left, those running out.

Never reads more than COUNT_MAX + 1 rows: of a longer list the folios are not added up,
and the line says so. What a filter means is filters.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from clients.filters import ClientFilter
from clients.models import ClientQuerySet
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
    table: ClientFilter, clients: ClientQuerySet, number: Total, *, asks_pace: bool
) -> Totals:
    """Of `clients`, the rows of all pages of `table`, of which there are `number`; one
    query at most. With `asks_pace` outlooks are read, which have to be fresh."""
    if number.is_more:
        return Totals(number)
    if number.number > COUNT_MAX:
        if not asks_pace:
            return Totals(number)
        soon = table.filter_running_out(clients, "se_agotan", SOON_DAYS)
        return Totals(number, running_out=Total.of(soon))
    until = table.today + timedelta(days=SOON_DAYS)
    is_soon = Q(status_value=Status.ACTIVE, outlook__runs_out_on__lte=until)
    few = clients.with_status(table.today).order_by()[: COUNT_MAX + 1]
    found = few.aggregate(
        folios=Sum("account__balance", default=0),
        soon=Count("pk", filter=is_soon),
    )
    running_out = Total(found["soon"]) if asks_pace else None
    return Totals(number, found["folios"], running_out)
