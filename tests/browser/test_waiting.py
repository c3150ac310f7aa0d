"""Waiting is visible at once: on the button, and from a tenth of a second on as a bar
over the page or the dialog, and on what will be replaced."""

import re
from collections.abc import Callable
from time import monotonic, sleep

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from tests.browser.conftest import log_in
from tests.cast import MakeClient
from tests.environment import GENEROUS_SECONDS

OPACITY = "element => Number(getComputedStyle(element, '::before').opacity)"
TIMES = """element => {
  const style = getComputedStyle(element, '::before')
  return [style.transitionDelay, style.transitionDuration].map(parseFloat)
}"""


def hold(page: Page) -> Callable[[], None]:
    """From now on requests of HTMX wait, until the returned function is called."""
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        is_htmx = "hx-request" in route.request.headers
        waiting.append(route) if is_htmx else route.continue_()

    page.route("**/*", wait)

    def go_on() -> None:
        while waiting:
            waiting.pop().continue_()
        page.unroute("**/*")

    return go_on


def until(page: Page, element: str, reached: Callable[[float], bool]) -> None:
    """Wait for the bar of the element. (The CSP forbids `wait_for_function`.)"""
    end = monotonic() + GENEROUS_SECONDS
    while not reached(page.locator(element).evaluate(OPACITY)):
        assert monotonic() < end
        page.wait_for_timeout(20)


def bar_is_shown(page: Page, element: str) -> None:
    until(page, element, lambda opacity: opacity > 0.9)
    delay, duration = page.locator(element).evaluate(TIMES)
    assert delay + duration <= 0.15


def no_bar(page: Page) -> None:
    until(page, "body", lambda opacity: opacity == 0)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_list_says_that_it_is_being_fetched(
    page: Page, alicia: User, make_client: MakeClient, motion: str
) -> None:
    for _ in range(26):
        make_client()
    page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    log_in(page, alicia)
    page.goto("/clientes/")
    for press in (
        lambda: page.get_by_role("link", name="Siguiente").click(),
        lambda: page.get_by_role("link", name="Razón social").click(),
        lambda: page.get_by_role("link", name="Activos 26").click(),
        lambda: page.get_by_role("searchbox").fill("empresa"),
    ):
        no_bar(page)
        go_on = hold(page)
        press()
        bar_is_shown(page, "body")
        expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
        moves = page.locator("body").evaluate(
            "element => getComputedStyle(element, '::before').animationName"
        )
        assert (moves == "none") is (motion == "reduce")
        go_on()
        expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    no_bar(page)


