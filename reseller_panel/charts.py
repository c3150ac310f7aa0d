"""Charts as SVG, drawn on the server from plain numbers: bars, lines, a sparkline.

A leaf: it imports no app, runs no query and needs no script. Horizontal positions are
percentages and heights are pixels, so a chart fills any width while its text keeps its
size. Templates get strings, because they would put separators into numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Literal

from reseller_panel.axes import Axis, Number, Tick, percent, text, whole
from reseller_panel.spanish import counted

Look = Literal["solid", "outlined"]

# Pixels. Lines have a panel of their own below the bars, with its own axis.
_TOP, _BASE = 10, 192  # of the highest and the lowest value of the bars
_BASE_ABOVE_LINES = 132
_TOP_OF_LINES, _BASE_OF_LINES = 164, 244
_BELOW = 20, 28  # from the lowest value to the labels, and to the end of the drawing
_FILLED = 0.84  # of a slot's width, by its bars
_WIDEST = 7.0  # per cent: the greatest width of a bar
_LABELS, _LABELS_NARROW = 12, 6  # how many fit under the bars


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
    as in «65 timbrados»; it is a plural in -s."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Line:
    """A line through the slots, broken where the value is None. The lines of a chart
    share a panel below the bars."""

    label: str
    values: Sequence[Number | None]
    is_dashed: bool = False


@dataclass(frozen=True)
class BarChart:
    """One or two series side by side over the same slots, and lines below them.

    `title` heads the chart and its table; `first` heads the table's first column.
    Every series and line has as many values as there are slots.
    """

    id: str
    title: str
    first: str
    slots: Sequence[Slot]
    series: Sequence[Series]
    lines: Sequence[Line] = field(default=())

    def __post_init__(self) -> None:
        for drawn in self.drawn:
            if len(drawn.values) != len(self.slots):
                raise ValueError(f"{drawn.label}: one value per slot, or None.")

    @property
    def drawn(self) -> list[Series | Line]:
        return [*self.series, *self.lines]

    @cached_property
    def _bars_axis(self) -> Axis:
        base = _BASE_ABOVE_LINES if self.lines else _BASE
        return Axis(_present(self.series), _TOP, base)

    @cached_property
    def _lines_axis(self) -> Axis:
        return Axis(_present(self.lines), _TOP_OF_LINES, _BASE_OF_LINES, intervals=3)

    @property
    def ticks(self) -> list[Tick]:
        """Of both axes."""
        return [
            *self._bars_axis.ticks,
            *(self._lines_axis.ticks if self.lines else ()),
        ]

    @property
    def _end(self) -> int:
        return _BASE_OF_LINES if self.lines else _BASE

    @property
    def slot_height(self) -> str:
        return str(self._end + 4)

    @property
    def label_y(self) -> str:
        return str(self._end + _BELOW[0])

    @property
    def height(self) -> str:
        return str(self._end + _BELOW[1])

    @property
    def has_bars(self) -> bool:
        return any(value for series in self.series for value in series.values)

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
        count, width = len(self.slots), self._slot_width
        step = ceil(count / _LABELS) or 1
        narrow = step * ceil(count / step / _LABELS_NARROW)
        groups = []
        for index, slot in enumerate(self.slots):
            from_last = count - 1 - index
            bars = list(self._bars(index))
            groups.append(
                Group(
                    slot=slot,
                    says=self._sentence(index),
                    x=percent(index * width),
                    width=percent(width),
                    middle=percent((index + 0.5) * width),
                    bars=bars,
                    point=self._point(index),
                    is_stop=bool(bars or slot.is_current or not from_last),
                    is_labelled=from_last % step == 0,
                    is_labelled_narrow=from_last % narrow == 0,
                )
            )
        return groups

    def _bars(self, index: int) -> Iterator["Bar"]:
        """Side by side, centred in the slot; from zero up, or down if negative."""
        count = len(self.series)
        width = min(self._slot_width * _FILLED / count, _WIDEST)
        start = (index + 0.5) * self._slot_width - width * count / 2
        for place, series in enumerate(self.series):
            value = series.values[index]
            if not value:
                continue
            above, below = map(self._bars_axis.y, (max(value, 0), min(value, 0)))
            yield Bar(
                look=("solid", "outlined")[place],
                x=percent(start + place * width),
                y=text(above),
                width=percent(width),
                height=text(below - above),
            )

    def _point(self, index: int) -> str:
        """Where the first line stands in this slot; nothing where none does."""
        values = (line.values[index] for line in self.lines)
        value = next((one for one in values if one is not None), None)
        return "" if value is None else text(self._lines_axis.y(value))

    @cached_property
    def segments(self) -> list["Segment"]:
        """The lines as <line> elements: unlike <polyline> they accept percentages."""
        width = self._slot_width
        return [
            Segment(
                is_dashed=line.is_dashed,
                x1=percent((index + 0.5) * width),
                y1=text(self._lines_axis.y(start)),
                x2=percent((index + 1.5) * width),
                y2=text(self._lines_axis.y(end)),
            )
            for line in self.lines
            for index, (start, end) in enumerate(pairwise(line.values))
            if start is not None and end is not None
        ]

    def _sentence(self, index: int) -> str:
        """«1 de noviembre: 65 timbrados, saldo 310»."""
        said = [
            counted(round(value), series.label.lower().removesuffix("s"))
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
            f"{text(120 * index / last)},{text(27 - 24 * (value - low) / span)}"
            for index, value in enumerate(self.values)
        )


# ── What the template prints ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bar:
    look: Look
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Group:
    """Everything in a slot; `says` is all its values in one sentence. `is_stop`: the
    keyboard stops here. Empty slots are passed over, or a page had a hundred stops."""

    slot: Slot
    says: str
    x: str
    width: str
    middle: str
    bars: list[Bar]
    point: str
    is_stop: bool
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


def _present(drawn: Sequence[Series] | Sequence[Line]) -> list[Number]:
    return [value for one in drawn for value in one.values if value is not None]
