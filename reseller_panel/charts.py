"""Charts as SVG, drawn on the server from plain numbers: bars, lines, a sparkline.

A leaf: it imports no app, runs no query and needs no script. Horizontal positions are
percentages and heights are pixels, so a chart fills any width while its text keeps its
size. Templates get strings, because they would put separators into numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import ceil, floor, log10
from typing import Literal

Number = int | float
Look = Literal["solid", "outlined"]

HEIGHT = 220
_TOP, _BASE = 10, 192  # y of the highest and the lowest value of the axis
_FILLED = 0.84  # of a slot's width, by its bars
_WIDEST = 7.0  # per cent: the greatest width of a bar
_LABELS, _LABELS_NARROW = 12, 6  # how many fit under the bars
_INTERVALS = 4
_NICE = (1, 2, 2.5, 4, 5, 10)


# ── What is drawn ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Slot:
    """A place on the axis. `tick` is the label under it, `name` its full name; with
    `url` its bars are a link. The current one is highlighted."""

    tick: str
    name: str
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Series:
    """Bars: a value per slot, None where there is none. `label` names what is counted,
    as in «65 timbrados»."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Line:
    """A line through the slots, broken where the value is None. All lines of a chart
    share a scale of their own, which the legend states in words."""

    label: str
    values: Sequence[Number | None]
    is_dashed: bool = False


@dataclass(frozen=True)
class BarChart:
    """One or two series side by side over the same slots, and lines above them.

    `title` heads the chart and its table; `first` heads the table's first column.
    Every series and line has as many values as there are slots.
    """

    id: str
    title: str
    first: str
    slots: Sequence[Slot]
    series: Sequence[Series]
    lines: Sequence[Line] = field(default=())

    height = str(HEIGHT)

    def __post_init__(self) -> None:
        for drawn in self.drawn:
            if len(drawn.values) != len(self.slots):
                raise ValueError(f"{drawn.label}: one value per slot, or None.")

    @property
    def drawn(self) -> list[Series | Line]:
        return [*self.series, *self.lines]

    @cached_property
    def ticks(self) -> list["Tick"]:
        low, high, step = _axis(_present(self.series))
        return [
            Tick(short(value), _text(_y(value, low, high)))
            for value in range(low, high + step, step)
        ]

    @property
    def _slot_width(self) -> float:
        return 100 / (len(self.slots) or 1)

    @property
    def gutter(self) -> str:
        """Pixels that the widest number of the axis needs."""
        return str(12 + 8 * max(len(tick.label) for tick in self.ticks))

    @cached_property
    def groups(self) -> list["Group"]:
        """The bars of each slot, with the label under them."""
        low, high, _ = _axis(_present(self.series))
        count, width = len(self.slots), self._slot_width
        step = ceil(count / _LABELS) or 1
        narrow = step * ceil(count / step / _LABELS_NARROW)
        groups = []
        for index, slot in enumerate(self.slots):
            from_last = count - 1 - index
            groups.append(
                Group(
                    slot=slot,
                    says=self._sentence(index),
                    x=_percent(index * width),
                    width=_percent(width),
                    middle=_percent((index + 0.5) * width),
                    bars=list(self._bars(index, low, high)),
                    is_labelled=from_last % step == 0,
                    is_labelled_narrow=from_last % narrow == 0,
                )
            )
        return groups

    def _bars(self, index: int, low: int, high: int) -> Iterator["Bar"]:
        """Side by side, centred in the slot; from zero up, or down if negative."""
        count = len(self.series)
        width = min(self._slot_width * _FILLED / count, _WIDEST)
        start = (index + 0.5) * self._slot_width - width * count / 2
        for place, series in enumerate(self.series):
            value = series.values[index]
            if not value:
                continue
            above, below = _y(max(value, 0), low, high), _y(min(value, 0), low, high)
            yield Bar(
                look=("solid", "outlined")[place],
                x=_percent(start + place * width),
                y=_text(above),
                width=_percent(width),
                height=_text(below - above),
            )

    @cached_property
    def segments(self) -> list["Segment"]:
        """The lines as <line> elements: unlike <polyline> they accept percentages."""
        low, high, _ = _axis(_present(self.lines))
        width = self._slot_width
        return [
            Segment(
                is_dashed=line.is_dashed,
                x1=_percent((index + 0.5) * width),
                y1=_text(_y(start, low, high)),
                x2=_percent((index + 1.5) * width),
                y2=_text(_y(end, low, high)),
            )
            for line in self.lines
            for index, (start, end) in enumerate(pairwise(line.values))
            if start is not None and end is not None
        ]

    @property
    def scale_of_lines(self) -> str:
        """«de 0 a 1,200»: the lines do not follow the axis of the bars."""
        low, high, _ = _axis(_present(self.lines))
        return f"de {low:,} a {high:,}"

    def _sentence(self, index: int) -> str:
        """«1 de noviembre: 65 timbrados, saldo 310»."""
        said = [
            f"{whole(value)} {series.label.lower()}"
            for series in self.series
            if (value := series.values[index]) is not None
        ] + [
            f"{line.label.lower()} {whole(value)}"
            for line in self.lines
            if (value := line.values[index]) is not None
        ]
        return f"{self.slots[index].name}: {', '.join(said) or 'sin datos'}"

    @property
    def table(self) -> list["TableRow"]:
        return [
            TableRow(
                slot,
                [
                    "—" if value is None else whole(value)
                    for value in (drawn.values[index] for drawn in self.drawn)
                ],
            )
            for index, slot in enumerate(self.slots)
        ]