def test_a_dialog_and_a_button_say_it_too(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    client: Client = make_client(suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    go_on = hold(page)
    page.get_by_label("Agregar folios:").click()
    bar_is_shown(page, "body")
    go_on()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Cantidad de folios").fill("5")
    expect(dialog.locator("#preview")).to_contain_text("105")
    go_on = hold(page)
    dialog.get_by_role("button", name="Agregar folios").click()
    bar_is_shown(page, "dialog")
    expect(page.locator(f"#row-{client.public_id}")).to_have_attribute(
        "aria-busy", "true"
    )
    go_on()
    expect(dialog).to_be_hidden()
    row = page.locator(f"#row-{client.public_id}")
    expect(row).not_to_have_attribute("aria-busy", "true")
    expect(row).to_contain_text("105")


BOXES = """() => [document.documentElement, ...document.querySelectorAll("main > *")]
  .map(element => JSON.stringify(element.getBoundingClientRect()))"""
NOTE_WHAT_IS_SHOWN = f"""() => {{
  const boxes = {BOXES}
  const before = String(boxes())
  addEventListener("pagehide", () => {{
    const {{ opacity }} = getComputedStyle(document.body, "::before")
    const moved = String(boxes()) === before ? "nothing moved" : "it moved"
    sessionStorage.setItem("shown", `${{opacity}} and ${{moved}}`)
  }})
}}"""
Press = Callable[[Page], None]


def _link(name: str) -> Press:
    return lambda page: page.get_by_role("link", name=name).first.click()


def _label(name: str) -> Press:
    return lambda page: page.get_by_label(name).first.click()


def _search(page: Page) -> None:
    page.get_by_role("searchbox").fill("x")


# Where, what is pressed or typed, and what is replaced (a dialog does not fade).
REQUESTS: dict[str, tuple[str, Press, str]] = {
    "tray, chip": ("/seguimiento/", _link("Todo"), "#tray"),
    "tray, search": ("/seguimiento/", _search, "#tray"),
    "tray, dialog": ("/seguimiento/", _label("Posponer:"), ""),
    "tray, offer": ("/seguimiento/", _label("Agregar folios:"), ""),
    "inicio, dialog": ("/", _label("Posponer:"), ""),
    "month, sort": ("/seguimiento/mes/", _link("Vendidos"), "#month"),
    "list, dialog": ("/clientes/", _label("Renovar:"), ""),
    "packages, dialog": ("/paquetes/", _link("Agregar paquete"), ""),
    "keys, dialog": ("/llaves/", _link("Crear llave"), ""),
}


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_says_so_and_nothing_jumps(
    page: Page, alicia: User, make_client: MakeClient, name: str, motion: str
) -> None:
    url, press, replaced = REQUESTS[name]
    make_client(exhausted=True)
    page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    log_in(page, alicia)
    page.goto(url)
    no_bar(page)
    before = page.evaluate(BOXES)
    go_on = hold(page)
    press(page)
    bar_is_shown(page, "body")
    assert page.evaluate(BOXES) == before
    if replaced:
        element = page.locator(replaced)
        expect(element).to_have_attribute("aria-busy", "true")
        expect(element).to_have_css("opacity", "0.55")
    moves = page.locator("body").evaluate(
        "element => getComputedStyle(element, '::before').animationName"
    )
    assert (moves == "none") is (motion == "reduce")
    go_on()
    no_bar(page)


TABS: dict[str, tuple[str, str]] = {
    "client, tab": ("", ".tabs a >> nth=1"),
    "client, month": ("movimientos/", ".months a >> nth=0"),
    "keys, tab": ("/llaves/", ".tabs a >> nth=1"),
    "messages, tab": ("/seguimiento/mensajes/", ".tabs a >> nth=1"),
    "month, month": ("/seguimiento/mes/", ".months a >> nth=1"),
}


@pytest.mark.parametrize("name", TABS)
def test_a_tab_says_that_its_page_is_on_its_way(
    page: Page, alicia: User, clara: Client, name: str
) -> None:
    """A tab is a page of its own, without HTMX; what is shown is noted as it leaves."""
    url, tab = TABS[name]
    log_in(page, alicia)
    page.goto(url if url.startswith("/") else f"{clara.get_absolute_url()}{url}")
    here = page.url
    page.evaluate(NOTE_WHAT_IS_SHOWN)

    def wait(route: Route) -> None:
        if route.request.is_navigation_request():
            sleep(0.4)
        route.continue_()

    page.route("**/*", wait)
    page.locator(tab).click()
    expect(page).not_to_have_url(here)
    assert page.evaluate("sessionStorage.getItem('shown')") == "1 and nothing moved"
    page.unroute("**/*")
    page.go_back()
    expect(page).to_have_url(here)
    no_bar(page)


def test_without_an_answer_nothing_goes_on_waiting(
    context: BrowserContext, alicia: User, clara: Client
) -> None:
    page = context.new_page()  # one that may log the failed request
    log_in(page, alicia)
    page.goto("/clientes/")
    page.evaluate("htmx.config.timeout = 300")
    hold(page)
    page.get_by_label("Renovar:").click()
    expect(page.locator("#toasts")).to_contain_text("tardó demasiado")
    no_bar(page)
    assert page.locator("[aria-busy]").count() == 0


@pytest.mark.parametrize("width", [768, 820, 1024, 1180, 1366])
def test_the_day_of_creation_is_visible_at_every_width_and_sorts(
    page: Page, alicia: User, clara: Client, make_client: MakeClient, width: int
) -> None:
    # The widest content: a long name, two statuses, a suggestion, every button.
    make_client(legal_name="COMERCIALIZADORA DEL NOROESTE SA DE CV", expired=True)
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    page.goto("/clientes/")
    row = page.locator(f"#row-{clara.public_id}")
    day = row.get_by_text(re.compile(r"\d{1,2} [a-z]{3} \d{4}$")).filter(visible=True)
    assert day.count() == 2  # created and vigencia
    heading = page.get_by_role("link", name="Creado").filter(visible=True)
    if heading.count():
        heading.click()
    else:  # a card has no heads
        page.get_by_label("Ordenar").select_option("creado")
    expect(page).to_have_url(re.compile("orden=-?creado"))
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
    table = page.locator(".tbl")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_it_is_on_paper_too(page: Page, alicia: User, clara: Client) -> None:
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between its margins
    log_in(page, alicia)
    page.goto("/clientes/")
    page.emulate_media(media="print")
    row = page.locator(f"#row-{clara.public_id}")
    expect(row.locator(".c-extra")).to_be_visible()
    expect(row.locator(".c-act")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [683, 640, 512, 390])
def test_the_numbers_of_inicio_are_whole_at_200_percent(
    page: Page, alicia: User, make_client: MakeClient, width: int
) -> None:
    """1366 pixels at 200 % are 683; a number on two lines reads as two numbers."""
    client = make_client()
    lifecycle.add_folios(
        client, quantity=987_654, reference="a", by=alicia, now=timezone.now()
    )
    lifecycle.consume(client, reference="b", quantity=987_000, now=timezone.now())
    page.set_viewport_size({"width": width, "height": 450})
    log_in(page, alicia)
    expect(page.locator("a.kpi").first).to_contain_text("987,000")
    for number in page.locator("a.kpi > strong").all():
        lines = number.evaluate(
            "element => element.scrollHeight / parseFloat("
            "getComputedStyle(element).lineHeight)"
        )
        assert lines < 1.5, number.text_content()
        card = number.locator("..")
        assert card.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_refusal_has_the_focus(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    client = make_client(suspended=True)
    log_in(page, alicia)
    page.goto("/clientes/")
    tab = page.context.new_page()
    tab.goto("/clientes/")
    tab.get_by_label("Activar:").click()
    expect(tab.locator("#toasts")).to_contain_text("quedó activo")
    tab.close()
    page.get_by_label("Activar:").click()
    alert = page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_contain_text(f"{client} no está suspendido")
    expect(alert).to_be_focused()
