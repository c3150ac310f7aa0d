"""*Buscar* by keyboard alone, in both themes, on a screen and on a telephone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]

OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def test_from_any_page_to_a_client_by_keyboard_alone(
    page: Page, alicia: User, clara: Client, make_client: MakeClient
) -> None:
    make_client(legal_name="Kemper y Asociados")
    log_in(page, alicia)
    page.goto("/paquetes/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Buscar")
    expect(field).to_be_focused()
    page.keyboard.type("kemper")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    chosen = options.nth(1).get_attribute("id") or ""
    expect(field).to_have_attribute("aria-activedescendant", chosen)
    page.keyboard.press("ArrowDown")  # around
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/clientes/{clara.public_id}/"))


def test_a_verb_opens_the_dialog_of_its_row_and_changes_that_row(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.keyboard.press("Control+k")
    page.keyboard.type("suspender kemper")
    page.keyboard.press("Enter")  # before the results are there: it waits for them
    dialog = page.get_by_role("dialog", name="Suspender")
    expect(dialog.get_by_label("Motivo")).to_be_focused()
    page.keyboard.type("Debe mayo")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Suspender").press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#row-{clara.public_id}")).to_contain_text("Suspendido")


@pytest.mark.parametrize("at", ["packages", "other client", "another filter"])
def test_a_verb_works_on_a_page_without_its_row(
    at: str, page: Page, alicia: User, clara: Client, make_client: MakeClient
) -> None:
    other = make_client(legal_name="Otra")
    log_in(page, alicia)
    page.goto(
        {
            "packages": "/paquetes/",
            "other client": other.get_absolute_url(),
            "another filter": "/clientes/?q=otra",
        }[at]
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("agregar folios kemper")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Agregar folios")
    dialog.get_by_label("Cantidad de folios").fill("50")
    expect(dialog.locator("#preview")).to_contain_text("150")
    dialog.get_by_label("Cantidad de folios").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("50 folios")
    assert factories.fresh(clara).balance == 150
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_escape_gives_the_focus_back(page: Page, alicia: User, clara: Client) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    button = page.get_by_label("Renovar:")
    button.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("kem")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_stroke_is_the_search_of_the_page_or_the_palette(
    page: Page, alicia: User, clara: Client, pyme: Package
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("/")  # a letter like another
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.goto("/paquetes/")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Buscar")).to_be_focused()
    page.keyboard.type("nadie así")
    expect(page.get_by_role("dialog")).to_contain_text("Nada coincide")
    page.keyboard.press("Enter")  # there is nothing to open
    page.mouse.click(5, 300)
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [1366, 390])
def test_it_is_accessible_and_fits(
    width: int,
    page: Page,
    alicia: User,
    clara: Client,
    make_client: MakeClient,
    accessible: Check,
) -> None:
    make_client(legal_name="Común " + "Ñ" * 200, suspended=True)
    make_client(legal_name="Común")
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, alicia)
    page.goto("/paquetes/")
    opener = page.locator("[data-palette]").filter(visible=True)
    opener.click()
    dialog = page.get_by_role("dialog", name="Buscar")
    expect(dialog).to_contain_text("renovar kemper")
    accessible(page)
    for text, option in (("comun", "Común"), ("kemper", "Renovar"), ("cl", "Clientes")):
        dialog.get_by_role("combobox").fill(text)
        expect(dialog.get_by_role("option", name=option).first).to_be_visible()
        accessible(page)
        assert page.evaluate(OVERFLOW) <= 0
        inside = dialog.locator(".fields")
        assert inside.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.goto("/buscar/?q=comun")
    accessible(page)
    assert page.evaluate(OVERFLOW) <= 0


def test_without_javascript_it_is_a_page(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    plain = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = plain.new_page()
    log_in(page, alicia)
    page.goto("/paquetes/")
    page.locator("[data-palette]").filter(visible=True).click()
    field = page.get_by_role("searchbox", name="Buscar")
    field.fill("renovar kemper")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/buscar/\?q=renovar\+kemper$"))
    page.get_by_role("link", name="Renovar").click()
    page.get_by_role("button", name="Renovar").click()
    expect(page.locator("#toasts")).to_contain_text("Se renovó")
    plain.close()
