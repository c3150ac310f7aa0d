"""The page of a client in a real browser: its tabs, its menu, the movements by day, the
chart by keyboard; also without JavaScript, in both themes and at three widths.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from clients.movements.reader import INLINE
from tests.browser.conftest import from_menu, log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]
TABS = ("Resumen", "Movimientos", "Notas y pendientes")


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    """A client of 80 days with stamps on most of them, a top-up and a note."""
    now = timezone.now()
    client = make_client(legal_name="Papelería El Faro", now=now - timedelta(days=80))
    for ago in range(60, 0, -2):
        day = now - timedelta(days=ago)
        lifecycle.consume(client, reference=f"CFDI-{ago}", now=day)
    lifecycle.add_folios(
        client, quantity=50, reference="k", reason="Pidió más", by=None, now=now
    )
    lifecycle.add_note(client, text="Paga los días 15", by=None, now=now)
    return client


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Páginas").get_by_role(
        "link", name=name
    ).click()


def day_line(page: Page, words: str):  # type: ignore[no-untyped-def]
    return page.locator("details.day > summary", has_text=words)


def test_each_tab_has_an_address_and_back_works(
    page: Page, alicia: User, client: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Papelería El Faro", exact=True).click()
    for name in (*TABS[1:], TABS[0]):
        tab(page, name)
        current = page.locator(".tabs [aria-current=page]")
        expect(current).to_contain_text(name)
    expect(page).to_have_url(re.compile(f"{client.public_id}/$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/notas/$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/movimientos/$"))
    expect(day_line(page, "1 recarga")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_every_tab_is_accessible_at_every_width(
    page: Page, alicia: User, client: Client, accessible: Check, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    for address in ("", "?grafica=meses", "movimientos/", "notas/"):
        page.goto(f"/clientes/{client.public_id}/{address}")
        if address == "movimientos/":
            day_line(page, "1 recarga").click()
            expect(page.get_by_text("Pidió más")).to_be_visible()
        page.get_by_role("button", name="Más acciones").click()
        expect(page.locator("#menu")).to_be_visible()
        accessible(page)
        page.keyboard.press("Escape")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_menu_works_by_keyboard_and_gives_the_focus_back(
    page: Page, alicia: User, client: Client
) -> None:
    log_in(page, alicia)
    page.goto(f"/clientes/{client.public_id}/movimientos/")
    button, menu = (
        page.get_by_role("button", name="Más acciones"),
        page.locator("#menu"),
    )
    button.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_text("Entrar como cliente")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Editar plan")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    # What is done there comes back on the same tab, with the focus beside it.
    from_menu(page, "Suspender")
    page.get_by_role("dialog").get_by_label("Motivo").fill("Debe mayo")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("quedó suspendido")
    expect(day_line(page, "suspendido")).to_be_visible()
    expect(page.get_by_role("button", name="Activar")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("button", name="Activar")).to_be_hidden()


def test_a_day_opens_by_keyboard_to_its_references(
    page: Page, alicia: User, client: Client
) -> None:
    log_in(page, alicia)
    page.goto(f"/clientes/{client.public_id}/movimientos/")
    line = day_line(page, "1 timbrado").first
    line.focus()
    expect(page.get_by_text("CFDI-2", exact=True)).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_text("CFDI-2", exact=True)).to_be_visible()


def test_a_long_day_is_fetched_when_it_is_opened(
    page: Page, alicia: User, client: Client
) -> None:
    then = timezone.now() - timedelta(days=1)
    for number in range(INLINE + 1):
        key = f"k{number}"
        lifecycle.add_folios(client, quantity=1, reference=key, by=None, now=then)
    log_in(page, alicia)
    page.goto(f"/clientes/{client.public_id}/movimientos/")
    day_line(page, f"{INLINE + 1} recargas").click()
    expect(page.locator(".day[open] tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Lo anterior de ese día").click()
    expect(page.locator(".day[open] tbody tr")).to_have_count(50)
    expect(page.get_by_role("link", name="Lo último del día")).to_be_visible()


def test_filters_and_the_jump_to_a_day(
    page: Page, alicia: User, client: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto(f"/clientes/{client.public_id}/movimientos/")
    page.get_by_label("Clase").select_option("Recarga")
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page.locator("details.day")).to_have_count(1)
    expect(page).to_have_url(re.compile("clase=recarga"))
    page.get_by_role("link", name="Quitar filtros").click()
    then = client.reseller.local_date(timezone.now() - timedelta(days=20))
    page.get_by_label("Ir al día").fill(then.isoformat())
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page.get_by_text("CFDI-20", exact=True)).to_be_visible()
    accessible(page)


def test_the_chart_says_its_numbers_to_the_keyboard(
    page: Page, alicia: User, client: Client
) -> None:
    log_in(page, alicia)
    page.goto(client.get_absolute_url())
    bar = page.locator("a.slot").first
    bar.focus()
    expect(bar.locator(".tip")).to_have_css("opacity", "1")
    expect(bar.locator(".tip")).to_contain_text("1 timbrado, saldo")
    page.keyboard.press("Tab")
    expect(bar.locator(".tip")).to_have_css("opacity", "0")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/movimientos/\?dia="))
    expect(page.locator("details.day[open]")).to_have_count(1)
    page.go_back()
    page.get_by_role("link", name="Por mes", exact=True).click()
    expect(
        page.get_by_role("heading", name="Consumo de folios por mes")
    ).to_be_visible()


def test_without_javascript(
    browser: Browser, base_url: str, alicia: User, client: Client
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Papelería El Faro", exact=True).click()
    tab(page, "Movimientos")
    page.get_by_role("navigation", name="Meses").get_by_role("link").nth(1).click()
    expect(page.locator(".period")).to_contain_text("timbrado")
    expect(page.locator("tbody tr").first).to_be_hidden()
    page.locator("details.day > summary").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    here = page.url
    from_menu(page, "Suspender")
    page.get_by_label("Motivo").fill("Debe mayo")
    page.get_by_role("button", name="Suspender").click()
    expect(page).to_have_url(here)
    expect(page.locator("#toasts")).to_contain_text("quedó suspendido")
    tab(page, "Notas y pendientes")
    page.get_by_label("Nota", exact=True).fill("Quedó de pagar")
    page.get_by_role("button", name="Agregar nota").click()
    expect(page).to_have_url(re.compile("/notas/#notes$"))
    expect(page.locator("#notes")).to_contain_text("Quedó de pagar")
    context.close()
