"""What is typed, in a real browser: an unclear number is asked about and nothing of it
is lost; the search offers what is archived; a taken RFC leads to its client."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clients.models import Client
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]


def test_an_unclear_quantity_is_asked_about_and_stays_in_its_field(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.locator(f"#row-{clara.public_id}").get_by_label("Agregar folios:").click()
    quantity = page.get_by_label("Cantidad de folios")
    quantity.press_sequentially("10,00")
    expect(quantity).to_have_value("10,00")
    page.locator("dialog").get_by_role("button", name="Agregar folios").click()
    expect(page.locator("dialog")).to_contain_text("«10,00» puede ser 10 o 1,000.")
    expect(quantity).to_have_value("10,00")
    expect(quantity).to_be_focused()
    accessible(page)
    assert factories.fresh(clara).balance == 100
    quantity.fill("1,000")
    expect(page.locator("#preview")).to_contain_text("1,100")
    page.locator("dialog").get_by_role("button", name="Agregar folios").click()
    expect(page.locator("dialog")).to_contain_text("más de cinco veces los 100")
    accessible(page)
    page.get_by_label("Sí, esa cantidad").check()
    page.locator("dialog").get_by_role("button", name="Agregar folios").click()
    expect(page.locator("#toasts")).to_contain_text("Se agregaron 1,000 folios")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_search_says_what_it_could_not_do_and_what_else_there_is(
    page: Page, alicia: User, make_client: MakeClient, accessible: Check, width: int
) -> None:
    make_client(legal_name="Perdida Hoy")
    make_client(legal_name="Perdida Antes", archived=True)
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("searchbox").fill("perdida")
    expect(page.locator("#results")).to_contain_text("1 cliente archivado coincide")
    page.get_by_text("Más filtros").click()
    page.get_by_label("Folios, máximo").fill("10,00")
    page.get_by_label("Folios, máximo").press("Enter")
    expect(page.locator("#results")).to_contain_text("este filtro no se aplicó")
    accessible(page)
    page.get_by_label("Folios, máximo").fill("")
    page.get_by_label("Folios, máximo").press("Enter")
    expect(page.locator("#results")).not_to_contain_text("no se aplicó")
    page.get_by_role("link", name="Ver archivados").click()
    expect(page.locator("td.c-name a")).to_have_text(["Perdida Antes"])
    expect(page).to_have_url(re.compile("q=perdida"))


def test_a_taken_rfc_leads_to_its_client(
    page: Page, alicia: User, clara: Client, make_client: MakeClient, accessible: Check
) -> None:
    other = make_client()
    log_in(page, alicia)
    page.goto("/clientes/")
    page.locator(f"#row-{other.public_id}").get_by_label("Editar plan:").click()
    page.locator("dialog").get_by_label("RFC", exact=True).fill("eku-900317-3c9")
    page.locator("dialog").get_by_role("button", name="Guardar").click()
    link = page.locator("dialog").get_by_role("link", name="Ver a ESCUELA KEMPER")
    expect(link).to_have_attribute("href", clara.get_absolute_url())
    accessible(page)
