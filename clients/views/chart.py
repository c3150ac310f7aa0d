"""The chart of a client's folios, as its reseller and the client itself see it, with
its links: to the other way of drawing it, and from a bar to the movements of its days.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from clients.forecast import consumption
from clients.forecast.pace import Forecast
from clients.models import Client
from reseller_panel.spanish import counted

Context = dict[str, Any]
BY_MONTH = "meses"  # `grafica` in the address


@dataclass(frozen=True)
class Around:
    """Where the chart stands: `page` shows it, `movements` are what its bars lead to.
    `kept`: the parameter that goes along to them."""

    page: str
    movements: str
    asked: QueryDict
    kept: str

    def drawn(self, value: str) -> str:
        """The page with the chart drawn this way."""
        query = {name: v for name, v in self.asked.items() if name != "grafica"}
        query |= {"grafica": value} if value else {}
        return f"{self.page}?{urlencode(query)}#forecast"

    @property
    def link(self) -> Callable[[date, date], str]:
        """From a bar of the chart to the movements of its days."""
        value = self.asked.get(self.kept, "")
        kept = {self.kept: value} if value else {}

        def link(first: date, last: date) -> str:
            days: dict[str, object] = {"fecha_desde": first, "fecha_hasta": last}
            query = {"dia": first} if first == last else days
            return f"{self.movements}?{urlencode(query | kept)}"

        return link


def chart_of(client: Client, forecast: Forecast, around: Around) -> Context:
    """The chart, and the range of days in which the folios will probably run out."""
    days = consumption.FolioHistory.of(client)
    spread = days.spread(forecast.today)
    early = late = None
    may_stamp = client.may_stamp_on(forecast.today)
    if may_stamp and spread and forecast.days_left and not forecast.outlasts_term:
        early, late = (
            forecast.today + timedelta(days=days)
            for days in spread.around(forecast.days_left)
        )
    by_month = around.asked.get("grafica") == BY_MONTH
    return {
        "chart": consumption.chart(
            days,
            forecast,
            by_month=by_month,
            may_stamp=may_stamp,
            url_of=around.link,
        ),
        "choices": [
            {"label": "Por día", "url": around.drawn(""), "is_current": not by_month},
            {"label": "Por mes", "url": around.drawn(BY_MONTH), "is_current": by_month},
        ],
        "chart_span": counted(consumption.MONTHS_SHOWN, "mes", "meses")
        if by_month
        else counted(consumption.SHOWN_DAYS, "día"),
        "spread": spread,
        "early": early,
        "late": late,
    }
