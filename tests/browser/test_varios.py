"""Many clients at once: chosen with the pointer, by keyboard and without JavaScript;
what the tasks cost in clicks; a job that goes on while its person is elsewhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients.bulk import execution
from clients.models import Client
from jobs import running
from jobs.models import Job
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]
WIDTHS = (1366, 820, 390)


@pytest.fixture
def twelve(make_client: MakeClient) -> list[Client]:
    """Whose term ends this month."""
    day = timezone.localdate() + timedelta(days=3)
    clients = [make_client(legal_name=f"Vence {number:02}") for number in range(12)]
    Client.objects.update(expires_on=day)
    return clients


@pytest.fixture
def table(page: Page, alicia: User, twelve: list[Client]) -> Page:
    page.set_viewport_size({"width": 1366, "height": 800})
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social")
    return page


def balances(clients: list[Client]) -> list[int]:
    pks = [client.pk for client in clients]
    found = Client.objects.with_facts().in_bulk(pks)
    return [found[pk].balance for pk in pks]


def box(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("checkbox", name=f"Elegir {name}", exact=True)


def test_the_twelve_that_expire_are_renewed_in_four_clicks(
    table: Page, twelve: list[Client]
) -> None:
    table.get_by_label("Elegir todos los de la página").click()  # 1
    expect(table.locator("[data-count]")).to_have_text("12 elegidos")
    table.locator("#choose").get_by_role("button", name="Renovar").click()  # 2
    table.get_by_role("button", name="Renovar 12 clientes").click()  # 3
    expect(table.locator("#result")).to_contain_text("12 renovados.")
    assert balances(twelve) == [200] * 12
    table.get_by_role("button", name="Deshacer").click()  # 4
    expect(table.locator("#result")).to_contain_text("12 deshechos.")
    assert balances(twelve) == [100] * 12


def test_who_expired_long_ago_is_suspended_in_six_clicks(
    table: Page, twelve: list[Client]
) -> None:
    gone = timezone.localdate() - timedelta(days=70)
    Client.objects.filter(legal_name__lt="Vence 05").update(expires_on=gone)
    table.get_by_role("link", name="Clientes", exact=True).click()  # 1
    table.locator("summary", has_text="Más filtros").click()  # 2
    table.get_by_role("link", name="Vencidos hace más de 60 días").click()  # 3
    expect(table.locator("tbody tr")).to_have_count(5)
    table.get_by_label("Elegir todos los de la página").click()  # 4
    table.locator("#choose").get_by_role("button", name="Suspender").click()  # 5
    table.get_by_label("Motivo").fill("No renovó")
    table.get_by_role("button", name="Suspender 5 clientes").click()  # 6
    expect(table.locator("#result")).to_contain_text("5 suspendidos.")


def test_a_stretch_is_chosen_with_the_shift_key(table: Page) -> None:
    box(table, "Vence 02").click()
    box(table, "Vence 05").click(modifiers=["Shift"])
    expect(table.locator("[data-count]")).to_have_text("4 elegidos")
    box(table, "Vence 03").click()
    expect(table.locator("[data-count]")).to_have_text("3 elegidos")
    table.get_by_role("button", name="Ninguno").click()
    expect(table.locator("#choose")).to_be_hidden()


def test_a_search_forgets_the_boxes(table: Page) -> None:
    box(table, "Vence 02").click()
    expect(table.locator("#choose")).to_be_visible()
    table.get_by_label("Buscar por").first.fill("Nadie se llama así")
    expect(table.locator("tbody tr")).to_have_count(0)
    expect(table.locator("#choose")).to_be_hidden()


def test_by_keyboard_alone(table: Page, twelve: list[Client]) -> None:
    for key in ("j", "x", "j", "j", "x"):
        table.keyboard.press(key)
    expect(table.locator("[data-count]")).to_have_text("2 elegidos")
    table.locator("#choose").get_by_role("button", name="Agregar folios").focus()
    table.keyboard.press("Enter")
    table.get_by_label("Cantidad de folios").focus()
    table.keyboard.type("25")
    expect(table.locator("#preview")).to_contain_text("Agregar folios a 2 clientes")
    expect(table.locator("#preview")).to_contain_text("100 pasa a 125")
    table.keyboard.press("Enter")
    expect(table.locator("#result")).to_contain_text("2 con folios agregados.")
    assert balances(twelve)[:3] == [125, 100, 125]


def test_without_javascript(
    browser: Browser, base_url: str, alicia: User, twelve: list[Client]
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/?orden=razon_social&q=Vence")
    box(page, "Vence 00").check()
    page.get_by_label("Los 12 que cumplen el filtro").check()
    page.locator("#choose").get_by_role("button", name="Suspender").click()
    page.get_by_label("Motivo").fill("No pagó")
    page.get_by_role("button", name="Suspender 12 clientes").click()
    expect(page.locator("#result")).to_contain_text("12 suspendidos.")
    page.get_by_role("link", name="Clientes").last.click()
    assert "q=Vence" in page.url
    context.close()


def test_a_job_goes_on_while_its_person_is_elsewhere(
    table: Page, twelve: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "IN_REQUEST", 0)
    box(table, "Vence 00").check()
    table.get_by_label("Los 12 de la lista").check()
    table.locator("#choose").get_by_role("button", name="Renovar").click()
    table.get_by_role("button", name="Renovar 12 clientes").click()
    expect(table.get_by_text("En espera").first).to_be_visible()
    expect(table.locator("#result")).to_contain_text("manage.py work")
    table.get_by_role("link", name="Trabajos").click()
    expect(table.locator("#jobs")).to_contain_text("0 de 12")
    running.run(Job.objects.get().pk)
    # The page asks by itself.
    expect(table.locator("#jobs")).to_contain_text("12 renovados.")
    table.get_by_role("link", name="Ver el resultado").click()
    expect(table.locator("#result")).to_contain_text("12 renovados.")
    assert balances(twelve) == [200] * 12


@pytest.mark.parametrize("width", WIDTHS)
def test_every_step_is_accessible_and_fits(
    table: Page, twelve: list[Client], accessible: Check, width: int
) -> None:
    table.set_viewport_size({"width": width, "height": 844})

    def fits() -> None:
        root = "document.documentElement"
        assert table.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
        accessible(table)

    for verb, label in (("renew", "Renovar"), ("suspend", "Suspender")):
        table.goto("/clientes/?orden=razon_social")
        box(table, "Vence 00").check()
        box(table, "Vence 01").check()
        fits()
        table.locator(f"#choose [value={verb}]").click()
        expect(table.locator("#preview")).to_be_visible()
        fits()
        if verb == "suspend":
            table.get_by_label("Motivo").fill("No pagó")
        table.get_by_role("button", name=f"{label} 2 clientes").click()
        expect(table.locator("#result")).to_be_visible()
        fits()
    table.goto("/trabajos/")
    fits()
    table.goto(Job.objects.latest("pk").get_absolute_url())
    fits()
    table.goto("/clientes/")
    box(table, "Vence 00").check()
    table.locator("#choose [value=write]").click()
    table.get_by_role("button", name="Preparar los mensajes").click()
    expect(table.get_by_text("Listos para enviar")).to_be_visible()
    fits()


@pytest.mark.parametrize("place", ["result", "jobs"])
def test_what_is_shown_again_keeps_the_focus(
    table: Page, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that waits: its page asks for itself every second or two."""
    monkeypatch.setattr(execution, "IN_REQUEST", 0)
    table.get_by_label("Elegir todos los de la página").click()
    table.locator("#choose").get_by_role("button", name="Renovar").click()
    table.get_by_role("button", name="Renovar 12 clientes").click()
    button = table.get_by_role("button", name="Detener")
    expect(button).to_be_visible()
    if place == "jobs":
        table.goto("/trabajos/")
        button = table.get_by_role("button", name="Cancelar: Renovar 12 clientes")
    button.focus()
    for _ in range(2):
        with table.expect_response(lambda one: "hx-request" in one.request.headers):
            pass
    table.wait_for_timeout(200)
    expect(button).to_be_focused()
    table.keyboard.press("Enter")
    expect(table.get_by_text("Se canceló «Renovar 12 clientes»")).to_be_visible()
