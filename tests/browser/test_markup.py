"""The hostile world in Chromium: nothing that somebody typed runs, loads or asks.

Law: quality.md, "Markup in names is text everywhere". Every page of every role is
opened, and so is every dialog of a list; a request that the page's own code did not
make, a dialog of the browser or a global that hostile code would set fails the test.
The same pages without a browser: tests/test_markup.py.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Browser
from playwright.sync_api import Page, Request, expect

from accounts.models import User
from tests import hostile as world
from tests.browser.conftest import EXPECTED
from tests.cast import MakeClient
from tests.hostile import TRAP, Hostile
from tests.programs import MakeProgram

# What the code of a page asks for by itself.
OWN = ("/static/", "/iconos.svg", "/seguimiento/cuenta/", "/admin/jsi18n/")
# What loads by itself asks at once: a request is seen when it begins.
SETTLED = "() => new Promise((done) => setTimeout(done, 50))"
EXPECTED_HERE = (*EXPECTED, "status of 404")


@pytest.fixture
def hostile(
    alicia: User, soporte: User, make_client: MakeClient, make_program: MakeProgram
) -> Hostile:
    return world.build(alicia, soporte, make_client, make_program)


class Watch:
    """Collects what a page did that nobody of ours made it do."""

    def __init__(self, page: Page) -> None:
        self.done: list[str] = []
        self.asked: list[str] = []
        page.add_init_script("window.mal = () => { window.hecho = true }")
        page.on("request", self._note)
        page.on("dialog", lambda dialog: self._add(f"dialog {dialog.message}"))
        page.on("popup", lambda popup: self._add(f"window {popup.url}"))

    def _add(self, what: str) -> None:
        self.done.append(what)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        self.asked.append(path)
        if TRAP in request.url.partition("?")[0] or not request.url.startswith("http"):
            if not request.url.startswith("data:"):
                self._add(f"{request.method} {request.url}")

    def look(self, page: Page, url: str) -> None:
        if page.evaluate("window.hecho"):
            self._add(f"ran at {url}")
        assert not self.done, (url, self.done)


@pytest.fixture
def as_person(page: Page, base_url: str) -> Callable[[User], None]:
    """The page with an open session of somebody."""

    def enter(person: User) -> None:
        browser = Browser()
        browser.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        value = browser.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": base_url}])

    return enter


def person_of(hostile: Hostile, role: str) -> User:
    staff = {"alicia": hostile.alicia, "soporte": hostile.soporte}
    return staff.get(role, hostile.clients[0].user)


def test_the_watch_sees_what_it_is_there_to_see(
    page: Page, hostile: Hostile, as_person: Callable[[User], None]
) -> None:
    """The control: put into the page as markup, the same text does ask and load; where
    a page of ours keeps the texts of people, htmx leaves even that alone."""
    as_person(hostile.alicia)
    watch = Watch(page)
    page.goto("/clientes/")
    put = "([where, html]) => { const e = document.createElement('div');"
    put += " document.querySelector(where).append(e);"
    put += " e.innerHTML = html; htmx.process(e) }"
    attributes = f'<i hx-get="{TRAP}" hx-trigger="load">x</i>'
    page.evaluate(put, ["tbody td.c-name", attributes])
    page.wait_for_timeout(300)
    watch.look(page, "inside hx-disable")
    page.evaluate(put, ["#main", attributes])
    page.wait_for_timeout(300)
    assert watch.done == [f"GET {page.url.partition('/clientes/')[0]}{TRAP}"]


@pytest.mark.parametrize("role", ["alicia", "clara", "soporte"])
def test_no_page_does_what_somebody_typed(
    page: Page, hostile: Hostile, role: str, as_person: Callable[[User], None]
) -> None:
    as_person(person_of(hostile, role))
    watch = Watch(page)
    for url in hostile.pages(role):
        if "csv" in url or "xlsx" in url:  # a file to keep
            continue
        watch.asked.clear()
        page.goto(url)
        page.evaluate(SETTLED)
        watch.look(page, url)
        here = urlsplit(page.url).path
        strange = [
            path
            for path in watch.asked
            if path not in {here, urlsplit(url).path} and not path.startswith(OWN)
        ]
        assert not strange, (url, strange)


def test_no_dialog_of_a_list_does_it(
    page: Page, hostile: Hostile, as_person: Callable[[User], None]
) -> None:
    as_person(hostile.alicia)
    watch = Watch(page)
    detail = hostile.clients[0].get_absolute_url()
    for url in ("/clientes/", "/paquetes/", "/seguimiento/", "/llaves/", detail):
        page.goto(url)
        buttons = page.locator("#main a[data-dialog]:visible")
        for number in range(min(buttons.count(), 12)):
            buttons.nth(number).press("Enter")
            expect(page.locator("#dialog")).to_be_visible()
            page.evaluate(SETTLED)
            watch.look(page, f"{url} {number}")
            page.locator("#dialog [data-close]").first.click()
            expect(page.locator("#dialog")).to_be_hidden()


def test_nothing_happens_by_doing_and_undoing(
    page: Page, hostile: Hostile, as_person: Callable[[User], None]
) -> None:
    """A row that comes back, its toast and its undo: what htmx puts into the page."""
    as_person(hostile.alicia)
    watch = Watch(page)
    page.goto("/clientes/")
    row = page.locator(f"#row-{hostile.clients[1].public_id}")
    row.locator("[data-action=activate]").click()
    expect(page.locator(".toast")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Deshacer").click()
    expect(row).to_contain_text("Suspendido")
    page.wait_for_load_state("networkidle")
    watch.look(page, "/clientes/")


@pytest.fixture(autouse=True)
def _missing_pages_are_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.browser.conftest.EXPECTED", EXPECTED_HERE)
