"""The manual in a real browser: reading, search, printing, links from other pages."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.models import Client
from manual.chapters import CHAPTERS
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]
ADDRESSES = [
    "/ayuda/",
    "/ayuda/?q=renovar",
    "/ayuda/?q=criptomonedas",
    *(f"/ayuda/{chapter.slug}/" for chapter in CHAPTERS),
    "/ayuda/completo/",
]
LACKING = """[...document.images].filter(one => {
  one.loading = "eager"
  return one.complete && !one.naturalWidth
}).length"""


def test_every_page_is_for_everybody_to_read(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ADDRESSES:
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert not page.evaluate(
                "document.documentElement.scrollWidth > innerWidth"
            ), (address, width)
            if width == 1366 or address in ADDRESSES[:4]:
                accessible(page)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LACKING) == 0


def test_a_client_and_whoever_has_not_entered_read_about_the_account(
    page: Page, clara: Client, accessible: Check
) -> None:
    page.goto("/cuenta/login/")
    page.get_by_role("link", name="¿Entra por primera vez?").click()
    expect(page).to_have_url(re.compile("#entrar-por-primera-vez$"))
    accessible(page)
    log_in(page, clara.user)
    page.get_by_role("link", name="Ayuda: su cuenta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHAPTERS[-1].title)
    accessible(page)


def test_with_the_keyboard_alone_a_question_is_answered(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto("/ayuda/")
    page.keyboard.press("/")
    page.keyboard.type("renuev", delay=20)
    first = page.locator(".found a").first
    expect(first).to_have_text("Renovar")
    expect(page).to_have_url(re.compile(r"\?q=renuev$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/las-acciones/#renovar$"))
    expect(page.locator("#renovar h2")).to_be_in_viewport()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("renuev")


def test_the_search_works_without_javascript(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    page = browser.new_page(java_script_enabled=False, base_url=base_url)
    log_in(page, alicia)
    page.goto(reverse("manual:actions"))
    page.get_by_role("searchbox").fill("sobrantes")
    page.keyboard.press("Enter")
    expect(page.locator(".found mark").first).to_have_text("Sobrantes")
    page.close()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/clientes/", "la lista de clientes"),
        ("/paquetes/", "los paquetes"),
        ("/llaves/", "la API y sus llaves"),
    ],
)
def test_the_heading_of_a_page_leads_to_its_chapter(
    page: Page, alicia: User, clara: Client, address: str, name: str, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto(address)
    link = page.get_by_role("link", name=f"Ayuda: {name}")
    accessible(page)
    link.click()
    expect(page).to_have_url(re.compile("/ayuda/"))
    expect(page.locator(".toc [aria-current]")).to_be_visible()


def test_the_recommended_order_is_explained_where_it_matters(
    page: Page, alicia: User, make_client: MakeClient, accessible: Check
) -> None:
    client = make_client(suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    page.locator(f"#row-{client.public_id}").get_by_label("Renovar:").click()
    accessible(page)
    with page.expect_popup() as opened:
        page.get_by_role("dialog").get_by_role("link", name="Por qué").click()
    section = opened.value.locator("#el-orden-recomendado-con-un-suspendido")
    expect(section).to_contain_text("Active primero")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_chapter_is_printed_without_the_panel_around_it(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    page.goto(reverse("manual:statuses"))
    page.evaluate("print = () => { document.body.dataset.printed = '' }")
    page.get_by_role("button", name="Imprimir").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "")
    page.emulate_media(media="print")
    expect(page.locator("#suspendido")).to_be_visible()
    for part in (".side", ".toc", ".text > .foot"):
        expect(page.locator(part)).to_be_hidden()
