"""Charts: exact geometry, round axis labels, and the texts for screen readers."""

import re

import pytest
from django.template.loader import render_to_string

from reseller_panel.axes import Number, short
from reseller_panel.charts import BarChart, Line, Series, Slot, Sparkline

MONTHS = ("ene", "feb", "mar", "abr")


def chart(
    *series: list[Number | None], lines: tuple[Line, ...] = (), **slot: str
) -> BarChart:
    return BarChart(
        id="c",
        title="Folios por mes",
        first="Mes",
        slots=[
            Slot(MONTHS[n % 4], f"{MONTHS[n % 4]} {n}", **slot)
            for n in range(len(series[0]))
        ],
        series=[
            Series(label, values)
            for label, values in zip(("Timbrados", "Vendidos"), series, strict=False)
        ],
        lines=lines,
    )


def render(drawn: BarChart) -> str:
    return render_to_string("_chart.html", {"chart": drawn})


def axis(drawn: BarChart) -> list[str]:
    return [tick.label for tick in drawn.ticks]


# ── The axis ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0, "0 1"),
        (1, "0 1"),
        (3, "0 1 2 3"),
        (7, "0 2 4 6 8"),
        (10, "0 4 8 12"),
        (100, "0 25 50 75 100"),
        (119, "0 40 80 120"),
        (2316, "0 1,000 2,000 3,000"),
        (999_999, "0 250,000 500,000 750,000 1 M"),
        (1_250_000, "0 400,000 800,000 1.2 M 1.6 M"),
        (2**53, "0 2,500,000,000 M 5,000,000,000 M 7,500,000,000 M 10,000,000,000 M"),
    ],
)
def test_the_axis_has_few_round_whole_numbers_that_hold_the_highest(
    highest: int, labels: str
) -> None:
    assert " ".join(axis(chart([highest]))).split() == labels.split()


def test_more_reversed_than_stamped_hangs_below_zero() -> None:
    drawn = chart([-50, 100])
    assert axis(drawn) == ["-80", "-40", "0", "40", "80", "120"]
    below, above = (group.bars[0] for group in drawn.groups)
    zero = drawn.ticks[2].y
    assert below.y == zero
    assert float(above.y) + float(above.height) == pytest.approx(float(zero), abs=0.02)


def test_the_gutter_holds_the_widest_number() -> None:
    assert chart([5]).gutter == "20"
    assert chart([2316]).gutter == "52"


def test_millions_keep_what_tells_them_apart() -> None:
    assert [short(n) for n in (999_999, 1_000_000, 1_250_000, -2_500_000)] == [
        "999,999",
        "1 M",
        "1.25 M",
        "-2.5 M",
    ]


# ── The bars ──────────────────────────────────────────────────────────────────────


def test_bars_stand_on_zero_and_reach_their_value() -> None:
    drawn = chart([100, 50, 0, None])
    boxes = [
        [(b.x, b.y, b.width, b.height) for b in group.bars] for group in drawn.groups
    ]
    assert boxes == [
        [("9%", "10", "7%", "182")],
        [("34%", "101", "7%", "91")],
        [],
        [],
    ]
    assert [(g.x, g.width, g.middle) for g in drawn.groups[:2]] == [
        ("0%", "25%", "12.5%"),
        ("25%", "25%", "37.5%"),
    ]


def test_two_series_stand_side_by_side_and_differ_by_more_than_colour() -> None:
    first, *_ = chart([10] * 12, [20] * 12).groups
    assert [(b.look, b.x, b.width) for b in first.bars] == [
        ("solid", "0.67%", "3.5%"),
        ("outlined", "4.17%", "3.5%"),
    ]


def test_no_more_labels_than_fit_and_fewer_on_a_telephone() -> None:
    for count in (1, 12, 13, 30, 91):
        groups = chart(list(range(count))).groups
        roomy = [g for g in groups if g.is_labelled]
        narrow = [g for g in groups if g.is_labelled_narrow]
        assert 1 <= len(narrow) <= 6
        assert len(narrow) <= len(roomy) <= 12
        assert all(g.is_labelled for g in narrow)
        assert groups[-1].is_labelled_narrow


