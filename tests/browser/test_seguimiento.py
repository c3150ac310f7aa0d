"""Seguimiento in a real browser: a reseller's work, with and without JavaScript."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client, FollowUp
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient, MakePackage

Check = Callable[[Page], None]
TRAY = "/seguimiento/"


def row(page: Page, client: Client) -> Locator:
    return page.locator(f"#row-{client.public_id}")


def act(page: Page, client: Client, name: str) -> None:
    row(page, client).get_by_label(f"{name}:").click()


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def count(page: Page, number: int) -> None:
    text = f"{number} por atender" if number else ""
    expect(page.locator("#tray-count")).to_have_text(text)


def chip(page: Page, label: str, number: int) -> Locator:
    found = page.get_by_role("link", name=f"{label} {number}", exact=True)
    expect(found).to_be_visible()
    return found


def add_task(client: Client, text: str) -> None:
    day = client.reseller.local_date(timezone.now())
    lifecycle.add_task(client, text=text, due_on=day, key=uuid4(), by=None)


@pytest.fixture
def waiting(make_client: MakeClient) -> Client:
    return make_client(
        legal_name="Zapatería Díaz",
        exhausted=True,
        contact_name="Ana Díaz",
        contact_phone="+527711234567",
    )


@pytest.fixture
def expired(make_client: MakeClient, make_package: MakePackage) -> Client:
    return make_client(
        legal_name="Abarrotes Núñez",
        package=make_package(name="Mensual", term_unit="month"),
        expired=True,
        now=timezone.now() - timedelta(days=40),
    )


@pytest.fixture
def tray(page: Page, alicia: User, waiting: Client, expired: Client) -> Page:
    """The tray with two clients; the one without folios is first."""
    log_in(page, alicia)
    page.goto(TRAY)
    count(page, 2)
    return page


def test_renewing_from_the_tray_takes_the_row_out(
    tray: Page, waiting: Client, expired: Client, accessible: Check
) -> None:
    accessible(tray)
    expect(tray.locator("td.c-name a")).to_have_text(
        [
            "Zapatería Díaz",
            "Abarrotes Núñez",
        ]
    )
    act(tray, expired, "Renovar")
    dialog = tray.get_by_role("dialog")
    expect(dialog.locator("#preview")).to_contain_text("activo")
    dialog.get_by_role("button", name="Renovar").click()
    expect(dialog).to_be_hidden()
    toast(tray, "Se renovó")
    expect(row(tray, expired)).to_have_count(0)
    expect(row(tray, waiting)).to_be_visible()
    chip(tray, "Todo", 1)
    chip(tray, "Ofrecer renovación", 0)
    count(tray, 1)
    assert factories.fresh(expired).expires_on > timezone.now().date()


def test_the_dialog_is_the_one_of_clientes_filled_in(
    tray: Page, waiting: Client
) -> None:
    act(tray, waiting, "Agregar folios")
    dialog = tray.get_by_role("dialog")
    expect(dialog.get_by_label("Cantidad de folios")).to_have_value("100")
    expect(dialog.locator("#preview")).to_contain_text("100")
    dialog.get_by_role("button", name="Agregar folios").click()
    toast(tray, "Se agregaron 100 folios")
    expect(row(tray, waiting)).to_have_count(0)
    assert factories.fresh(waiting).balance == 100


def test_postponing_and_its_undo(
    tray: Page, waiting: Client, accessible: Check
) -> None:
    act(tray, waiting, "Posponer")
    dialog = tray.get_by_role("dialog")
    expect(dialog.get_by_label("Qué día")).to_be_hidden()
    accessible(tray)
    dialog.get_by_label("Otro día").check()
    dialog.get_by_role("button", name="Posponer").click()  # without a day
    expect(dialog).to_contain_text("Elija el día.")
    accessible(tray)
    day = timezone.localdate() + timedelta(days=40)
    dialog.get_by_label("Qué día").fill(day.isoformat())
    dialog.get_by_role("button", name="Posponer").click()
    expect(dialog).to_be_hidden()
    toast(tray, f"la sugerencia vuelve el {day:%d/%m/%Y}")
    expect(row(tray, waiting)).to_have_count(0)
    count(tray, 1)
    tray.get_by_role("button", name="Deshacer").click()
    expect(row(tray, waiting)).to_be_visible()
    count(tray, 2)
    chip(tray, "Ofrecer folios", 1)


def test_discarding_needs_a_reason(
    tray: Page, waiting: Client, expired: Client, accessible: Check
) -> None:
    act(tray, waiting, "Descartar")
    dialog = tray.get_by_role("dialog")
    accessible(tray)
    dialog.get_by_label("Motivo").fill("Cierra en enero")
    dialog.get_by_role("button", name="Descartar").click()
    expect(row(tray, waiting)).to_have_count(0)
    count(tray, 1)
    act(tray, expired, "Descartar")
    dialog.get_by_label("Motivo").fill("Se fue con otro")
    dialog.get_by_role("button", name="Descartar").click()
    expect(tray.get_by_text("Está al día")).to_be_visible()
    count(tray, 0)
    accessible(tray)


def test_the_click_that_opens_whatsapp_also_records_it(
    tray: Page, waiting: Client, accessible: Check
) -> None:
    opened: list[str] = []
    tray.context.route(
        "https://wa.me/**",
        lambda route: (
            opened.append(route.request.url),
            route.fulfill(body="WhatsApp"),
        ),
    )
    act(tray, waiting, "Mensaje")
    dialog = tray.get_by_role("dialog")
    expect(dialog).to_contain_text("Buen día, Ana Díaz:")
    accessible(tray)
    with tray.context.expect_page() as popup:
        dialog.get_by_role("link", name="WhatsApp").click()
    popup.value.close()
    expect(dialog).to_be_hidden()
    toast(tray, "anotado como contactado por WhatsApp")
    expect(row(tray, waiting)).to_have_count(0)
    count(tray, 1)
    assert opened[0].startswith("https://wa.me/527711234567?text=Buen%20d%C3%ADa")
    assert FollowUp.objects.get(client=waiting).channel == "whatsapp"


def test_a_telephone_call_is_recorded_by_hand(tray: Page, waiting: Client) -> None:
    act(tray, waiting, "Mensaje")
    dialog = tray.get_by_role("dialog")
    dialog.get_by_label("Teléfono").check()
    dialog.get_by_role("button", name="Marcar como contactado").click()
    toast(tray, "contactado por teléfono")
    expect(row(tray, waiting)).to_have_count(0)


def test_chips_and_search_narrow_and_survive_an_answer(
    tray: Page, waiting: Client, expired: Client
) -> None:
    chip(tray, "Ofrecer folios", 1).click()
    names = tray.locator("td.c-name a")
    expect(names).to_have_text(["Zapatería Díaz"])
    expect(tray).to_have_url(re.compile("accion=ofrecer-folios"))
    tray.get_by_role("searchbox").fill("zapa")
    expect(tray).to_have_url(re.compile("q=zapa.*accion=ofrecer-folios"))
    expect(tray.get_by_role("searchbox")).to_be_focused()
    act(tray, waiting, "Posponer")
    tray.get_by_role("dialog").get_by_role("button", name="Posponer").click()
    expect(tray.get_by_text("Nadie coincide")).to_be_visible()
    count(tray, 1)
    tray.get_by_role("link", name="Ver todo").click()
    expect(names).to_have_text(["Abarrotes Núñez"])


def test_a_task_is_done_with_one_click_and_leads_until_then(
    page: Page, alicia: User, waiting: Client, clara: Client, accessible: Check
) -> None:
    add_task(clara, "Confirmar su pago")
    log_in(page, alicia)
    page.goto(TRAY)
    names = page.locator("td.c-name a")
    expect(names).to_have_text(["ESCUELA KEMPER URGATE", "Zapatería Díaz"])
    accessible(page)
    chip(page, "Pendientes", 1)
    page.get_by_role("button", name="Hecho: Confirmar su pago").click()
    expect(names).to_have_text(["Zapatería Díaz"])
    chip(page, "Pendientes", 0)
    count(page, 1)
    page.get_by_role("button", name="Deshacer").click()
    expect(names).to_have_text(["ESCUELA KEMPER URGATE", "Zapatería Díaz"])


def test_with_the_keyboard_alone(tray: Page, waiting: Client, expired: Client) -> None:
    row(tray, waiting).get_by_label("Posponer:").focus()
    tray.keyboard.press("Enter")
    dialog = tray.get_by_role("dialog")
    expect(dialog.get_by_label("En 1 semana")).to_be_focused()
    tray.keyboard.press("ArrowUp")
    expect(dialog.get_by_label("En 3 días")).to_be_checked()
    tray.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(row(tray, waiting)).to_have_count(0)
    # The focus moves to the row that took its place.
    expect(row(tray, expired).get_by_label("Renovar:")).to_be_focused()
    tray.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tray.keyboard.press("Escape")
    expect(tray.locator("#dialog")).to_be_empty()  # closed, and the focus is back
    expect(row(tray, expired).get_by_label("Renovar:")).to_be_focused()
    tray.keyboard.press("/")
    expect(tray.get_by_role("searchbox")).to_be_focused()


def test_on_a_telephone_nothing_overflows(
    tray: Page, waiting: Client, accessible: Check
) -> None:
    add_task(waiting, "Mandar la cotización de quinientos folios " * 4)
    tray.set_viewport_size({"width": 390, "height": 844})
    for address in (
        TRAY,
        "/seguimiento/mensajes/",
        f"/clientes/{waiting.public_id}/notas/",
    ):
        tray.goto(address)
        width = tray.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, address
        accessible(tray)
    tray.goto(TRAY)
    for name in ("Mensaje", "Posponer", "Descartar"):
        act(tray, waiting, name)
        expect(tray.get_by_role("dialog")).to_be_visible()
        accessible(tray)
        tray.keyboard.press("Escape")
        expect(tray.get_by_role("dialog")).to_be_hidden()


def test_the_words_of_a_message_are_changed_with_an_example_beside_them(
    tray: Page, waiting: Client, accessible: Check
) -> None:
    tray.get_by_role("link", name="Mis mensajes").click()
    example = tray.locator("#preview")
    expect(example).to_contain_text("Buen día, Ana Díaz:")
    accessible(tray)
    tray.get_by_label("Mensaje", exact=True).fill("Hola {contacto}, van {oferta}")
    expect(example).to_contain_text("Hola Ana Díaz, van 100 folios")
    tray.get_by_label("Mensaje", exact=True).fill("Hola {nombre}")
    expect(example).to_contain_text("No hay un campo {nombre}.")
    accessible(tray)
    tray.get_by_label("Mensaje", exact=True).fill("Hola {contacto}")
    tray.get_by_role("button", name="Guardar").click()
    toast(tray, "Mensaje guardado")
    tray.goto(TRAY)
    act(tray, waiting, "Mensaje")
    expect(tray.get_by_role("dialog").get_by_label("El mensaje")).to_have_text(
        "Hola Ana Díaz"
    )
    tray.get_by_role("link", name="Cambiar el mensaje").click()
    tray.get_by_role("button", name="Volver al original").click()
    expect(tray.get_by_label("Mensaje", exact=True)).to_have_value(
        re.compile("Buen día")
    )


def test_notes_and_tasks_on_the_page_of_a_client(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto(f"/clientes/{clara.public_id}/notas/")
    page.get_by_role("button", name="Agregar nota").click()  # without text
    expect(page.get_by_label("Nota", exact=True)).to_be_focused()
    accessible(page)
    page.get_by_label("Nota", exact=True).fill("Paga los días 15")
    page.get_by_role("button", name="Agregar nota").click()
    expect(page.locator("#notes")).to_contain_text("Paga los días 15")
    expect(page.get_by_role("button", name="Agregar nota")).to_be_focused()
    page.get_by_label("Qué hay que hacer").fill("Llamar")
    page.get_by_role("button", name="Agregar pendiente").click()
    expect(page.get_by_role("button", name="Hecho: Llamar")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Hecho: Llamar").click()
    expect(page.get_by_role("button", name="Reabrir: Llamar")).to_be_focused()
    page.get_by_role("button", name="Reabrir: Llamar").click()
    expect(page.get_by_role("button", name="Hecho: Llamar")).to_be_visible()


def test_without_javascript(
    browser: Browser, base_url: str, alicia: User, waiting: Client, expired: Client
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto(TRAY)
    page.get_by_role("searchbox").fill("zapa")
    page.get_by_role("button", name="Buscar").click()
    expect(page.locator("td.c-name a")).to_have_text(["Zapatería Díaz"])

    act(page, waiting, "Mensaje")
    expect(page.get_by_role("link", name="WhatsApp")).to_have_attribute(
        "href", re.compile(r"^https://wa\.me/527711234567\?text=Buen")
    )
    page.get_by_role("button", name="Marcar como contactado").click()
    toast(page, "anotado como contactado por WhatsApp")
    expect(row(page, waiting)).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(row(page, waiting)).to_be_visible()

    page.goto(TRAY)
    act(page, expired, "Posponer")
    page.get_by_label("Mañana").check()
    page.get_by_role("button", name="Posponer").click()
    toast(page, "la sugerencia vuelve el")
    expect(row(page, expired)).to_have_count(0)
    context.close()
