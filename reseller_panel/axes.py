"""The axes of a chart: round numbers, and where a value stands between them.

A leaf: pure arithmetic, used by charts.py. Templates get strings, because they would
put separators into numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, log10

Number = int | float

_NICE = (1, 2, 2.5, 4, 5, 10)


@dataclass(frozen=True)
class Tick:
    label: str
    y: str


@dataclass(frozen=True)
class Axis:
    """Round whole numbers around the values and zero, from `top` down to `base`
    (pixels), in at most about `intervals` steps."""

    values: Sequence[Number]
    top: int
    base: int
    intervals: int = 4

    @cached_property
    def _range(self) -> tuple[int, int, int]:
        """Lowest, highest, step."""
        lowest, highest = min([0, *self.values]), max([0, *self.values])
        step = _nice_step((highest - lowest) / self.intervals)
        low, high = floor(lowest / step) * step, ceil(highest / step) * step
        return low, high if high > low else step, step

    def y(self, value: Number) -> float:
        low, high, _ = self._range
        return self.base - (self.base - self.top) * (value - low) / (high - low)

    @cached_property
    def ticks(self) -> list[Tick]:
        low, high, step = self._range
        return [
            Tick(short(value), text(self.y(value)))
            for value in range(low, high + step, step)
        ]


def _nice_step(least: float) -> int:
    """The smallest of 1, 2, 2.5, 4, 5 × 10ⁿ that is whole and not below `least`."""
    if least <= 1:
        return 1
    unit = 10 ** floor(log10(least))
    return next(
        int(nice * unit)
        for nice in _NICE
        if nice * unit >= least and float(nice * unit).is_integer()
    )


def whole(value: Number) -> str:
    """1,234"""
    return f"{round(value):,}"


def short(value: int) -> str:
    """1,234; from a million on, millions: 1.25 M."""
    if abs(value) < 1_000_000:
        return f"{value:,}"
    return f"{value / 1_000_000:,.2f}".rstrip("0").rstrip(".") + " M"


def text(value: float) -> str:
    return f"{round(value, 2):g}"


def percent(value: float) -> str:
    return f"{text(value)}%"
