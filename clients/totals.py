"""The line under the heading of the table: clients, folios left, those running out.

One query at most, of COUNT_MAX + 1 rows at most: of a longer list the folios are not
added up, and the line says so. What a filter means is filters.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from clients.filters import ClientFilter
from clients.models import StandingQuerySet
from clients.named import ANYBODY
from clients.paging import COUNT_MAX, Total, Walk
from clients.presets import SOON_DAYS
from clients.sorts import Order
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
    table: ClientFilter, clients: StandingQuerySet, number: Total, *, asks_pace: bool
) -> Totals:
    """Of the rows of all pages of `table`, of which there are `number`: those of
    `clients` whom its words name. With `asks_pace` outlooks are read, which have to be
    fresh."""
    if number.is_more or number.number > COUNT_MAX:
        # Whom words name is not in the index that gives those who run out.
        if not asks_pace or table.named != ANYBODY:
            return Totals(number)
        soon = table.filter_running_out(clients, "se_agotan", SOON_DAYS)
        found = Walk(soon, Order.of("se_agotan")).ids(0, COUNT_MAX + 1)
        return Totals(number, running_out=Total.capped(len(found)))
    until = table.today + timedelta(days=SOON_DAYS)
    is_soon = Q(status_value=Status.ACTIVE, runs_out_on__lte=until)
    few = table.named.only(clients.with_status(table.today).order_by())
    sums = few[: COUNT_MAX + 1].aggregate(
        folios=Sum("account__balance", default=0),
        soon=Count("pk", filter=is_soon),
    )
    running_out = Total(sums["soon"]) if asks_pace else None
    return Totals(number, sums["folios"], running_out)
