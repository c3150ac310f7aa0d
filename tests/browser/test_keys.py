"""The list by keyboard alone: rows, verbs, the list of keys, the switch of letters."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.keyboard import use_letters
from accounts.models import User
from clients.models import Client
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]


@pytest.fixture
def three(make_client: MakeClient) -> list[Client]:
    """In the order of their names; the second is suspended, the third expired."""
    return [
        make_client(legal_name="Abarrotes"),
        make_client(legal_name="Bodega", suspended=True),
        make_client(legal_name="Cafetería", expired=True),
    ]


@pytest.fixture
def table(page: Page, alicia: User, three: list[Client]) -> Page:
    page.set_viewport_size({"width": 1366, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    return page


def name(page: Page, client: Client) -> Locator:
    return page.locator(f"#row-{client.public_id} .c-name a")


def dialog(page: Page, label: str) -> Locator:
    return page.get_by_role("dialog", name=label)


def test_letters_and_arrows_go_from_row_to_row(
    table: Page, three: list[Client], accessible: Check
) -> None:
    first, second, third = (name(table, client) for client in three)
    table.keyboard.press("ArrowDown")  # of the page, until a row has the focus
    expect(table.locator("body")).to_be_focused()
    for key, focused in (
        ("j", first),
        ("j", second),
        ("ArrowDown", third),
        ("j", third),
        ("k", second),
        ("ArrowUp", first),
        ("k", first),
        ("CapsLock", first),
        ("j", second),
    ):
        table.keyboard.press(key)
        expect(focused).to_be_focused()
    line = table.locator(f"#row-{three[1].public_id}")
    assert line.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    assert line.get_attribute("role") is None
    accessible(table)
    table.keyboard.press("Enter")
    expect(table).to_have_url(re.compile(f"/clientes/{three[1].public_id}/"))


VERBS = [
    (0, "r", "Renovar"),
    (0, "f", "Agregar folios"),
    (0, "e", "Editar plan"),
    (0, "s", "Suspender"),
    (0, "c", "Entrar como cliente"),
    (1, "s", "Activar"),
    (2, "a", "Archivar"),
]


@pytest.mark.parametrize(("which", "key", "label"), VERBS)
def test_a_letter_opens_the_dialog_and_escape_leads_back_to_the_row(
    which: int, key: str, label: str, table: Page, three: list[Client]
) -> None:
    """Also where the button does it at once: nothing is done without the dialog."""
    link = name(table, three[which])
    link.focus()
    table.keyboard.press(key)
    expect(dialog(table, label)).to_be_visible()
    table.keyboard.press("Escape")
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()


def test_after_a_verb_the_focus_is_on_the_same_row(
    table: Page, three: list[Client]
) -> None:
    for _ in three[:2]:
        table.keyboard.press("j")
    table.keyboard.press("s")
    expect(
        dialog(table, "Activar").get_by_role("button", name="Activar")
    ).to_be_focused()
    table.keyboard.press("Enter")
    expect(table.locator("#toasts")).to_contain_text("quedó activo")
    expect(name(table, three[1])).to_be_focused()
    table.keyboard.press("f")
    table.keyboard.press("Enter")  # too early: it must not open the client
    quantity = dialog(table, "Agregar folios").get_by_label("Cantidad de folios")
    expect(quantity).to_be_focused()
    table.keyboard.type("50")
    table.keyboard.press("Enter")
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(table.locator(f"#row-{three[1].public_id}")).to_contain_text("150")
    expect(name(table, three[1])).to_be_focused()
    table.keyboard.press("j")
    expect(name(table, three[2])).to_be_focused()


def test_a_letter_that_the_row_has_no_action_for_does_nothing(
    table: Page, three: list[Client]
) -> None:
    name(table, three[0]).focus()
    for key in ("a", "z", "m", "Shift+R", "Control+r", "Alt+r"):
        if key != "Control+r":  # loads the page anew
            table.keyboard.press(key)
    table.wait_for_timeout(200)
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(name(table, three[0])).to_be_focused()


def test_a_key_that_is_held_down_moves_but_opens_nothing(
    table: Page, three: list[Client]
) -> None:
    name(table, three[0]).focus()
    table.keyboard.down("j")
    table.keyboard.down("j")  # repeats
    table.keyboard.up("j")
    expect(name(table, three[2])).to_be_focused()
    table.evaluate(
        """document.activeElement.dispatchEvent(new KeyboardEvent(
            "keydown", { key: "r", repeat: true, bubbles: true }))"""
    )
    table.wait_for_timeout(200)
    expect(table.get_by_role("dialog")).to_be_hidden()


def test_typing_is_typing(table: Page, three: list[Client]) -> None:
    table.keyboard.press("/")
    box = table.get_by_role("searchbox")
    expect(box).to_be_focused()
    table.keyboard.type("jkrfseacn?/")
    expect(box).to_have_value("jkrfseacn?/")
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(table).to_have_url(re.compile("/clientes/.*q=jkrfseacn"))


def test_in_an_open_dialog_the_letters_are_its_own(
    table: Page, three: list[Client]
) -> None:
    name(table, three[0]).focus()
    table.keyboard.press("s")
    opened = dialog(table, "Suspender")
    opened.get_by_role("button", name="Cerrar").focus()
    for key in "rjn?/":
        table.keyboard.press(key)
    table.wait_for_timeout(200)
    expect(opened).to_be_visible()
    expect(opened.get_by_role("button", name="Cerrar")).to_be_focused()


def test_in_an_open_menu_the_letters_do_nothing(
    table: Page, three: list[Client]
) -> None:
    table.set_viewport_size({"width": 820, "height": 900})
    line = table.locator(f"#row-{three[0].public_id}")
    line.get_by_label("Más acciones:").press("Enter")
    expect(line.get_by_text("Editar plan", exact=True)).to_be_visible()
    table.keyboard.press("r")
    table.keyboard.press("j")
    table.wait_for_timeout(200)
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(line.get_by_text("Editar plan", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [820, 390])
def test_a_letter_presses_what_is_in_a_closed_menu(
    width: int, table: Page, three: list[Client], accessible: Check
) -> None:
    table.set_viewport_size({"width": width, "height": 800})
    table.keyboard.press("j")
    expect(name(table, three[0])).to_be_focused()
    accessible(table)
    table.keyboard.press("e")
    expect(dialog(table, "Editar plan")).to_be_visible()
    table.keyboard.press("Escape")
    expect(name(table, three[0])).to_be_focused()


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_the_question_mark_lists_the_keys(
    width: int, table: Page, three: list[Client], accessible: Check
) -> None:
    table.set_viewport_size({"width": width, "height": 800})
    table.keyboard.press("j")
    table.keyboard.press("?")
    opened = dialog(table, "Teclado")
    expect(opened).to_contain_text("Suspender o activar")
    expect(opened.get_by_text("Cerrar", exact=True)).to_be_focused()
    accessible(table)
    assert table.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    table.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(name(table, three[0])).to_be_focused()


def test_the_switch_turns_the_letters_off_and_on(
    table: Page, three: list[Client]
) -> None:
    table.keyboard.press("?")
    dialog(table, "Teclado").get_by_role("button", name="Apagar").click()
    expect(table.locator("#toasts")).to_contain_text("quedaron apagadas")
    expect(table).to_have_url(re.compile(r"/clientes/\?orden=razon_social$"))
    for key in "jn?/":
        table.keyboard.press(key)
    table.wait_for_timeout(200)
    expect(table).to_have_url(re.compile(r"/clientes/\?orden=razon_social$"))
    expect(table.get_by_role("dialog")).to_be_hidden()
    expect(table.locator("body")).to_be_focused()
    name(table, three[0]).focus()
    table.keyboard.press("r")
    table.keyboard.press("ArrowDown")  # no character
    expect(name(table, three[1])).to_be_focused()
    expect(table.get_by_role("dialog")).to_be_hidden()
    table.keyboard.press("Control+k")
    expect(table.get_by_role("combobox", name="Buscar")).to_be_focused()
    table.keyboard.press("Escape")
    expect(name(table, three[1])).to_be_focused()
    # From the menu, where they are switched on again.
    table.locator("summary", has_text="alicia").click()
    table.get_by_role("link", name="Teclado").click()
    dialog(table, "Teclado").get_by_role("button", name="Encender").click()
    expect(table.locator("#toasts")).to_contain_text("quedaron encendidas")
    table.keyboard.press("j")
    expect(name(table, three[0])).to_be_focused()


def test_without_javascript_the_keys_are_a_page_with_the_switch(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    plain = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = plain.new_page()
    log_in(page, alicia)
    page.goto("/cuenta/sessions/")
    page.get_by_role("link", name="Teclado").click()
    expect(page.get_by_role("heading", name="Teclado")).to_be_visible()
    page.get_by_role("button", name="Apagar").click()
    expect(page.locator("#toasts")).to_contain_text("quedaron apagadas")
    expect(page.get_by_role("button", name="Encender")).to_be_visible()
    plain.close()


def test_the_page_of_the_keys_is_accessible(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/cuenta/teclado/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Teclado")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_seguimiento_has_them_too(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    first = make_client(legal_name="Uno", exhausted=True, contact_phone="+527711234567")
    second = make_client(legal_name="Dos", exhausted=True)
    log_in(page, alicia)
    page.goto("/seguimiento/")
    links = page.locator("td.c-name a")
    expect(links).to_have_count(2)
    page.keyboard.press("j")
    expect(links.first).to_be_focused()
    for key, label in (("p", "Posponer"), ("d", "Descartar"), ("m", "Mensaje")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_contain_text(label)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(links.first).to_be_focused()
    chosen = links.first.inner_text()
    page.keyboard.press("p")
    page.get_by_role("dialog").get_by_label("En 3 días").press("Enter")
    expect(links).to_have_count(1)
    left = first if chosen == "Dos" else second
    expect(page.locator(f"#row-{left.public_id} :focus")).to_have_count(1)
    use_letters(alicia, on=False)
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("body")).to_be_focused()
