"""What all pages share, in a real browser: log-in and account pages, the menu, the
theme, and what a user sees when the network fails or the session has ended."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from clients.models import Client
from tests import factories
from tests.browser.conftest import log_in

Check = Callable[[Page], None]

ENTRANCE = ("login/", "password/reset/", "password/reset/key/1-x/")
OWN_PAGES = ("password/change/", "sessions/", "2fa/", "2fa/webauthn/")


def test_the_pages_before_the_log_in(page: Page, db: None, accessible: Check) -> None:
    for address in ENTRANCE:
        page.goto(f"/cuenta/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        accessible(page)


def test_the_pages_of_ones_own_account(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    for address in OWN_PAGES:
        page.goto(f"/cuenta/{address}")
        expect(page).to_have_url(re.compile(address))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        accessible(page)


def test_a_second_factor_is_switched_on_after_the_password_once_more(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/cuenta/2fa/totp/activate/")
    expect(page.get_by_role("heading", name="Confirmar acceso")).to_be_visible()
    accessible(page)
    page.get_by_label("Contraseña", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("img", name="Código QR")).to_be_visible()
    accessible(page)


def test_a_wrong_password_is_said_in_words(
    page: Page, alicia: User, accessible: Check
) -> None:
    page.goto("/cuenta/login/")
    page.get_by_label("Correo").fill(alicia.email)
    page.get_by_label("Contraseña", exact=True).fill("equivocada")
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no son correctas")
    accessible(page)


def test_the_menu_of_a_telephone(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/clientes/")
    menu = page.get_by_role("navigation", name="Principal")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menú").click()
    expect(menu.get_by_role("link", name="Clientes")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    wider = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wider)
    accessible(page)


def test_a_chosen_theme_stays(page: Page, alicia: User, clara: Client) -> None:
    log_in(page, alicia)
    page.goto("/cuenta/sessions/")
    button = page.get_by_role("button", name="Tema")
    button.click()
    expect(button).to_have_text("Tema: claro")
    button.click()
    expect(button).to_have_text("Tema: oscuro")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    button.click()
    expect(button).to_have_text("Tema: automático")


def test_without_a_network_nothing_typed_is_lost(
    context: BrowserContext, alicia: User, clara: Client
) -> None:
    page = context.new_page()  # one that may log the failed request
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Agregar folios:").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("50")
    expect(dialog.locator("#preview")).to_contain_text("150")
    context.set_offline(True)
    send = dialog.get_by_role("button", name="Agregar folios")
    send.click()
    expect(dialog).to_contain_text("No hay conexión con el servidor.")
    expect(dialog.get_by_label("Cantidad de folios")).to_have_value("50")
    context.set_offline(False)
    send.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).not_to_contain_text("No hay conexión")
    expect(page.locator(f"#row-{clara.public_id}")).to_contain_text("150")


def test_a_session_that_ended_leads_back_to_the_page(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/?q=kemper")
    page.context.clear_cookies()
    page.get_by_label("Renovar:").click()
    expect(page).to_have_url(re.compile("/cuenta/login/"))
    page.get_by_label("Correo").fill(alicia.email)
    page.get_by_label("Contraseña", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page).to_have_url(re.compile(r"/clientes/\?q=kemper$"))


def test_a_press_beside_the_dialog_closes_it_and_asks_if_something_was_typed(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    opener = page.get_by_label("Agregar folios:")
    dialog = page.get_by_role("dialog")
    opener.click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 300)
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_label("Cantidad de folios").fill("5")
    page.mouse.click(5, 300)
    expect(dialog).to_contain_text("Lo que escribió no se ha guardado.")
    dialog.get_by_role("button", name="Cerrar sin guardar").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
