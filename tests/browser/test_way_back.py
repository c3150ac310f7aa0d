"""Page and filters stay in the address, and every way back leads to them."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.conftest import from_menu, log_in
from tests.cast import MakeClient


@pytest.fixture
def page_two(page: Page, alicia: User, make_client: MakeClient) -> Page:
    """The second page of the active clients by name."""
    for number in range(30):
        make_client(legal_name=f"Empresa {number:02}")
    make_client(legal_name="Suspendida SA", suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/?q=empresa&orden=razon_social")
    page.get_by_role("link", name="Activos 30").click()
    expect(page).to_have_url(re.compile("estatus=activo"))
    page.get_by_role("link", name="Siguiente").click()
    expect(page).to_have_url(re.compile("pagina=2"))
    return page


def is_back(page: Page) -> None:
    expect(page).to_have_url(
        re.compile(
            r"/clientes/\?q=empresa&orden=razon_social.*estatus=activo.*pagina=2"
        )
    )
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")


def test_the_link_and_the_back_button_lead_to_the_same_page(page_two: Page) -> None:
    page = page_two
    page.reload()
    is_back(page)
    page.get_by_role("link", name="Empresa 27", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Empresa 27")
    page.go_back()
    is_back(page)
    page.get_by_role("link", name="Empresa 27", exact=True).click()
    page.get_by_role("link", name="Movimientos", exact=True).click()
    page.locator("p.back").get_by_role("link", name="Clientes").click()
    is_back(page)


def test_after_an_action_on_the_client_too(page_two: Page) -> None:
    page = page_two
    page.get_by_role("link", name="Empresa 27", exact=True).click()
    page.get_by_role("link", name="Agregar folios").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("5")
    dialog.get_by_role("button", name="Agregar folios").click()
    expect(page.locator("#toasts")).to_contain_text("Se agregaron 5 folios")
    page.locator("p.back").get_by_role("link", name="Clientes").click()
    is_back(page)
    # A row that was replaced in its place leads back as well.
    page.get_by_label("Agregar folios: Empresa 28").click()
    dialog.get_by_label("Cantidad de folios").fill("5")
    dialog.get_by_role("button", name="Agregar folios").click()
    expect(page.locator("#toasts")).to_contain_text("Se agregaron 5 folios")
    page.get_by_role("link", name="Empresa 28", exact=True).click()
    page.locator("p.back").get_by_role("link", name="Clientes").click()
    is_back(page)


def test_without_javascript(
    browser: Browser, base_url: str, alicia: User, make_client: MakeClient
) -> None:
    for number in range(30):
        make_client(legal_name=f"Empresa {number:02}", exhausted=number == 27)
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/?q=empresa&orden=razon_social")
    page.get_by_role("link", name="Siguiente").click()
    here = page.url
    page.get_by_label("Suspender: Empresa 26").click()
    page.get_by_role("link", name="Cancelar").click()
    expect(page).to_have_url(here)
    page.get_by_label("Suspender: Empresa 26").click()
    page.get_by_role("button", name="Suspender").click()  # without a reason
    page.get_by_label("Motivo").fill("No ha pagado")
    page.get_by_role("button", name="Suspender").click()
    expect(page).to_have_url(here)
    expect(page.locator("#toasts")).to_contain_text("quedó suspendido")
    page.get_by_label("Archivar: Empresa 27").click()
    expect(page).to_have_url(here)
    expect(page.locator("#toasts")).to_contain_text("quedó archivado")
    page.get_by_role("link", name="Empresa 28", exact=True).click()
    from_menu(page, "Suspender")
    page.get_by_label("Motivo").fill("No ha pagado")
    page.get_by_role("button", name="Suspender").click()
    page.locator("p.back").get_by_role("link", name="Clientes").click()
    expect(page).to_have_url(re.compile(re.escape(here) + "#row-"))
    context.close()
