"""Columns, views and row height in a real browser, and the way back to the same row."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts import lists
from accounts.models import User
from clients.columns import COLUMNS
from clients.models import Client
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]

ALL = ",".join(COLUMNS)
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
BEYOND = "box => box.scrollWidth - box.clientWidth"


def heads(page: Page) -> Locator:
    return page.locator("thead th")


def shown(page: Page, *labels: str) -> None:
    """These columns, between the name and the actions."""
    expected = [re.compile("Razón social"), *labels, "Acciones"]
    expect(heads(page)).to_have_text(
        [re.compile(rf"^\s*{one}") if isinstance(one, str) else one for one in expected]
    )


def in_sight(page: Page, row: Locator) -> None:
    expect(row).to_be_in_viewport(ratio=0.9)


@pytest.fixture
def colleague(alicia: User) -> User:
    return factories.UserFactory(email="ana@distribuidora.mx", reseller=alicia.reseller)


@pytest.fixture
def many(make_client: MakeClient) -> list[Client]:
    return [make_client(legal_name=f"Empresa {number:02}") for number in range(60)]


# ── Columns ───────────────────────────────────────────────────────────────────────


def test_columns_are_chosen_by_keyboard_alone(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Columnas").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Columnas")
    for name in ("Paquete", "Se agotan", "Creado"):
        dialog.get_by_label(name, exact=True).press("Space")
    dialog.get_by_label("Correo", exact=True).press("Space")
    up = dialog.get_by_role("button", name="Subir Correo")
    up.focus()
    for _ in range(6):
        page.keyboard.press("Enter")
        expect(up).to_be_focused()
        expect(up).to_be_enabled()
        page.wait_for_timeout(150)
    page.keyboard.press("Enter")  # to the top, where only the other way is left
    expect(dialog.get_by_role("button", name="Bajar Correo")).to_be_focused()
    dialog.get_by_label("Compacta").press("Space")
    dialog.get_by_label("Compacta").press("Enter")  # saves
    expect(page.locator("#toasts")).to_contain_text("Así verá su lista")
    shown(page, "Correo", "Folios", "Estatus", "Vigencia")
    expect(page.locator("table.clients")).to_have_class(re.compile("is-compact"))
    page.reload()
    shown(page, "Correo", "Folios", "Estatus", "Vigencia")


def test_what_was_moved_and_not_saved_asks_before_it_closes(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Columnas").click()
    dialog = page.get_by_role("dialog", name="Columnas")
    dialog.get_by_role("button", name="Bajar Paquete").click()
    expect(dialog.locator("[name=order]").nth(1)).to_have_value("paquete")
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("no se ha guardado")).to_be_visible()
    dialog.get_by_role("button", name="Cerrar sin guardar").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="Columnas")).to_be_focused()
    shown(page, "Paquete", "Folios", "Se agotan", "Estatus", "Creado", "Vigencia")


def test_restablecer_brings_the_usual_ones_back(
    page: Page, alicia: User, clara: Client
) -> None:
    lists.set_columns(alicia, ["correo"])
    log_in(page, alicia)
    page.goto("/clientes/")
    shown(page, "Correo")
    page.get_by_role("link", name="Columnas").click()
    dialog = page.get_by_role("dialog", name="Columnas")
    dialog.get_by_role("button", name="Restablecer").click()
    expect(dialog.get_by_label("Folios", exact=True)).to_be_checked()
    dialog.get_by_role("button", name="Guardar").click()
    shown(page, "Paquete", "Folios", "Se agotan", "Estatus", "Creado", "Vigencia")


def test_without_javascript_columns_are_chosen_and_views_are_saved(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/?q=kemper")
    page.get_by_role("link", name="Columnas").click()
    page.get_by_label("Correo", exact=True).check()
    page.get_by_role("button", name="Subir Correo").click()
    expect(page.get_by_label("Correo", exact=True)).to_be_checked()
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(page).to_have_url(re.compile(r"/clientes/\?q=kemper$"))
    expect(heads(page).filter(has_text="Correo")).to_have_count(1)
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Guardar lo que se ve").click()
    page.get_by_label("Nombre").fill("Kemper")
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(page).to_have_url(re.compile(r"q=kemper&columnas="))
    expect(page.get_by_role("button", name="Vistas; se ve Kemper")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_every_column_fits_and_is_accessible(
    width: int, page: Page, alicia: User, make_client: MakeClient, accessible: Check
) -> None:
    make_client(
        legal_name="COMERCIALIZADORA Y DISTRIBUIDORA DE ABARROTES DEL NOROESTE",
        contact_email=f"{'administracion.y.cobranza' * 2}@distribuidora-noroeste.mx",
        contact_phone="+526671234567",
    )
    make_client(suspended=True, expired=True)
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    page.goto(f"/clientes/?columnas={ALL}")
    accessible(page)
    assert page.evaluate(OVERFLOW) <= 0
    table = page.locator(".tbl")
    if width < 900:  # cards
        assert table.evaluate(BEYOND) <= 0
        line = page.locator("td[data-label=Correo]").last
        before = "one => getComputedStyle(one, '::before').content"
        assert "Correo" in line.evaluate(before)
        for cell in page.locator("tbody td:visible").all():
            assert cell.evaluate(BEYOND) <= 0, cell.text_content()
        assert page.locator("td.is-empty:visible").count() == 0
    else:  # moved sideways, and the name stays
        table.evaluate("box => box.scrollLeft = 9999")
        expect(page.locator("td.c-act").first).to_be_in_viewport()
        expect(page.locator("td.c-name").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1366, 390])
def test_the_dialogs_and_the_menu_are_accessible(
    width: int, page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    for name in ("Cobranza", "Ñ" * 60):
        lists.save_view(alicia, name=name, query="columnas=folios", is_default=True)
    page.set_viewport_size({"width": width, "height": 844})
    log_in(page, alicia)
    page.goto("/clientes/?todos=1")
    page.get_by_role("button", name="Vistas").click()
    expect(page.get_by_role("link", name="Cobranza", exact=True)).to_be_visible()
    accessible(page)
    menu = page.locator("#views-menu")
    box = menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for opens, title in (
        ("Editar la vista Cobranza", "Editar vista"),
        ("Guardar lo que se ve", "Guardar la vista"),
    ):
        if not menu.is_visible():
            page.get_by_role("button", name="Vistas").click()
        page.get_by_role("link", name=opens).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        accessible(page)
        assert page.evaluate(OVERFLOW) <= 0
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Columnas").click()
    expect(page.get_by_role("dialog", name="Columnas")).to_be_visible()
    accessible(page)


# ── Views ─────────────────────────────────────────────────────────────────────────


def test_a_view_is_made_reloaded_and_sent_to_a_second_log_in(
    page: Page,
    browser: Browser,
    base_url: str,
    alicia: User,
    colleague: User,
    make_client: MakeClient,
) -> None:
    make_client(legal_name="Abarrotes Núñez", suspended=True)
    make_client(legal_name="Zapatería Díaz", suspended=True)
    make_client(legal_name="Activa SA")
    lists.set_columns(colleague, ["creado"])
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Suspendidos 2").click()
    expect(page.locator("td.c-name a")).to_have_count(2)
    page.get_by_role("link", name="Razón social").click()
    expect(page).to_have_url(re.compile("orden=razon_social"))
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Guardar lo que se ve").click()
    dialog = page.get_by_role("dialog", name="Guardar la vista")
    expect(dialog).to_contain_text("suspendido")
    dialog.get_by_label("Nombre").fill("Suspendidos")
    dialog.get_by_role("button", name="Guardar").click()
    expect(page.locator("#toasts")).to_contain_text("Se guardó la vista Suspendidos.")

    # Its columns are changed, and it is replaced by what is seen then.
    page.get_by_role("link", name="Columnas").click()
    columns = page.get_by_role("dialog", name="Columnas")
    for name in ("Paquete", "Se agotan", "Creado", "Vigencia"):
        columns.get_by_label(name, exact=True).uncheck()
    columns.get_by_label("Teléfono", exact=True).check()
    columns.get_by_role("button", name="Aplicar aquí").click()
    shown(page, "Folios", "Estatus", "Teléfono")
    expect(page.get_by_role("button", name="Vistas", exact=True)).to_be_visible()
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Guardar lo que se ve").click()
    dialog.get_by_label("Guardar como").select_option(label="Reemplazar Suspendidos")
    expect(dialog.get_by_label("Nombre")).to_be_hidden()
    dialog.get_by_label("Abrir Clientes con esta vista").check()
    dialog.get_by_role("button", name="Guardar").click()
    in_menu = page.get_by_role("button", name="Vistas; se ve Suspendidos")
    expect(in_menu).to_be_visible()
    page.reload()
    expect(in_menu).to_be_visible()
    shown(page, "Folios", "Estatus", "Teléfono")

    # From the menu of the panel; and the whole list is still there.
    sent = page.url
    page.get_by_role("link", name="Clientes", exact=True).first.click()
    expect(page).to_have_url(sent)
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Ver la lista completa").click()
    expect(page.locator("td.c-name a")).to_have_count(3)
    page.reload()
    expect(page.locator("td.c-name a")).to_have_count(3)

    other = browser.new_context(base_url=base_url).new_page()
    log_in(other, colleague)
    other.goto(sent)
    shown(other, "Folios", "Estatus", "Teléfono")
    expect(other.locator("td.c-name a")).to_have_text(
        ["Abarrotes Núñez", "Zapatería Díaz"]
    )
    expect(other.locator("th[aria-sort=ascending]")).to_contain_text("Razón social")
    other.goto("/clientes/")
    shown(other, "Creado")
    other.context.close()


def test_a_view_is_renamed_and_removed_from_the_menu(
    page: Page, alicia: User, clara: Client
) -> None:
    lists.save_view(alicia, name="Cobranza", query="columnas=folios")
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Editar la vista Cobranza").click()
    dialog = page.get_by_role("dialog", name="Editar vista")
    dialog.get_by_label("Nombre").fill("Por cobrar")
    dialog.get_by_label("Nombre").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Por cobrar")
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Editar la vista Por cobrar").click()
    dialog.get_by_role("link", name="Eliminar").click()
    asks = page.get_by_role("dialog", name="Eliminar vista")
    asks.get_by_role("button", name="Eliminar").click()
    expect(page.locator("#toasts")).to_contain_text("Se eliminó la vista Por cobrar.")
    page.get_by_role("button", name="Vistas").click()
    expect(page.get_by_text("Una vista guarda con un nombre")).to_be_visible()


# ── Pages, and the way back to the same row ───────────────────────────────────────


def test_back_and_reload_come_to_the_same_page_and_row(
    page: Page, alicia: User, many: list[Client]
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    page.get_by_role("link", name="Siguiente").click()
    expect(page).to_have_url(re.compile("pagina=2"))
    row = page.locator("tr", has_text="Empresa 43")
    row.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    page.reload()
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")
    in_sight(page, row)
    row.get_by_role("link", name="Empresa 43", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Empresa 43")
    page.go_back()
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")
    in_sight(page, row)
    assert abs(page.evaluate("scrollY") - place) < 60
    page.go_back()  # from the second page to the first, which HTMX left
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 00")
    expect(page).not_to_have_url(re.compile("pagina"))
    page.go_forward()
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")


def test_the_link_of_a_client_leads_back_to_its_row(
    page: Page, alicia: User, many: list[Client]
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    page.get_by_role("link", name="Siguiente").click()
    page.get_by_role("link", name="Empresa 46", exact=True).click()
    page.locator("p.back").get_by_role("link", name="Clientes").click()
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")
    in_sight(page, page.locator("tr", has_text="Empresa 46"))


def test_without_javascript_siguiente_is_in_the_address_too(
    browser: Browser, base_url: str, alicia: User, many: list[Client]
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    page.get_by_role("link", name="Siguiente").click()
    expect(page).to_have_url(re.compile("pagina=2"))
    row = page.locator("tr", has_text="Empresa 43")
    row.scroll_into_view_if_needed()
    page.get_by_role("link", name="Empresa 43", exact=True).click()
    page.go_back()
    expect(page.locator("td.c-name a").first).to_have_text("Empresa 25")
    in_sight(page, row)
    page.get_by_role("button", name="50").click()
    expect(page.locator("td.c-name a")).to_have_count(50)
    page.goto("/clientes/")
    expect(page.locator("td.c-name a")).to_have_count(50)
    context.close()
