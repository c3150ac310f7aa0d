"""How often a client invoices: how many CFDI a day, from a mean and a rhythm."""

import math
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from enum import Enum
from random import Random

_SATURDAY, _SUNDAY = 5, 6


def _steady(day: date, key: int) -> float:
    return 1.0


def _weekly(day: date, key: int) -> float:
    """One strong day a week, always the same weekday."""
    return 3.6 if day.weekday() == key % 5 else 0.35


def _month_end(day: date, key: int) -> float:
    left = monthrange(day.year, day.month)[1] - day.day
    if left < 4:
        return 4.5
    return 2.0 if day.day == 1 else 0.3


def _bursts(day: date, key: int) -> float:
    """Two weeks of work, then a pause of one to three."""
    period = 21 + key % 3 * 7
    return 2.2 if (day.toordinal() + key * 5) % period < 14 else 0.0


class Rhythm(Enum):
    STEADY = (_steady,)
    WEEKLY = (_weekly,)
    MONTH_END = (_month_end,)
    BURSTS = (_bursts,)

    def expected(self, day: date, mean: float, key: int) -> float:
        """CFDI to expect that day. `mean`: per working day; `key` shifts the rhythm."""
        habit: Callable[[date, int], float] = self.value[0]
        weekend = {_SATURDAY: 0.3, _SUNDAY: 0.06}.get(day.weekday(), 1.0)
        return mean * weekend * habit(day, key)


def poisson(random: Random, expected: float) -> int:
    """A Poisson count with mean `expected` (Knuth's method, for small numbers)."""
    limit, count, product = math.exp(-expected), 0, random.random()
    while product > limit:
        count += 1
        product *= random.random()
    return count
