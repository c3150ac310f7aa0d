"""Importar clientes in a browser: a file with errors, corrected, imported; by keyboard
and without JavaScript; nothing in it is markup."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories
from tests.browser.conftest import log_in
from tests.browser.test_clientes import Check
from tests.imports import HEADERS, as_csv, row

pytestmark = pytest.mark.browser


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One right line, one of an unknown package, one without RFC, and markup."""
    lines = [
        HEADERS,
        row(1),
        row(2, "Oro viejo"),
        ["", "<b>SIN RFC</b>", "PYME", "5", ""],
    ]
    made = tmp_path / "clientes.csv"
    made.write_bytes(as_csv(lines))
    return made


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_a_file_with_errors_is_corrected_and_imported(
    width: int, page: Page, alicia: User, pyme: Package, file: Path, accessible: Check
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    page.goto("/clientes/nuevo/")
    page.get_by_role("link", name="Importar muchos").click()
    accessible(page)
    page.get_by_label("Archivo").set_input_files(file)
    page.get_by_role("button", name="Leer la tabla").click()
    expect(page.get_by_role("heading", name="Qué es cada columna")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Revisar los renglones").click()
    expect(page.get_by_text("2 renglones con errores no se importan")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_label("«Oro viejo»").select_option(str(pyme.public_id))
    page.get_by_role("button", name="Revisar otra vez").click()
    expect(page.get_by_role("button", name="Importar 2 clientes")).to_be_visible()
    page.get_by_role("link", name="Corregir la línea 4").click()
    accessible(page)
    page.get_by_label("RFC").fill(factories.rfc(3))
    page.get_by_role("button", name="Corregir y revisar").click()
    expect(page.get_by_text("La línea 4 quedó corregida.")).to_be_visible()
    assert not Client.objects.exists()

    page.get_by_role("link", name="Todos").click()
    page.get_by_role("button", name="Importar 3 clientes").click()
    expect(page.get_by_text("3 clientes creados.")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Ver el trabajo").click()
    expect(page.get_by_role("link", name="Descargar resultado")).to_be_visible()
    names = Client.objects.values_list("legal_name", flat=True)
    assert set(names) == {"EMPRESA 1", "EMPRESA 2", "<b>SIN RFC</b>"}


def test_it_works_by_keyboard_and_without_javascript(
    browser: Browser,
    live_server: LiveServer,
    alicia: User,
    pyme: Package,
    file: Path,
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/importar/")
    page.get_by_label("Archivo").set_input_files(file)
    page.get_by_role("button", name="Leer la tabla").press("Enter")
    page.get_by_role("button", name="Revisar los renglones").press("Enter")
    page.get_by_role("button", name="Importar 1 cliente").press("Enter")
    expect(
        page.get_by_text("1 cliente creado; 2 renglones sin importar.")
    ).to_be_visible()
    assert Client.objects.get().rfc == factories.rfc(1)
    context.close()
