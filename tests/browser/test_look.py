"""What all pages share, in a real browser: log-in and account pages, the menu, the
theme, and what a user sees when the network fails or the session has ended."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient, MakePackage

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
    expect(page.get_by_role("heading", name="Confirme que es usted")).to_be_visible()
    accessible(page)
    page.get_by_label("Contraseña", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("img", name="Código QR")).to_be_visible()
    accessible(page)


def test_a_wrong_password_is_said_in_words(
    page: Page, alicia: User, accessible: Check
) -> None:
    page.goto("/cuenta/login/")
    page.get_by_label("Correo").fill(alicia.email)
    page.get_by_label("Contraseña", exact=True).fill("equivocada")
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no son correctos")
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


# ── The list of clients ───────────────────────────────────────────────────────────

LONG_NAME = "COMERCIALIZADORA Y DISTRIBUIDORA DEL NOROESTE " * 6
NEVER_BROKEN = "Ñ" * 250
HEIGHTS = """rows => rows.map(row => row.getBoundingClientRect().height)"""
WIDER = "document.documentElement.scrollWidth - innerWidth"
PYME = "PYME · 100 folios · 1 año"


@pytest.fixture
def all_sorts(
    make_client: MakeClient, make_package: MakePackage, alicia: User
) -> list[Client]:
    """Clients with the most and the least that a row can say."""
    now = timezone.now()
    losing = make_package(name="Mensual con nombre muy largo " * 2, term_count=None)
    found = [
        make_client(legal_name="A"),
        make_client(legal_name=LONG_NAME[:250], suspended=True, expired=True),
        make_client(legal_name=NEVER_BROKEN, package=losing, exhausted=True),
        make_client(legal_name="Callada", now=now - timedelta(days=70)),
        make_client(legal_name="Larga SA de CV " * 3, expired=True),
    ]
    lifecycle.add_folios(found[0], quantity=987_654, reference="a", by=alicia)
    lifecycle.edit_plan(found[3], changes={"contact_phone": "+525512345678"}, by=alicia)
    return found


def heights(page: Page) -> list[float]:
    found: list[float] = page.locator("#results tbody tr").evaluate_all(HEIGHTS)
    return found


def test_rows_have_one_height_and_heads_one_line(
    page: Page, alicia: User, all_sorts: list[Client], accessible: Check
) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/")
    found = heights(page)
    assert len(found) == len(all_sorts)
    assert max(found) / min(found) <= 1.25, found
    assert set(page.locator("thead th").evaluate_all(HEIGHTS)) == {30}
    accessible(page)


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_a_name_of_250_characters_is_clipped_after_two_lines(
    page: Page, alicia: User, all_sorts: list[Client], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/")
    assert page.evaluate(WIDER) <= 0
    table = page.locator(".tbl")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    for name in (LONG_NAME[:250].strip(), NEVER_BROKEN):
        link = page.get_by_role("link", name=name, exact=True)
        expect(link).to_have_attribute("title", name)
        box, line = link.evaluate(
            "a => [a.clientHeight, parseFloat(getComputedStyle(a).lineHeight)]"
        )
        assert line <= box <= 2 * line + 1


def test_on_a_telephone_a_client_is_a_card_with_two_named_buttons(
    page: Page, alicia: User, all_sorts: list[Client], accessible: Check
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, alicia)
    page.goto("/clientes/")
    assert max(heights(page)) <= 150, heights(page)
    card = page.locator(f"#row-{all_sorts[0].public_id}")
    for name in ("Renovar", "Agregar folios"):
        expect(card.get_by_text(name, exact=True)).to_be_visible()
    expect(card.get_by_text("Suspender", exact=True)).to_be_hidden()
    card.get_by_label("Más acciones:").click()
    expect(card.get_by_text("Suspender", exact=True)).to_be_visible()
    accessible(page)
    card.get_by_label("Suspender:").click()
    page.get_by_role("dialog").get_by_label("Motivo").fill("Debe mayo")
    page.get_by_role("dialog").get_by_role("button", name="Suspender").click()
    expect(card).to_contain_text("Suspendido")
    expect(card.get_by_label("Activar:")).to_be_focused()
    card.get_by_label("Más acciones:").click()
    card.get_by_label("Editar plan:").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    # What was pressed is in a menu that has closed: its button has the focus.
    expect(card.get_by_label("Más acciones:")).to_be_focused()


def test_a_telephone_sorts_by_a_list_with_and_without_javascript(
    page: Page, browser: Browser, base_url: str, alicia: User, all_sorts: list[Client]
) -> None:
    least = [names for names in ("A", "Callada")]
    phone = {"width": 390, "height": 844}
    page.set_viewport_size(phone)  # type: ignore[arg-type]
    log_in(page, alicia)
    page.goto("/clientes/?creado_desde=2020-01-01&estatus=activo")
    page.get_by_label("Ordenar").select_option("razon_social")
    expect(page.locator("td.c-name a")).to_have_text(least)
    expect(page).to_have_url(re.compile("creado_desde=2020-01-01.*orden=razon_social"))
    plain = browser.new_context(
        java_script_enabled=False,
        base_url=base_url,
        locale="es-MX",
        viewport=phone,  # type: ignore[arg-type]
    )
    other = plain.new_page()
    log_in(other, alicia)
    other.goto("/clientes/?estatus=activo")
    other.get_by_label("Ordenar").select_option("-razon_social")
    other.get_by_role("button", name="Ordenar").click()
    expect(other.locator("td.c-name a")).to_have_text(least[::-1])
    plain.close()


@pytest.mark.parametrize("width", [683, 410])  # 1366 and 820 at 200 %
def test_the_list_at_200_percent(
    page: Page, alicia: User, all_sorts: list[Client], width: int, accessible: Check
) -> None:
    page.set_viewport_size({"width": width, "height": 450})
    log_in(page, alicia)
    page.goto("/clientes/?vence_hasta=2099-01-01")
    assert page.evaluate(WIDER) <= 0
    page.get_by_text("Más filtros").click()
    assert page.evaluate(WIDER) <= 0
    accessible(page)


def test_the_list_on_letter_paper_is_a_table_with_every_column(
    page: Page, alicia: User, all_sorts: list[Client]
) -> None:
    page.set_viewport_size({"width": 740, "height": 1000})  # Letter, 1 cm margins
    log_in(page, alicia)
    page.goto("/clientes/")
    page.emulate_media(media="print")
    for name in ("Razón social", "Se agotan", "Estatus", "Creado", "Vigencia"):
        head = page.locator("thead th", has_text=name).filter(visible=True)
        expect(head.first).to_be_visible()
    expect(page.get_by_text("también expirado").first).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    assert page.evaluate(WIDER) <= 0


def test_a_secondary_status_and_a_suggestion_say_themselves_to_a_keyboard(
    page: Page, alicia: User, all_sorts: list[Client]
) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    hidden = "element => getComputedStyle(element).clipPath !== 'none'"
    for tip in (page.locator("tbody .plus").first, page.locator("tbody .hint").first):
        said = tip.locator(".says")
        assert said.evaluate(hidden)
        tip.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(tip).to_be_focused()
        assert not said.evaluate(hidden)


def test_pills_take_off_one_filter_and_fill_the_form_anew(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_text("Más filtros").click()
    page.get_by_label("Folios, máximo").fill("500")
    page.get_by_label("Folios, máximo").press("Enter")
    pills = page.get_by_role("navigation", name="Filtros en uso")
    expect(pills).to_contain_text("Folios, máximo: 500")
    page.get_by_role("link", name="Sin timbrar 60 días").click()
    expect(pills.get_by_role("link")).to_have_count(3)
    accessible(page)
    pills.get_by_role("link", name="Folios, máximo: 500").click()
    expect(page).to_have_url(re.compile(r"\?sin_timbrar=60$"))
    page.get_by_text("Más filtros").click()
    expect(page.get_by_label("Folios, máximo")).to_have_value("")
    expect(page.get_by_label("Sin timbrar, días")).to_have_value("60")


def test_personalizado_lights_up_with_the_first_change(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Editar plan:").click()
    dialog = page.get_by_role("dialog")
    word = dialog.locator("footer b")
    lit = "element => getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)'"
    expect(word).to_have_text("personalizado")
    assert not word.evaluate(lit)
    access = dialog.get_by_label("Con este correo entra a su cuenta")
    access.uncheck()  # the access is no part of the plan
    assert not word.evaluate(lit)
    access.check()
    phone = dialog.get_by_label("Teléfono")
    before = phone.input_value()
    phone.fill("55 1234 5678")
    assert word.evaluate(lit)
    accessible(page)
    phone.fill(before)
    assert not word.evaluate(lit)


def test_a_loss_is_on_the_button_and_goes_with_the_package(
    page: Page,
    alicia: User,
    make_client: MakeClient,
    make_package: MakePackage,
    accessible: Check,
) -> None:
    make_client(package=make_package(name="Fugaz", leftover_rule="lose"))
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_label("Renovar:").click()
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Renovar y perder 100")
    expect(button).to_have_class("btn pri danger")
    accessible(page)
    dialog.get_by_label("Paquete").select_option(label=PYME)
    expect(dialog.locator("#preview")).to_contain_text("PYME")
    expect(button).to_be_visible()
    button.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Se renovó")


def test_the_letters_are_our_own_and_the_style_is_small(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.evaluate("document.fonts.ready.then(() => 0)")
    assert page.evaluate("document.fonts.check('500 14px Inter')")
    loaded = "[...document.fonts].map(font => `${font.family} ${font.status}`)"
    assert page.evaluate(loaded) == ["Inter loaded"]
    static = Path(settings.BASE_DIR) / "static"
    fonts = static / "fonts"
    assert (fonts / "inter-latin-wght-normal.woff2").stat().st_size <= 120_000
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text()
    # What a browser has to understand: neither comments nor indentation.
    style = re.sub(
        r"/\*.*?\*/|^ +", "", (static / "panel.css").read_text(), flags=re.S | re.M
    )
    assert len(style.encode()) <= 40_000
