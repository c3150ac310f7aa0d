"""How a client has spent its folios: by day, by week and as a chart.

Reads FolioDay in one indexed query, however long the history is. The forecast is made
in pace.py; nothing is decided here.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

from dateutil.relativedelta import relativedelta
from django.db import connection

from clients.forecast.pace import WINDOW_DAYS, Forecast, Spread
from clients.models import Client, FolioDay
from reseller_panel.charts import BarChart, Line, Series, Slot
from reseller_panel.spanish import MONTHS

# How many days with movements are read: more than a year has.
READ_DAYS = 400
SHOWN_DAYS, AHEAD_DAYS = 60, 30
MONTHS_SHOWN, MONTHS_AHEAD = 12, 3


@dataclass(frozen=True)
class FolioHistory:
    """The newest days of a client on which folios moved, oldest first."""

    days: Sequence[FolioDay]

    @classmethod
    def of(cls, client: Client) -> Self:
        return cls(list(client.days.order_by("-day")[:READ_DAYS])[::-1])

    def _at(self, day: date) -> FolioDay | None:
        """The newest FolioDay up to `day`, which also says how `day` ended."""
        place = bisect_right(self.days, day, key=lambda one: one.day)
        return self.days[place - 1] if place else None

    def spent(self, first: date, last: date) -> int:
        """Folios spent from `first` to `last`, both included."""
        before, after = self._at(first - timedelta(days=1)), self._at(last)
        return (after.spent if after else 0) - (before.spent if before else 0)

    def balance(self, day: date) -> int | None:
        """The balance at the end of `day`; None before the first day that was read."""
        stood = self._at(day)
        return stood.balance if stood else None

    def weeks(self, today: date) -> list[int]:
        """Folios spent in each week of the forecast's window that has history."""
        if not self.days:
            return []
        count = min(WINDOW_DAYS, (today - self.days[0].day).days + 1) // 7
        starts = [today - timedelta(days=7 * n + 6) for n in range(count)]
        return [self.spent(start, start + timedelta(days=6)) for start in starts]

    def spread(self, today: date) -> Spread | None:
        return Spread.of(self.weeks(today))


_SPENT_BEFORE = """
SELECT asked.client_id, day.spent
  FROM unnest(%s::bigint[]) AS asked (client_id)
 CROSS JOIN LATERAL (
       SELECT day.spent FROM clients_folioday AS day
        WHERE day.client_id = asked.client_id AND day.day < %s
        ORDER BY day.day DESC LIMIT 1) AS day"""


def spent_this_month(clients: Sequence[Client], today: date) -> dict[int, int]:
    """Folios spent since the first of the month, by client id, in one query. They
    must have their accounts, which say what was spent until now."""
    asked = [client.pk for client in clients], today.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_SPENT_BEFORE, asked)
        before = dict(cursor.fetchall())
    return {one.pk: one.account.spent - before.get(one.pk, 0) for one in clients}


# ── The chart ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Span:
    """A slot of the chart and the days that it counts together."""

    first: date
    last: date
    slot: Slot


def chart(
    history: FolioHistory,
    forecast: Forecast,
    *,
    by_month: bool,
    may_stamp: bool,
    url_of: Callable[[date, date], str] = lambda first, last: "",
) -> BarChart:
    """Consumption as bars, the balance as a line, its projection as a dashed line; none
    of a client that can't stamp. `url_of` gives the address of the movements of the
    days that a bar counts; a bar of nothing is no link."""
    today = forecast.today
    spans = [
        replace(span, slot=replace(span.slot, url=url_of(span.first, span.last)))
        if span.first <= today and history.spent(span.first, span.last)
        else span
        for span in (_months(today) if by_month else _days(today))
    ]
    past = [span.first <= today for span in spans]
    return BarChart(
        id="consumption",
        title="Consumo de folios por mes" if by_month else "Consumo de folios por día",
        first="Mes" if by_month else "Día",
        slots=[span.slot for span in spans],
        series=[
            Series(
                "Timbrados",
                [
                    history.spent(span.first, span.last) if lived else None
                    for span, lived in zip(spans, past, strict=True)
                ],
            )
        ],
        lines=[
            Line(
                "Saldo",
                [
                    history.balance(min(span.last, today)) if lived else None
                    for span, lived in zip(spans, past, strict=True)
                ],
            ),
            *(_projection(history, forecast, spans) if may_stamp else ()),
        ],
    )


def _projection(
    history: FolioHistory, forecast: Forecast, spans: Sequence[Span]
) -> Iterator[Line]:
    """The balance from today down to 0, at the pace of the forecast; or no line."""
    balance = history.balance(forecast.today)
    if forecast.days_left is None or not balance:
        return
    values: list[float | None] = []
    for span in spans:
        ahead = (span.last - forecast.today).days
        left = balance - forecast.pace.per_day * max(0, ahead)
        values.append(max(0, left) if span.last >= forecast.today else None)
    yield Line("Proyección", values, is_dashed=True)


def _days(today: date) -> Iterator[Span]:
    for ahead in range(1 - SHOWN_DAYS, AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        tick = f"{day.day} {MONTHS[day.month - 1]}"
        slot = Slot(tick, f"{tick} {day.year}", is_current=not ahead)
        yield Span(day, day, slot)


def _months(today: date) -> Iterator[Span]:
    this = today.replace(day=1)
    for ahead in range(1 - MONTHS_SHOWN, MONTHS_AHEAD + 1):
        first = this + relativedelta(months=ahead)
        last = first + relativedelta(months=1, days=-1)
        name = f"{MONTHS[first.month - 1]} {first.year}"
        slot = Slot(MONTHS[first.month - 1], name, is_current=not ahead)
        yield Span(first, last, slot)
