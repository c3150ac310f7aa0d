"""Nothing typed is lost without a word: closing, leaving, a session that ended, a
network that failed, a fragment that was replaced."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories
from tests.browser.conftest import from_menu, log_in

Check = Callable[[Page], None]
ASKED = "Lo que escribió no se ha guardado."
ENDED = "Su sesión terminó."


@pytest.fixture
def quantity(page: Page, alicia: User, clara: Client) -> Locator:
    """The field of an open dialog *Agregar folios*."""
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Agregar folios:").click()
    field = page.get_by_role("dialog").get_by_label("Cantidad de folios")
    expect(field).to_be_focused()
    return field


def leave(page: Page, how: str) -> None:
    dialog = page.get_by_role("dialog")
    match how:
        case "Esc":
            page.keyboard.press("Escape")
        case "beside":
            page.mouse.click(5, 300)
        case _:
            dialog.locator("[data-close]").get_by_text(how).or_(
                dialog.get_by_role("button", name=how, exact=True)
            ).first.click()


@pytest.mark.parametrize("how", ["Esc", "Cerrar", "Cancelar", "beside"])
def test_a_changed_dialog_asks_before_it_closes(
    page: Page, quantity: Locator, accessible: Check, how: str
) -> None:
    dialog = page.locator("#dialog")
    quantity.fill("50")
    leave(page, how)
    expect(dialog).to_contain_text(ASKED)
    if how == "Esc":
        accessible(page)
        # However often it is pressed: the first answers the question with no.
        for _ in range(2):
            page.keyboard.press("Escape")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text(ASKED)
    dialog.get_by_role("button", name="Seguir aquí").click()
    expect(quantity).to_have_value("50")
    expect(dialog).not_to_contain_text(ASKED)
    leave(page, how)
    dialog.get_by_role("button", name="Cerrar sin guardar").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Agregar folios:")).to_be_focused()


@pytest.mark.parametrize("how", ["Esc", "Cerrar", "Cancelar", "beside"])
def test_one_that_is_as_it_was_closes_at_once(
    page: Page, quantity: Locator, how: str
) -> None:
    quantity.fill("50")
    quantity.fill("")
    leave(page, how)
    expect(page.locator("#dialog")).to_be_hidden()


def test_what_was_refused_is_not_saved_either(page: Page, quantity: Locator) -> None:
    dialog = page.locator("#dialog")
    quantity.fill("-5")
    quantity.press("Enter")
    expect(dialog.locator(".errorlist")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_contain_text(ASKED)


def test_a_link_in_the_dialog_asks_before_it_opens_another(
    page: Page, alicia: User, make_client: Callable[..., Client]
) -> None:
    make_client(expired=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Agregar folios:").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Motivo").fill("Cortesía por la falla del lunes")
    dialog.get_by_role("link", name="Renovar en su lugar").click()
    expect(dialog).to_contain_text(ASKED)
    dialog.get_by_role("button", name="Cerrar sin guardar").click()
    expect(dialog.get_by_role("heading", level=1)).to_have_text("Renovar")


def test_leaving_the_page_warns_only_if_something_is_not_saved(
    page: Page, alicia: User, pyme: Package
) -> None:
    warned: list[str] = []

    def stay(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    log_in(page, alicia)
    page.goto("/clientes/nuevo/")
    page.get_by_role("link", name="Paquetes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paquetes")
    assert warned == []
    page.go_back()
    page.get_by_label("Razón social").fill("Escuela")
    page.get_by_role("link", name="Paquetes").click()
    expect(page.get_by_label("Razón social")).to_have_value("Escuela")
    assert warned == ["beforeunload"]
    # Refused, the form has the typed text as its own; it is still not saved.
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.get_by_label("RFC")).to_be_focused()
    page.get_by_role("link", name="Paquetes").click()
    expect(page.get_by_label("Razón social")).to_have_value("Escuela")
    assert warned == ["beforeunload"] * 2
    page.get_by_label("RFC").fill("EKU9003173C9")
    page.get_by_label("Régimen fiscal").select_option("601")
    page.get_by_label("Código postal").fill("42501")
    page.get_by_label("Correo", exact=True).fill("clara@kemper.mx")
    page.get_by_label("Paquete").select_option(str(pyme.public_id))
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Escuela")
    assert warned == ["beforeunload"] * 2


def test_a_session_that_ended_keeps_the_dialog_and_the_text(
    page: Page, alicia: User, clara: Client, quantity: Locator, accessible: Check
) -> None:
    dialog = page.locator("#dialog")
    quantity.fill("50")
    expect(dialog.locator("#preview")).to_contain_text("150")
    Session.objects.all().delete()
    send = dialog.get_by_role("button", name="Agregar folios")
    send.click()
    expect(dialog).to_contain_text(ENDED)
    expect(quantity).to_have_value("50")
    accessible(page)
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Entre en otra pestaña").click()
    tab = opened.value
    log_in(tab, alicia)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Inicio")
    tab.close()
    send.click()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#row-{clara.public_id}")).to_contain_text("150")
    assert factories.fresh(clara).balance == 150


def test_one_that_ended_while_typing_keeps_the_text_too(
    page: Page, quantity: Locator
) -> None:
    Session.objects.all().delete()
    quantity.fill("50")  # asks for the preview
    expect(page.locator("#dialog")).to_contain_text(ENDED)
    expect(quantity).to_have_value("50")


def test_a_session_that_ended_keeps_the_page_of_a_new_client(
    page: Page, alicia: User, pyme: Package
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/nuevo/")
    page.get_by_label("Razón social").fill("Escuela")
    Session.objects.all().delete()
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.locator("#create")).to_contain_text(ENDED)
    expect(page.get_by_label("Razón social")).to_have_value("Escuela")
    tab = page.context.new_page()
    log_in(tab, alicia)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Inicio")
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.get_by_label("Razón social")).to_have_value("Escuela")
    expect(page.locator("#create")).not_to_contain_text(ENDED)


def test_a_server_that_fails_or_is_silent_leaves_the_form_and_its_button(
    context: BrowserContext, alicia: User, clara: Client
) -> None:
    page = context.new_page()  # one that may log failed requests
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Agregar folios:").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Cantidad de folios").fill("50")
    expect(dialog.locator("#preview")).to_contain_text("150")
    send = dialog.get_by_role("button", name="Agregar folios")
    page.evaluate("htmx.config.timeout = 300")
    page.route("**/agregar-folios/", lambda route: None)  # never answered
    send.click()
    expect(dialog).to_contain_text("El servidor tardó demasiado")
    page.unroute("**/agregar-folios/")
    page.route(
        "**/agregar-folios/", lambda route: route.fulfill(status=502, body="<h1>x</h1>")
    )
    send.click()
    expect(dialog).to_contain_text("El servidor no está disponible")
    expect(dialog.get_by_label("Cantidad de folios")).to_have_value("50")
    page.unroute("**/agregar-folios/")
    page.evaluate("htmx.config.timeout = 20000")
    send.click()
    expect(dialog).to_be_hidden()
    assert factories.fresh(clara).balance == 150


def test_a_note_being_written_survives_an_action_on_its_page(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto(f"/clientes/{clara.public_id}/notas/")
    note = page.locator("#notes").get_by_role("textbox", name="Nota")
    note.fill("Llamó el lunes; quiere")
    from_menu(page, "Suspender")
    page.get_by_role("dialog").get_by_label("Motivo").fill("Debe mayo")
    page.get_by_role("dialog").get_by_role("button", name="Suspender").click()
    expect(page.locator("#toasts")).to_contain_text("quedó suspendido")
    expect(note).to_have_value("Llamó el lunes; quiere")
