"""`manage.py backtest_forecast`: the error of the forecast, compared with a plain mean.

On many days of many histories it predicts how long a balance will last, and counts by
how many days that is wrong. The histories are generated, for each rhythm of
demo/rhythms.py, or those of the clients in the database. The plain mean is that of the
last thirty days, the obvious alternative.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from statistics import fmean
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clients.forecast.pace import WINDOW_DAYS, Pace
from clients.models import FolioDay
from demo.rhythms import Rhythm, poisson

PLAIN = 30  # days of the mean that is compared
STEP = 13  # days between two predictions; not a multiple of a week
AHEAD = (10, 20, 45, 90)  # the balances: what was really spent in so many days
FURTHEST = 365  # the prediction when there is none, and the longest one
LIVES, LIFE = 60, 500  # histories generated for each rhythm, and their days
PER_DAY = (0.8, 1.5, 3, 6, 12)  # mean of a working day
FIRST_DAY = date(2025, 1, 1)

NAMES = {
    Rhythm.STEADY: "constante",
    Rhythm.WEEKLY: "semanal",
    Rhythm.MONTH_END: "fin de mes",
    Rhythm.BURSTS: "rachas y pausas",
}


@dataclass
class Errors:
    """By how many days each prediction was wrong."""

    ours: list[int] = field(default_factory=list)
    plain: list[int] = field(default_factory=list)

    def judge(self, life: Sequence[int]) -> None:
        """`life`: folios spent on each day."""
        totals = [0, *accumulate(life)]
        for now in range(WINDOW_DAYS, len(life) - max(AHEAD), STEP):
            for ahead in AHEAD:
                balance = totals[now + ahead] - totals[now]
                if balance:
                    self._ask(totals, now, balance)

    def _ask(self, totals: Sequence[int], now: int, balance: int) -> None:
        really = next(
            day
            for day in range(len(totals) - now)
            if totals[now + day] - totals[now] >= balance
        )
        for window, errors in ((WINDOW_DAYS, self.ours), (PLAIN, self.plain)):
            pace = Pace(totals[now] - totals[now - window], window)
            predicted = pace.lasts(balance)
            predicted = FURTHEST if predicted is None else min(predicted, FURTHEST)
            errors.append(abs(predicted - really))

    def __str__(self) -> str:
        if not self.ours:
            return "sin historia suficiente"
        ours, plain = fmean(self.ours), fmean(self.plain)
        return f"{len(self.ours):>9,} {ours:>10.2f} {plain:>13.2f} {ours / plain:>9.2f}"


def generated(rhythm: Rhythm, seed: int) -> Iterator[list[int]]:
    random = Random(f"{seed}:{rhythm.name}")  # noqa: S311
    for key in range(LIVES):
        mean = random.choice(PER_DAY)
        yield [
            poisson(random, rhythm.expected(FIRST_DAY + timedelta(days=n), mean, key))
            for n in range(LIFE)
        ]


def lived() -> Iterator[list[int]]:
    """For each client in the database: folios by day, from the first to the last."""
    days: dict[int, list[tuple[date, int]]] = {}
    for client, day, spent in FolioDay.objects.order_by("client", "day").values_list(
        "client", "day", "spent"
    ):
        days.setdefault(client, []).append((day, spent))
    for rows in days.values():
        life, before = [0] * ((rows[-1][0] - rows[0][0]).days + 1), 0
        for day, spent in rows:
            life[(day - rows[0][0]).days] = max(0, spent - before)
            before = spent
        yield life


class Command(BaseCommand):
    help = "Mide el pronóstico: días de error, junto a la media simple de 30 días."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, seed: int, **options: Any) -> None:
        self.stdout.write(
            f"{'historia':<16} {'preguntas':>9} {'pronóstico':>10} "
            f"{'media 30 días':>13} {'razón':>9}"
        )
        for rhythm, name in NAMES.items():
            self._tell(name, generated(rhythm, seed))
        self._tell("los clientes", lived())

    def _tell(self, name: str, lives: Iterator[list[int]]) -> None:
        errors = Errors()
        for life in lives:
            errors.judge(life)
        self.stdout.write(f"{name:<16} {errors}")
