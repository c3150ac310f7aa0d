"""The heads of the columns (*Ordenar* where there are none) stay in sight while rows
scroll, and cover no row that gets the focus."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clients.models import Client
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]

TOP = "element => element.getBoundingClientRect().top"
BOX = """element => {
    const { top, bottom } = element.getBoundingClientRect()
    return [top, bottom]
}"""
WHAT_IS_THERE = """element => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return element.contains(document.elementFromPoint(x + width / 2, y + height / 2))
}"""


@pytest.fixture
def thirty(make_client: MakeClient) -> list[Client]:
    return [
        make_client(legal_name=f"Empresa {number:02}", exhausted=number % 3 == 0)
        for number in range(30)
    ]


@pytest.fixture
def table(page: Page, alicia: User, thirty: list[Client]) -> Page:
    log_in(page, alicia)
    return page


@pytest.mark.parametrize(("width", "head"), [(1366, "thead th"), (820, ".sorting")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_head_is_on_top_while_the_rows_scroll(
    width: int, head: str, theme: str, table: Page, accessible: Check
) -> None:
    table.set_viewport_size({"width": width, "height": 600})
    table.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    table.goto("/clientes/")
    found = table.locator(head).first
    assert found.evaluate(TOP) > 100
    table.evaluate("scrollTo(0, 800)")
    assert found.evaluate(TOP) == pytest.approx(0, abs=1)
    assert found.evaluate(WHAT_IS_THERE)
    clear = "element => getComputedStyle(element).backgroundColor"
    assert "rgba(0, 0, 0, 0)" not in found.evaluate(clear)
    table.evaluate("scrollTo(0, document.body.scrollHeight)")
    # Not here: axe takes what is behind the head for something that can be pressed.
    table.evaluate("scrollTo(0, 0)")
    accessible(table)


@pytest.mark.parametrize(("width", "head"), [(1366, "thead th"), (820, ".sorting")])
def test_it_covers_no_row_that_gets_the_focus(
    width: int, head: str, table: Page
) -> None:
    table.set_viewport_size({"width": width, "height": 600})
    table.goto("/clientes/")
    for _ in range(25):
        table.keyboard.press("j")
    expect(table.locator("td.c-name a").last).to_be_focused()
    for key in ["k"] * 12 + ["Shift+Tab"] * 40:
        table.keyboard.press(key)
        focused = table.locator("tbody tr:has(:focus)")
        _, below = table.locator(head).first.evaluate(BOX)
        top, bottom = focused.evaluate(BOX)
        at = table.locator("tbody :focus").evaluate(TOP)
        assert at >= below, (key, at, below)
        if key == "k":
            assert below <= top < bottom <= 600, (top, bottom)


def test_cards_on_a_telephone_have_none(table: Page) -> None:
    table.set_viewport_size({"width": 390, "height": 800})
    table.goto("/clientes/")
    table.evaluate("scrollTo(0, 1200)")
    expect(table.locator("thead")).to_be_hidden()
    assert table.locator(".sorting").evaluate(TOP) < 0
    for _ in range(6):
        table.keyboard.press("j")
    top, bottom = table.locator("tbody tr:has(:focus)").evaluate(BOX)
    assert 0 <= top < bottom <= 800


@pytest.mark.parametrize("address", ["/seguimiento/", "/clientes/"])
def test_it_stays_in_a_table_that_scrolls_sideways(address: str, table: Page) -> None:
    """Seguimiento has too little room at 1,120 px, one with many columns anywhere."""
    width = 1366 if address == "/clientes/" else 1120
    table.set_viewport_size({"width": width, "height": 500})
    table.goto(address)
    table.locator(".tbl").evaluate(
        """box => {
            box.classList.add("is-wide")
            box.firstElementChild.style.width = "2000px"
            box.scrollTo(300, 0)
            scrollTo(0, 600)
        }"""
    )
    head = table.locator("thead th").nth(1)
    assert table.locator(".tbl").evaluate("box => box.scrollLeft") == 300
    assert table.locator(".tbl").evaluate("box => box.scrollTop") == 0
    assert head.evaluate(TOP) == pytest.approx(0, abs=1)
    assert table.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_line_of_totals_follows_the_search_and_the_verb(
    table: Page, thirty: list[Client], accessible: Check
) -> None:
    table.set_viewport_size({"width": 1366, "height": 800})
    table.goto("/clientes/")
    line = table.locator("#totals")
    expect(line).to_contain_text("30 clientes · 2,000 folios disponibles")
    table.get_by_role("searchbox").fill(thirty[1].rfc)
    expect(line).to_contain_text("1 cliente · 100 folios disponibles")
    table.get_by_label("Agregar folios:").click()
    dialog = table.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("50")
    dialog.get_by_role("button", name="Agregar folios").click()
    expect(line).to_contain_text("1 cliente · 150 folios disponibles")
    table.get_by_role("searchbox").fill("")
    expect(line).to_contain_text("30 clientes · 2,050 folios disponibles")
    accessible(table)
    table.set_viewport_size({"width": 390, "height": 800})
    assert table.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    accessible(table)
