"""Agregar cliente in a browser: from a document, with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests.browser.conftest import log_in
from tests.browser.test_clientes import Check, toast
from tests.cfdis import cfdi
from tests.constancias import COMPANY, INDIVIDUAL

URL = "/clientes/nuevo/"
# What a browser does with a pasted text; a test has no clipboard to paste from.
PASTE = """(area, text) => {
  area.focus()
  area.setRangeText(text)
  area.dispatchEvent(new ClipboardEvent("paste", {bubbles: true}))
}"""


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_a_pasted_constancia_fills_the_form_and_two_clicks_save_it(
    width: int, page: Page, alicia: User, pyme: Package, accessible: Check
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    page.goto(URL)
    expect(page.get_by_label("RFC")).to_be_focused()
    accessible(page)
    page.get_by_label("O pegue aquí").evaluate(PASTE, COMPANY)
    expect(page.get_by_text("Se llenó con la Constancia")).to_be_visible()
    expect(page.get_by_label("RFC")).to_have_value("URE180429TM6")
    email = page.get_by_label("Correo", exact=True)
    expect(email).to_be_focused()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not Client.objects.exists()

    page.keyboard.type("ure@robotica.mx")
    page.get_by_label("Paquete").select_option(str(pyme.public_id))
    expect(page.locator("#preview")).to_contain_text("100 folios")
    page.get_by_role("button", name="Agregar cliente").click()
    toast(page, "quedó activo con 100 folios")
    client = Client.objects.get()
    assert client.legal_name == "UNIVERSIDAD ROBOTICA ESPAÑOLA"


def test_a_dropped_cfdi_fills_it_and_its_name_is_mended_by_one_click(
    page: Page, alicia: User, pyme: Package, accessible: Check, tmp_path: Path
) -> None:
    document = tmp_path / "factura.xml"
    text = cfdi(receiver="XIA190128J61").replace("EMISOR", "KEMPER SA DE CV")
    document.write_text(text)
    wrong = tmp_path / "constancia.pdf"
    wrong.write_bytes(b"%PDF-1.7 ...")
    log_in(page, alicia)
    page.goto(URL)
    page.get_by_label("Contacto").fill("Clara")
    page.get_by_label("Archivo").set_input_files(wrong)
    expect(page.get_by_text("Es un PDF, que aquí no se abre")).to_be_visible()
    accessible(page)
    page.get_by_label("Archivo").set_input_files(document)
    expect(page.get_by_text("Se llenó con el CFDI que emitió")).to_be_visible()
    name = page.get_by_label("Razón social")
    expect(name).to_have_value("KEMPER SA DE CV")
    expect(page.get_by_label("Contacto")).to_have_value("Clara")
    accessible(page)
    page.get_by_role("button", name="Quitarlo").click()
    expect(name).to_have_value("KEMPER")
    expect(page.get_by_role("button", name="Quitarlo")).to_have_count(0)
    name.fill("KEMPER, S.C.")
    page.get_by_label("RFC").focus()
    expect(page.get_by_text("«S.C.»")).to_be_visible()


def test_enter_in_a_field_saves_and_does_not_ask_for_a_document(
    page: Page, alicia: User, pyme: Package
) -> None:
    log_in(page, alicia)
    page.goto(URL)
    page.get_by_label("RFC").fill("EKU9003173C9")
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.get_by_text("Elija un archivo o pegue el texto")).to_have_count(0)


def test_it_works_without_javascript(
    browser: Browser, base_url: str, alicia: User, pyme: Package
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto(URL)
    page.get_by_label("O pegue aquí").fill(INDIVIDUAL)
    page.get_by_role("button", name="Llenar los datos fiscales").click()
    expect(page.get_by_label("RFC")).to_have_value("CACX7605101P8")
    page.get_by_label("Correo", exact=True).fill("xochilt@casas.mx")
    page.get_by_label("Paquete").select_option(str(pyme.public_id))
    page.get_by_role("button", name="Agregar cliente").click()
    toast(page, "quedó activo con 100 folios")
    context.close()
