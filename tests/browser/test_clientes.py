"""Clientes in a real browser: what a reseller does, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories
from tests.browser.conftest import from_menu, log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]


def row(page: Page, client: Client) -> "object":
    return page.locator(f"#row-{client.public_id}")


def act(page: Page, client: Client, name: str) -> None:
    page.locator(f"#row-{client.public_id}").get_by_label(f"{name}:").click()


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def test_filter_sort_and_back(
    page: Page, alicia: User, make_client: MakeClient, accessible: Check
) -> None:
    make_client(legal_name="Abarrotes Núñez")
    make_client(legal_name="Zapatería Díaz", suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    accessible(page)
    names = page.locator("td.c-name a")
    expect(names).to_have_count(2)

    page.get_by_role("searchbox").fill("nunez")
    expect(names).to_have_text(["Abarrotes Núñez"])
    expect(page).to_have_url(re.compile(r"\?q=nunez$"))
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.get_by_role("searchbox").fill("")
    expect(names).to_have_count(2)
    page.get_by_role("link", name="Suspendidos 1").click()
    expect(names).to_have_text(["Zapatería Díaz"])
    expect(page).to_have_url(re.compile(r"estatus=suspendido"))
    page.reload()
    expect(names).to_have_text(["Zapatería Díaz"])

    page.go_back()
    expect(page.locator("html")).to_have_count(1)
    expect(names).to_have_count(2)

    page.get_by_role("link", name="Razón social").click()
    expect(names).to_have_text(["Abarrotes Núñez", "Zapatería Díaz"])
    page.get_by_role("link", name="Razón social").click()
    expect(names).to_have_text(["Zapatería Díaz", "Abarrotes Núñez"])


def test_a_chip_survives_a_search_that_follows_it(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    make_client(legal_name="Uno activo")
    make_client(legal_name="Uno suspendido", suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="Suspendidos 1").click()
    expect(page.locator("td.c-name a")).to_have_count(1)
    page.get_by_role("searchbox").fill("uno")
    expect(page).to_have_url(re.compile("q=uno"))
    expect(page.locator("td.c-name a")).to_have_text(["Uno suspendido"])


@pytest.mark.parametrize("wait", [0, 150, 1_000])
def test_a_chip_that_is_pressed_as_people_press_wins_over_the_search_before_it(
    wait: int, page: Page, alicia: User, make_client: MakeClient
) -> None:
    """A press takes a moment, in which the search for what was typed sets out or comes
    back: it must not replace the chip under the pointer, nor what the chip asked for.
    The letters that were typed go with it."""
    make_client(legal_name="Uno activo")
    make_client(legal_name="Uno suspendido", suspended=True)
    make_client(legal_name="Otro")
    log_in(page, alicia)
    page.set_viewport_size({"width": 820, "height": 900})
    for begin in ("/clientes/?estatus=suspendido", "/clientes/?orden=folios"):
        page.goto(begin)
        page.get_by_role("searchbox").click()
        page.keyboard.type("uno")
        page.wait_for_timeout(wait)
        name = "Todos" if "estatus" in begin else "Activos"
        box = page.locator("#chips").get_by_text(name).bounding_box()
        assert box
        page.mouse.move(box["x"] + 9, box["y"] + 9)
        page.mouse.down()
        page.wait_for_timeout(300)
        page.mouse.up()
        expect(page.locator("#chips [aria-current]")).to_contain_text(name)
        expect(page).to_have_url(re.compile("q=uno"))
        page.wait_for_timeout(400)  # nothing comes behind it
        expect(page.locator("#chips [aria-current]")).to_contain_text(name)
        expect(page.get_by_text("Otro", exact=True)).to_have_count(0)


def test_adding_a_client(
    page: Page, alicia: User, pyme: Package, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    expect(page.get_by_text("Agregue su primer cliente")).to_be_visible()
    accessible(page)
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/clientes/nuevo/"))
    page.get_by_label("RFC").fill("eku9003173c9")
    page.get_by_label("Razón social").fill("ESCUELA KEMPER URGATE")
    page.get_by_label("Régimen fiscal").select_option("612")
    page.get_by_label("Código postal").fill("42501")
    page.get_by_label("Correo", exact=True).fill("clara@kemper.mx")
    page.get_by_label("Paquete").select_option(str(pyme.public_id))
    expect(page.locator("#preview")).to_contain_text("activo")
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.get_by_text("Ese régimen no es de una persona moral")).to_be_visible()
    accessible(page)
    page.get_by_label("Régimen fiscal").select_option("601")
    page.get_by_role("button", name="Agregar cliente").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ESCUELA KEMPER URGATE")
    toast(page, "quedó activo con 100 folios")
    accessible(page)


def test_every_action_from_the_row(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    line = page.locator(f"#row-{clara.public_id}")
    dialog = page.get_by_role("dialog")

    act(page, clara, "Agregar folios")
    expect(dialog.get_by_label("Cantidad de folios")).to_be_focused()
    dialog.get_by_label("Cantidad de folios").fill("50")
    expect(dialog.locator("#preview")).to_contain_text("150")
    accessible(page)
    dialog.get_by_role("button", name="Agregar folios").click()
    expect(dialog).to_be_hidden()
    expect(line).to_contain_text("150")
    toast(page, "Se agregaron 50 folios")

    act(page, clara, "Renovar")
    accessible(page)
    dialog.get_by_role("button", name="Renovar").click()
    expect(dialog).to_be_hidden()
    expect(line).to_contain_text("250")

    act(page, clara, "Editar plan")
    accessible(page)
    dialog.get_by_role("checkbox", name="Multiempresa").uncheck()
    dialog.get_by_role("button", name="Guardar").click()
    expect(dialog).to_be_hidden()
    expect(line).to_contain_text("Personalizado")

    act(page, clara, "Suspender")
    dialog.get_by_role("button", name="Suspender").click()  # without a reason
    expect(dialog).to_be_visible()
    dialog.get_by_label("Motivo").fill("No ha pagado")
    accessible(page)
    dialog.get_by_role("button", name="Suspender").click()
    expect(dialog).to_be_hidden()
    expect(line).to_contain_text("Suspendido")
    expect(page.get_by_role("link", name="Suspendidos 1")).to_be_visible()

    act(page, clara, "Activar")
    expect(line).to_contain_text("Activo")
    page.locator(".toast", has_text="quedó activo").get_by_text("Deshacer").click()
    expect(line).to_contain_text("Suspendido")

    act(page, clara, "Archivar")
    expect(line).to_contain_text("Archivado")
    accessible(page)
    page.goto("/clientes/?archivados=1")
    act(page, clara, "Restaurar")
    toast(page, "otra vez en la lista")


def test_a_double_click_adds_once(page: Page, alicia: User, clara: Client) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Agregar folios")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("50")
    dialog.get_by_role("button", name="Agregar folios").dblclick()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#row-{clara.public_id}")).to_contain_text("150")
    page.wait_for_load_state("networkidle")
    assert factories.fresh(clara).balance == 150


def test_a_row_changed_in_another_tab_says_why_it_refuses(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    client = make_client(suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    other = page.context.new_page()
    other.goto("/clientes/")
    act(other, client, "Activar")
    expect(other.locator("#toasts")).to_contain_text("quedó activo")
    act(page, client, "Activar")  # this tab still shows it suspended
    expect(page.get_by_role("dialog")).to_contain_text("no está suspendido")


def test_the_dialog_closes_with_escape_and_gives_the_focus_back(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Renovar")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    line = page.locator(f"#row-{clara.public_id}")
    expect(line.get_by_label("Renovar:")).to_be_focused()


def test_after_an_action_the_focus_is_on_the_same_action_of_the_new_row(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Agregar folios")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("5")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    line = page.locator(f"#row-{clara.public_id}")
    expect(line.get_by_label("Agregar folios:")).to_be_focused()


def test_the_page_of_a_client_and_its_movements(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("link", name="ESCUELA KEMPER URGATE", exact=True).click()
    accessible(page)
    from_menu(page, "Suspender")
    page.get_by_role("dialog").get_by_label("Motivo").fill("Debe mayo")
    page.get_by_role("dialog").get_by_role("button", name="Suspender").click()
    expect(page.locator("#client")).to_contain_text("Debe mayo")
    page.get_by_role("link", name="Movimientos", exact=True).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("Movimientos")
    accessible(page)
    page.evaluate("print = () => { document.body.dataset.printed = '' }")
    page.get_by_role("button", name="Imprimir").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "")


def test_on_a_telephone_nothing_overflows(
    page: Page, alicia: User, make_client: MakeClient, accessible: Check
) -> None:
    make_client(legal_name="Comercializadora y Distribuidora del Noroeste " * 4)
    client = make_client(suspended=True, expired=True)
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, alicia)
    for url in (
        "/clientes/",
        "/clientes/nuevo/",
        f"/clientes/{client.public_id}/",
        f"/clientes/{client.public_id}/movimientos/",
    ):
        page.goto(url)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, url
        accessible(page)
    page.goto("/clientes/")
    for name in ("Renovar", "Editar plan", "Agregar folios"):
        if name != "Renovar":  # the other button of a suspended client is Activar
            act(page, client, "Más acciones")
            accessible(page)
        act(page, client, name)
        expect(page.get_by_role("dialog")).to_be_visible()
        accessible(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_after_wrong_input_the_focus_is_on_the_field_to_mend(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Agregar folios")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cantidad de folios").fill("-5")
    dialog.get_by_label("Motivo").press("Enter")
    expect(dialog.locator(".errorlist")).to_be_visible()
    expect(dialog.get_by_label("Cantidad de folios")).to_be_focused()
    page.wait_for_timeout(100)
    expect(dialog.get_by_label("Cantidad de folios")).to_be_focused()


def test_hostile_names_stay_text(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    name = '"><img src=x onerror=alert(1)><b>{{7*7}}</b> ${7*7}'
    client = make_client(legal_name=name)
    page.on("dialog", lambda box: pytest.fail(f"a script ran: {box.message}"))
    log_in(page, alicia)
    page.goto("/clientes/")
    expect(page.locator("td.c-name a")).to_have_text(name)
    act(page, client, "Suspender")
    expect(page.get_by_role("dialog")).to_contain_text(name)
    page.get_by_role("dialog").get_by_label("Motivo").fill(name)
    page.get_by_role("dialog").get_by_role("button", name="Suspender").click()
    toast(page, name)
    page.goto(f"/clientes/{client.public_id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_main_path_works_without_javascript(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("searchbox").fill("kemper")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.locator("td.c-name a")).to_have_count(1)

    act(page, clara, "Agregar folios")
    page.get_by_label("Cantidad de folios").fill("50")
    page.get_by_role("button", name="Agregar folios").click()
    toast(page, "Se agregaron 50 folios")

    page.get_by_role("link", name="Suspender").click()
    page.get_by_label("Motivo").fill("No ha pagado")
    page.get_by_role("button", name="Suspender").click()
    toast(page, "quedó suspendido")
    page.get_by_role("button", name="Deshacer").click()
    toast(page, "quedó activo")
    context.close()