def test_a_chart_of_nothing_is_drawn_too() -> None:
    drawn = chart([])
    assert (drawn.groups, drawn.segments, drawn.table) == ([], [], [])
    assert "<figure" in render(drawn)


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="Saldo: one value per slot"):
        chart([1, 2], lines=(Line("Saldo", [1]),))


# ── The lines ─────────────────────────────────────────────────────────────────────


def test_a_line_is_broken_where_there_is_no_value() -> None:
    balance = Line("Saldo", [100, 0, None, 50])
    (piece,) = chart([1, 2, 3, 4], lines=(balance,)).segments
    ends = (piece.x1, piece.y1, piece.x2, piece.y2)
    assert ends == ("12.5%", "177.33", "37.5%", "244")


def test_lines_have_a_panel_below_the_bars_with_an_axis_of_its_own() -> None:
    drawn = chart(
        [1, 2, None],
        lines=(
            Line("Saldo", [1200, 600, None]),
            Line("Proyección", [None, 600.4, 0], is_dashed=True),
        ),
    )
    html = render(drawn)
    assert axis(drawn) == ["0", "1", "2", "0", "400", "800", "1,200"]
    bars, lines = drawn.ticks[:3], drawn.ticks[3:]
    assert max(float(t.y) for t in bars) < min(float(t.y) for t in lines)
    assert float(drawn.height) > float(drawn.label_y) > float(lines[0].y)
    assert [group.point for group in drawn.groups] == ["164", "204", "244"]
    assert html.count('class="line dashed"') == 2  # one in the legend, one in the chart
    assert 'aria-label="feb 1: 2 timbrados, saldo 600, proyección 600"' in html


# ── Texts for screen readers ──────────────────────────────────────────────────────


def test_each_slot_is_reached_by_keyboard_and_says_all_its_numbers() -> None:
    html = render(chart([1234, 0], [None, 40]))
    assert html.count('tabindex="0" role="img"') == 2
    assert 'aria-label="ene 0: 1,234 timbrados"' in html
    assert 'aria-hidden="true">feb 1: 0 timbrados, 40 vendidos</text>' in html
    assert "sin datos" in render(chart([None]))


def test_the_keyboard_passes_over_what_is_empty_but_the_last() -> None:
    html = render(chart([1, 0, 0, 2, 0, 0]))
    assert html.count("tabindex") == 3
    assert html.count('role="img"') == 6


def test_a_slot_with_an_address_is_a_link_in_the_drawing_and_in_the_table() -> None:
    html = render(chart([5], url="/seguimiento/mes/?mes=2026-11"))
    assert html.count('href="/seguimiento/mes/?mes=2026-11"') == 2
    assert "tabindex" not in html


def test_the_table_behind_says_the_same() -> None:
    html = render(chart([1234, 0], [None, 40]))
    table = html[html.index("<table>") : html.index("</table>")]
    text = re.sub(r"<[^>]+>", " ", table).split()
    assert text == (
        "Folios por mes Mes Timbrados Vendidos ene 0 1,234 — feb 1 0 40".split()
    )
    assert table.count('scope="col"') == 3
    assert table.count('scope="row"') == 2


def test_names_are_text_and_nothing_is_inline() -> None:
    html = render(chart([5], url='/x?"><script>'))
    assert "<script" not in html
    assert not re.search(r"\s(style|on\w+)=", html)


# ── The sparkline ─────────────────────────────────────────────────────────────────


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert Sparkline("", [0, 5, 10]).points == "0,27 60,15 120,3"


def test_what_never_changes_is_a_flat_line_and_one_value_none() -> None:
    assert Sparkline("", [7, 7]).points == "0,27 120,27"
    assert Sparkline("", [7]).points == Sparkline("", []).points == ""
