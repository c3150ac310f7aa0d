"""Inicio, a reseller's start page: numbers, each with a link to the list behind it.

A number of clients is the count of the same filter that its link opens; folios of a
month are the total of the page that their link opens. No rules here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.urls import reverse

from accounts.access import ResellerRequest
from accounts.models import Reseller
from clients.forecast.suggestions import QUIET_DAYS
from clients.listing import ClientList
from clients.models import Standing
from clients.paging import Total
from clients.presets import SOON_DAYS
from clients.rows import Badge
from followup import totals
from followup.first_steps import FirstSteps
from followup.months import Month
from followup.totals import Totals
from reseller_panel.charts import BarChart, Series, Slot, Sparkline

MONTHS = 12
TREND_DAYS = 30  # days of a sparkline


@dataclass(frozen=True)
class Card:
    """A number, and the URL of the list that it counts."""

    label: str
    number: int | Total
    url: str
    note: str = ""
    badge: Badge | None = None
    spark: Sparkline | None = None


@dataclass(frozen=True)
class Home:
    today: date
    has_clients: bool
    steps: FirstSteps | None
    statuses: list[Card]
    folios: list[Card]
    attention: list[Card]
    chart: BarChart
    # Of when the folios of today are, where they are not of this moment.
    counted_at: datetime | None

    @classmethod
    def of(cls, request: ResellerRequest, now: datetime) -> Self:
        """Everything on the page, in a constant number of queries."""
        today = request.reseller.local_date(now)
        everybody = _counted(request, today)
        history = FolioTotals.of(request.reseller, now)
        clients = everybody.total.number + (everybody.archived_total or 0)
        return cls(
            today=today,
            has_clients=bool(clients),
            steps=FirstSteps.of(
                request.reseller, clients=clients, has_stamped=history.has_stamped
            ),
            statuses=_statuses(everybody),
            folios=history.cards,
            attention=_attention(request, today),
            chart=history.chart,
            counted_at=totals.counted_at(request.reseller, now),
        )


# ── Clients ───────────────────────────────────────────────────────────────────────


def _counted(request: ResellerRequest, today: date, **asked: str) -> ClientList:
    """The filter of the clients table with these parameters, already counted."""
    table = ClientList(
        asked,
        queryset=Standing.objects.visible_to(request.user),
        request=request,
        today=today,
    )
    table.count()
    return table


def _statuses(everybody: ClientList) -> list[Card]:
    return [
        Card(
            chip.label,
            chip.count or 0,
            reverse("clients:list") + chip.url,
            badge=Badge.of(chip.status),
        )
        for chip in everybody.chips
    ]


def _attention(request: ResellerRequest, today: date) -> list[Card]:
    """The clients to call; each card links to a filter of the clients table."""
    month = Month.of(today)
    lists = (
        (
            f"Se agotan en {SOON_DAYS} días",
            "a su ritmo de hoy",
            {"se_agotan": f"{SOON_DAYS}"},
        ),
        (
            "Vencen este mes",
            "de hoy a fin de mes",
            {"vence_desde": f"{today}", "vence_hasta": f"{month.last}"},
        ),
        (
            f"Sin timbrar en {QUIET_DAYS} días",
            "o desde su alta",
            {"sin_timbrar": f"{QUIET_DAYS}"},
        ),
    )
    cards = []
    for label, note, asked in lists:
        table = _counted(request, today, **asked)
        url = reverse("clients:list") + table.url_of(1)
        cards.append(Card(label, table.matched, url, note))
    return cards


# ── Folios ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FolioTotals:
    """The folios stamped and sold each day of the last twelve months, until today."""

    days: dict[date, Totals]
    today: date

    @classmethod
    def of(cls, reseller: Reseller, now: datetime) -> Self:
        today = reseller.local_date(now)
        since = (Month.of(today) + (1 - MONTHS)).first
        days = totals.by_day(reseller, first=since, last=today, now=now)
        return cls(days, today)

    def of_days(self, first: date, last: date) -> Totals:
        within = (of for day, of in self.days.items() if first <= day <= last)
        return sum(within, Totals())

    @property
    def has_stamped(self) -> bool:
        return any(of.stamped for of in self.days.values())

    @property
    def cards(self) -> list[Card]:
        """The totals of this month, compared with the same days of last month."""
        this = Month.of(self.today)
        last = this + -1
        now = self.of_days(this.first, self.today)
        same_day = min(last.first + (self.today - this.first), last.last)
        before = self.of_days(last.first, same_day)
        days = "1" if same_day.day == 1 else f"1–{same_day.day}"
        then = f"{days} de {last.word}"
        return [
            Card(
                "Folios timbrados este mes",
                now.stamped,
                this.url,
                compared(now.stamped, before.stamped, then),
                spark=self._spark("timbrados", [of.stamped for of in self._trend]),
            ),
            Card(
                "Folios vendidos este mes",
                now.sold,
                this.url,
                compared(now.sold, before.sold, then),
                spark=self._spark("vendidos", [of.sold for of in self._trend]),
            ),
        ]

    @property
    def _trend(self) -> list[Totals]:
        days = (self.today - timedelta(days=n) for n in reversed(range(TREND_DAYS)))
        return [self.days.get(day, Totals()) for day in days]

    def _spark(self, what: str, values: list[int]) -> Sparkline:
        return Sparkline(
            f"Folios {what} por día en los últimos {TREND_DAYS} días", values
        )

    @property
    def chart(self) -> BarChart:
        this = Month.of(self.today)
        months = [this + (n - MONTHS + 1) for n in range(MONTHS)]
        of_months = [self.of_days(month.first, month.last) for month in months]
        return BarChart(
            id="year",
            title="Folios por mes",
            first="Mes",
            slots=[
                Slot(
                    month.tick,
                    f"{month.name}, hasta hoy" if month == this else month.name,
                    url=month.url,
                    is_current=month == this,
                )
                for month in months
            ],
            series=[
                Series("Timbrados", [of.stamped for of in of_months]),
                Series("Vendidos", [of.sold for of in of_months]),
            ],
        )


def compared(now: int, before: int, then: str) -> str:
    """«+12 % contra 1–14 de octubre», with a real minus sign."""
    if before <= 0:
        return f"ninguno en {then}"
    change = f"{round(100 * (now - before) / before):+,} %"
    return f"{change.replace('-', '−')} contra {then}"
