"""Inicio and the month page in a real browser: links, keyboard and accessibility."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Page, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client, Seal
from tests.browser.conftest import log_in
from tests.cast import MakeClient

Check = Callable[[Page], None]
WIDER = "document.documentElement.scrollWidth > innerWidth"
# The size of the smallest text of the chart as it is drawn, in CSS pixels.
SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll(".chart text")]
    .filter(text => text.getBoundingClientRect().width)
    .map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.getCTM().a))"""


@pytest.fixture
def worked(clara: Client, make_client: MakeClient) -> None:
    """Movements in two months, and at least one client on every card."""
    old = make_client(now=timezone.now() - timedelta(days=45))
    lifecycle.consume(old, reference="a", quantity=60, now=old.created_at)
    lifecycle.consume(old, reference="b", quantity=2)
    lifecycle.consume(clara, reference="a", quantity=7)
    for state in ("exhausted", "expired", "suspended"):
        make_client(**{state: True})


def test_inicio_and_the_month_are_accessible_and_fit_a_telephone(
    page: Page, alicia: User, worked: None, accessible: Check
) -> None:
    log_in(page, alicia)
    expect(page.get_by_role("heading", name="Inicio")).to_be_visible()
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/", "/seguimiento/mes/", "/negocio/"):
            page.goto(address)
            accessible(page)
            assert not page.evaluate(WIDER), (address, width)
    page.goto("/")
    page.get_by_text("Ver como tabla").click()
    expect(page.get_by_role("table", name="Folios por mes")).to_be_visible()
    accessible(page)
    assert not page.evaluate(WIDER)
    assert page.evaluate(SMALLEST_TEXT) >= 11


def test_the_first_steps_are_accessible(
    page: Page, alicia: User, accessible: Check
) -> None:
    log_in(page, alicia)
    expect(page.get_by_role("heading", name="Primeros pasos")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Crear un paquete").click()
    expect(page).to_have_url(re.compile("/paquetes/$"))


def test_a_bar_is_a_link_that_the_keyboard_reaches(
    page: Page, alicia: User, worked: None
) -> None:
    log_in(page, alicia)
    chart = page.get_by_role("group", name="Folios por mes")
    bar = chart.get_by_role("link", name="hasta hoy")
    expect(bar).to_have_accessible_name(re.compile("109 timbrados, 300 vendidos"))
    chart.get_by_role("link").nth(-2).focus()
    page.keyboard.press("Tab")
    expect(bar).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/seguimiento/mes/\?mes="))
    expect(page.get_by_role("row", name="Total del mes 109 300")).to_be_visible()
    page.get_by_role("link", name="ESCUELA KEMPER URGATE").click()
    expect(page).to_have_url(re.compile("/clientes/"))


def test_a_number_leads_to_its_list(page: Page, alicia: User, worked: None) -> None:
    log_in(page, alicia)
    page.get_by_role("link", name="Suspendidos 1").click()
    expect(page).to_have_url(re.compile(r"/clientes/\?estatus=suspendido$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Inicio", exact=True).click()
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_what_a_month_sold_and_to_whom_is_three_clicks_away(
    page: Page, alicia: User, make_client: MakeClient
) -> None:
    """From Inicio, besides logging in: the menu, the month, the order."""
    then = timezone.now().replace(day=1) - timedelta(days=5)
    for name, added in (("Chica SA", 5), ("Grande SA", 80)):
        client = make_client(legal_name=name, now=then)
        lifecycle.add_folios(
            client, quantity=added, reference=name, by=alicia, now=then
        )
        lifecycle.consume(client, reference="b", quantity=100 - added, now=then)
    log_in(page, alicia)
    clicks = 0

    def click(name: str) -> None:
        nonlocal clicks
        page.get_by_role("link", name=name).click()
        clicks += 1

    click("Folios por mes")
    click(f"{date_format(then, 'b Y')}".capitalize())
    expect(page.locator("tbody tr").first).to_contain_text("Chica SA")
    click("Vendidos")
    expect(page.locator("tbody tr").first).to_contain_text("Grande SA")
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_have_accessible_name(re.compile(r"Grande SA .* 20 180"))
    expect(rows.last).to_have_accessible_name("Total del mes 115 285")
    assert clicks <= 4
    expect(page).to_have_url(re.compile(r"orden=-vendidos"))
    expect(page.get_by_role("link", name="CSV")).to_have_attribute(
        "href", re.compile("orden=-vendidos")
    )


def test_the_month_is_sorted_on_a_telephone_too(
    page: Page, alicia: User, make_client: MakeClient, accessible: Check
) -> None:
    for name, quantity in (("Ana SA", 1), ("Zoe SA", 9)):
        lifecycle.consume(
            make_client(legal_name=name), reference="a", quantity=quantity
        )
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, alicia)
    page.get_by_role("button", name="Menú").click()
    page.get_by_role("link", name="Folios por mes").click()
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("Zoe SA")
    page.get_by_label("Ordenar").select_option("Razón social, A a Z")
    expect(first).to_contain_text("Ana SA")
    expect(page).to_have_url(re.compile("orden=razon_social"))
    assert not page.evaluate(WIDER)
    accessible(page)


def test_the_first_steps_are_hidden_and_brought_back(
    page: Page, alicia: User, clara: Client
) -> None:
    log_in(page, alicia)
    steps = page.get_by_role("heading", name="Primeros pasos")
    expect(steps).to_be_visible()
    page.get_by_role("button", name="Ocultar").click()
    expect(page.locator("#toasts")).to_contain_text("Se ocultaron")
    expect(steps).to_be_hidden()
    page.get_by_role("button", name="Deshacer").click()
    expect(steps).to_be_visible()


def test_the_keyboard_reads_why_a_client_stops_invoicing(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    ends_at = timezone.now() + timedelta(days=9)
    Seal.objects.create(client=clara, rfc=clara.rfc, ends_at=ends_at)
    log_in(page, alicia)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/clientes/")
        accessible(page)
        label = page.locator(".c-term .plus")
        expect(label).to_contain_text("sello: ")
        for _ in range(40):
            page.keyboard.press("Tab")
            if label.evaluate("element => element === document.activeElement"):
                break
        expect(label).to_be_focused()
        tip = label.locator(".says")
        expect(tip).to_have_css("clip-path", "none")
        expect(tip).to_contain_text("vence su sello.")
        box = tip.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