@dataclass(frozen=True)
class Sparkline:
    """A small line without numbers: the page shows them beside it."""

    label: str
    values: Sequence[Number]

    @property
    def points(self) -> str:
        """The points of a polyline in a box of 120 by 30. A constant is a flat line."""
        if len(self.values) < 2:
            return ""
        low, high = min(self.values), max(self.values)
        span, last = (high - low) or 1, len(self.values) - 1
        return " ".join(
            f"{_text(120 * index / last)},{_text(27 - 24 * (value - low) / span)}"
            for index, value in enumerate(self.values)
        )


# ── What the template prints ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tick:
    label: str
    y: str


@dataclass(frozen=True)
class Bar:
    look: Look
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Group:
    """Everything in a slot; `says` is all its values in one sentence."""

    slot: Slot
    says: str
    x: str
    width: str
    middle: str
    bars: list[Bar]
    is_labelled: bool
    is_labelled_narrow: bool


@dataclass(frozen=True)
class Segment:
    is_dashed: bool
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class TableRow:
    slot: Slot
    cells: list[str]


# ── Numbers ───────────────────────────────────────────────────────────────────────


def whole(value: Number) -> str:
    """1,234"""
    return f"{round(value):,}"


def short(value: int) -> str:
    """1,234; from a million on, millions: 1.25 M."""
    if abs(value) < 1_000_000:
        return f"{value:,}"
    return f"{value / 1_000_000:,.2f}".rstrip("0").rstrip(".") + " M"


def _present(drawn: Sequence[Series] | Sequence[Line]) -> list[Number]:
    return [value for one in drawn for value in one.values if value is not None]


def _axis(values: Sequence[Number]) -> tuple[int, int, int]:
    """Lowest, highest and step: round whole numbers around the values and zero."""
    lowest, highest = min([0, *values]), max([0, *values])
    step = _nice_step((highest - lowest) / _INTERVALS)
    low, high = floor(lowest / step) * step, ceil(highest / step) * step
    return low, high if high > low else step, step


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


def _y(value: Number, low: int, high: int) -> float:
    return _BASE - (_BASE - _TOP) * (value - low) / (high - low)


def _text(value: float) -> str:
    return f"{round(value, 2):g}"


def _percent(value: float) -> str:
    return f"{_text(value)}%"
