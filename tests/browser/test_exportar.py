"""Exportar in a real browser: two clicks to a spreadsheet of all clients, its rows read
again; the link of a view, made, read by a spreadsheet and revoked."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Download, Page, Playwright, expect
from python_calamine import CalamineWorkbook

from accounts import lists
from accounts.models import User
from clients.exporting import asking
from jobs import running
from jobs.models import Job
from tests import factories
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
NAMES = ("=SUMA(A1)", "Ñandú y Cía", "Zapatería <b>Díaz</b>")


@pytest.fixture
def three(make_client: MakeClient) -> None:
    for name in NAMES:
        make_client(legal_name=name)


def read(download: Download) -> list[list[Any]]:
    """The rows of a file that was downloaded."""
    path = Path(download.path())
    if download.suggested_filename.endswith(".xlsx"):
        book = CalamineWorkbook.from_path(path)
        return book.get_sheet_by_index(0).to_python()
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_a_spreadsheet_of_all_clients_is_two_clicks_away(
    page: Page, alicia: User, three: None
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    for name, ending in (("Excel (XLSX)", "xlsx"), ("CSV", "csv"), ("CSV", "csv")):
        page.wait_for_timeout(2_100)  # it may be asked for again
        page.get_by_role("button", name="Exportar").click()
        with page.expect_download() as waited:
            page.get_by_role("button", name=name).click()
        assert waited.value.suggested_filename.endswith(f".{ending}")
        rows = read(waited.value)
        assert rows[0][:3] == ["Razón social", "RFC", "Paquete"]
        first = "=SUMA(A1)" if ending == "xlsx" else "'=SUMA(A1)"
        assert sorted(row[0] for row in rows[1:]) == sorted([first, *NAMES[1:]])
        expect(page.locator("#export-menu")).to_be_hidden()


def test_what_a_filter_leaves_is_what_comes(
    page: Page, alicia: User, three: None
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/?columnas=folios")
    page.get_by_role("searchbox").fill("zapat")
    expect(page.locator("td.c-name a")).to_have_count(1)
    page.get_by_role("button", name="Exportar").click()
    expect(page.locator("#export-menu")).to_contain_text("1 cliente,")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Excel (XLSX)").click()
    rows = read(waited.value)
    assert [row[0] for row in rows] == ["Razón social", NAMES[2]]
    assert [row[2] for row in rows] == ["Folios", 100]


def test_many_rows_are_a_job_whose_file_is_downloaded_by_who_asked(
    page: Page, alicia: User, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 2)
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("button", name="Exportar").click()
    page.get_by_role("button", name="CSV").click()
    expect(page).to_have_url(re.compile("/trabajos/"))
    expect(
        page.get_by_role("heading", name="Exportar 3 clientes a CSV")
    ).to_be_visible()
    running.run(Job.objects.get().pk)
    page.reload()
    with page.expect_download() as waited:
        page.get_by_role("link", name=re.compile(r"clientes-.*\.csv")).click()
    assert len(read(waited.value)) == 4


def test_the_menus_and_pages_are_accessible_and_fit_a_telephone(
    page: Page, alicia: User, three: None, accessible: Check
) -> None:
    view = lists.save_view(alicia, name="Todos", query="columnas=folios")
    log_in(page, alicia)
    for width in (1366, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/clientes/")
        page.get_by_role("button", name="Exportar").click()
        expect(page.locator("#export-menu")).to_be_in_viewport(ratio=0.99)
        accessible(page)
        assert page.evaluate(OVERFLOW) <= 0
        for address in (
            "/clientes/movimientos/",
            "/seguimiento/mes/ventas/",
            f"/clientes/vistas/{view.public_id}/hoja/",
        ):
            page.goto(address)
            accessible(page)
            assert page.evaluate(OVERFLOW) <= 0, (address, width)


@pytest.fixture
def spreadsheet(playwright: Playwright, base_url: str) -> APIRequestContext:
    """What reads a link: no browser, no cookies."""
    return playwright.request.new_context(base_url=base_url)


def test_the_link_of_a_view_is_made_read_and_revoked(
    page: Page,
    alicia: User,
    three: None,
    accessible: Check,
    spreadsheet: APIRequestContext,
) -> None:
    lists.save_view(alicia, name="Todos", query="orden=razon_social&columnas=folios")
    log_in(page, alicia)
    page.goto("/clientes/")
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Editar la vista Todos").click()
    page.get_by_role("link", name="Enlace para hojas de cálculo").click()
    dialog = page.get_by_role("dialog", name="Enlace para hojas de cálculo")
    accessible(page)
    if dialog.get_by_label("Su contraseña").count():
        dialog.get_by_label("Su contraseña").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Crear enlace").click()
    shown = page.get_by_role("dialog", name="Copie el enlace ahora")
    formula = shown.locator("#formula")
    expect(formula).to_contain_text("=IMPORTDATA(")
    accessible(page)
    url = re.findall(r'"(.*?)"', formula.inner_text())[0]
    answer = spreadsheet.get(url)
    assert answer.text().splitlines()[1].startswith("'=SUMA(A1)")
    shown.get_by_role("link", name="Listo").click()
    page.get_by_role("button", name="Vistas").click()
    page.get_by_role("link", name="Editar la vista Todos").click()
    page.get_by_role("link", name="Enlace para hojas de cálculo").click()
    expect(dialog.get_by_role("definition").last).to_have_text("1")
    dialog.get_by_role("button", name="Revocar").click()
    expect(page.locator("#toasts")).to_contain_text("El enlace de Todos ya no sirve.")
    assert spreadsheet.get(url).status == 404


def test_octobers_sales_by_client_are_a_spreadsheet_in_three_clicks(
    page: Page, alicia: User, three: None
) -> None:
    log_in(page, alicia)
    page.get_by_role("link", name="Folios por mes").click()
    page.locator("nav.months .chip").nth(0).click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Excel").click()
    assert len(read(waited.value)) == 4


def test_without_javascript_a_file_comes_all_the_same(
    browser: Any, base_url: str, alicia: User, three: None
) -> None:
    plain = browser.new_context(base_url=base_url, java_script_enabled=False).new_page()
    log_in(plain, alicia)
    plain.goto("/clientes/")
    plain.get_by_role("button", name="Exportar").click()
    with plain.expect_download() as waited:
        plain.get_by_role("button", name="CSV").click()
    assert len(read(waited.value)) == 4
