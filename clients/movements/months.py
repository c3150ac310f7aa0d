"""The months of a client as links, to jump to. No query here."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from clients.models import Client
from clients.movements.asked import Asked
from reseller_panel.spanish import MONTHS

SHOWN = 12


@dataclass(frozen=True)
class Month:
    first: date
    last: date
    is_current: bool

    @property
    def label(self) -> str:
        return f"{MONTHS[self.first.month - 1]} {self.first.year}"


def months_of(client: Client, asked: Asked, today: date) -> list[Month]:
    """The last SHOWN months, this one first, back to that of the client's creation."""
    created = client.reseller.local_date(client.created_at)
    found = []
    for back in range(SHOWN):
        first = today.replace(day=1) - relativedelta(months=back)
        last = first + relativedelta(months=1, days=-1)
        if last >= created:
            is_current = (asked.since, asked.until) == (first, last)
            found.append(Month(first, last, is_current))
    return found
