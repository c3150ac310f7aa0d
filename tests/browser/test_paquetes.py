"""Paquetes in a real browser: add, edit, withdraw, undo; also without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakePackage

Check = Callable[[Page], None]


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def test_the_first_package_begins_with_an_example(
    page: Page, alicia: User, accessible: Check
) -> None:
    factories.services()
    log_in(page, alicia)
    page.goto("/paquetes/")
    accessible(page)
    page.get_by_role("link", name="Mensual 100").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Nombre")).to_be_focused()
    expect(dialog.locator("#preview")).to_contain_text("100 folios")
    accessible(page)
    dialog.get_by_label("Folios que incluye").fill("120")
    dialog.get_by_label("Precio").fill("240")
    expect(dialog.locator("#preview")).to_contain_text("120 folios")
    expect(dialog.locator("#preview")).to_contain_text("$2.00 por folio")

    # Fields that depend on another are shown only when they make sense.
    expect(dialog.get_by_label("Cuántos")).to_be_visible()
    dialog.get_by_label("Vigencia").select_option(label="sin vigencia")
    expect(dialog.get_by_label("Cuántos")).to_be_hidden()
    expect(dialog.locator("#preview")).to_contain_text("sin vigencia")
    limit = dialog.get_by_label("Máximo que se conserva")
    expect(limit).to_be_hidden()
    dialog.get_by_label("Se conservan hasta un máximo").check()
    expect(limit).to_be_visible()
    companies = dialog.get_by_label("RFC adicionales", exact=True)
    expect(companies).to_be_hidden()
    dialog.get_by_label("Multiempresa").check()
    expect(companies).to_be_visible()

    dialog.get_by_role("button", name="Agregar").click()
    expect(limit).to_be_focused()
    expect(dialog).to_contain_text("Escriba cuántos folios se conservan")
    accessible(page)
    limit.fill("20")
    companies.fill("3")
    dialog.get_by_role("button", name="Agregar").click()
    toast(page, "Se creó el paquete Mensual 100")
    expect(page.locator("td.c-name")).to_contain_text("Multiempresa: 3 RFC adicionales")
    accessible(page)


def test_edit_withdraw_and_undo(
    page: Page, alicia: User, clara: Client, pyme: Package, make_package: MakePackage
) -> None:
    make_package(name="Oro")
    log_in(page, alicia)
    page.goto("/paquetes/")
    row = page.locator(f"#row-{pyme.public_id}")
    row.get_by_label("Editar: PYME").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 cliente conserva el suyo")
    dialog.get_by_label("Nombre").fill("oro")
    dialog.get_by_role("button", name="Guardar").click()
    expect(dialog).to_contain_text("Ya tiene un paquete que se llama «oro»")
    dialog.get_by_label("Nombre").fill("Plata")
    dialog.get_by_role("button", name="Guardar").click()
    toast(page, "Se guardó Plata")
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("Plata")

    row.get_by_label("Retirar de la venta: Plata").click()
    expect(row).to_contain_text("Retirado")
    expect(row.get_by_label("Volver a vender: Plata")).to_be_focused()
    page.get_by_role("button", name="Deshacer").click()
    expect(row).to_contain_text("A la venta")

    page.set_viewport_size({"width": 390, "height": 844})
    row.get_by_role("link", name="1 con Plata").click()
    expect(page.locator("td.c-name a")).to_have_text(["ESCUELA KEMPER URGATE"])


def test_the_same_without_scripts(
    browser: Browser, base_url: str, alicia: User, pyme: Package
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/paquetes/")
    page.get_by_role("link", name="Agregar paquete").click()
    page.get_by_label("Nombre").fill("Anual")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_label("Folios que incluye")).to_have_attribute(
        "aria-invalid", "true"
    )
    page.get_by_label("Folios que incluye").fill("500")
    page.get_by_role("button", name="Agregar").click()
    toast(page, "Se creó el paquete Anual")
    page.get_by_label("Retirar de la venta: PYME").click()
    toast(page, "PYME ya no está a la venta")
    page.get_by_role("button", name="Deshacer").click()
    toast(page, "PYME está otra vez a la venta")
    context.close()
