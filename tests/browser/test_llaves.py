"""The page *API* in a real browser: a key is made, tried, limited and revoked."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import ApiKey, User
from clients.models import Client
from tests import factories
from tests.browser.conftest import log_in
from tests.programs import Program

Check = Callable[[Page], None]


def test_a_key_from_its_making_to_its_end(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, alicia)
    page.get_by_role("link", name="API", exact=True).click()
    expect(page.get_by_role("heading", name="Todavía no hay llaves")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Crear llave").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Nombre")).to_be_focused()
    accessible(page)
    dialog.get_by_label("Nombre").fill("<b>Sucursal</b>")
    dialog.get_by_label("Su contraseña").fill("otra-clave-cualquiera")
    dialog.get_by_role("button", name="Crear").click()
    expect(dialog.get_by_label("Su contraseña")).to_be_focused()
    expect(dialog.get_by_label("Nombre")).to_have_value("<b>Sucursal</b>")
    accessible(page)
    dialog.get_by_label("Su contraseña").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Crear").click()
    secret = dialog.locator("#secret").inner_text()
    accessible(page)
    dialog.get_by_role("button", name="Copiar").click()
    expect(dialog.get_by_role("button", name="Copiada")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    # The list shows the key, however the dialog is closed.
    dialog.get_by_role("button", name="Cerrar").click()
    row = page.get_by_role("row", name="<b>Sucursal</b>")
    expect(row).to_contain_text("Vigente")
    expect(page.locator("body")).not_to_contain_text(secret)
    accessible(page)

    Program(secret).stamp(clara.rfc, "F-mucho", 1_000)
    page.get_by_role("link", name="Llamadas y rechazos").click()
    expect(page.get_by_role("cell", name="F-mucho")).to_be_visible()
    accessible(page)
    page.get_by_label("RFC o id del cliente").fill("AAA010101AAA")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_contain_text("Usted no tiene un cliente")

    page.get_by_role("link", name="Probar").click()
    page.get_by_label("RFC o id del cliente").fill(clara.rfc)
    page.get_by_role("button", name="Llamar").click()
    answer = page.get_by_role("region", name="Respuesta")
    expect(answer).to_contain_text('"may_stamp": true')
    accessible(page)
    page.get_by_label("Llamada", exact=True).select_option("stamp")
    page.get_by_role("button", name="Llamar").click()
    expect(page.locator("#try")).to_contain_text("Escriba la referencia.")
    page.get_by_label("Referencia").fill("F-1")
    page.get_by_role("button", name="Llamar").click()
    expect(answer).to_contain_text('"balance_after": 99')

    page.get_by_role("link", name="Llaves", exact=True).click()
    row.get_by_role("link", name="Revocar").click()
    accessible(page)
    dialog.get_by_role("button", name="Revocar").click()
    expect(row).to_contain_text("Revocada")
    assert ApiKey.objects.get().revoked_at is not None


def test_the_docs_pass_the_csp_and_lead_to_a_code(
    page: Page, accessible: Check
) -> None:
    page.goto("/api/v1/docs#reference_conflict")
    expect(page.locator("#reference_conflict")).to_be_in_viewport()
    accessible(page)
    page.locator("summary", has_text="Se recibe").first.click()
    expect(page.get_by_role("cell", name="folio_balance").first).to_be_visible()
