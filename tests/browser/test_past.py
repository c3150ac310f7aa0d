"""The past in a browser: choose a day, look around in it, come back to today."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from clients import lifecycle
from tests import factories
from tests.browser.conftest import log_in
from tests.browser.test_clientes import Check
from tests.cast import MakeClient


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_a_day_is_chosen_looked_at_and_left(
    width: int,
    page: Page,
    alicia: User,
    make_client: MakeClient,
    accessible: Check,
) -> None:
    now = timezone.now()
    begun = now - timedelta(days=60)
    client = make_client(legal_name="Abarrotes Núñez", now=begun)
    make_client(legal_name="Zapatería Díaz", now=begun, exhausted=True)
    lifecycle.add_folios(client, quantity=7, reference=factories.reference(), by=alicia)
    day = client.reseller.local_date(now - timedelta(days=30))
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)

    page.goto("/clientes/")
    page.get_by_text("Ver otro día").click()
    accessible(page)
    page.get_by_label("Como estaba al terminar el").fill(f"{day}")
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page.locator(".past")).to_contain_text("Así estaba el")
    accessible(page)

    names = page.locator("td.c-name a")
    page.get_by_role("link", name="Folios agotados 1").click()
    expect(names).to_have_text(["Zapatería Díaz"])
    expect(page).to_have_url(re.compile(f"al={day}&estatus=folios-agotados"))
    page.get_by_role("searchbox").fill("nunez")
    expect(names).to_have_count(0)
    page.get_by_role("link", name="Todos 1").click()
    expect(names).to_have_text(["Abarrotes Núñez"])
    expect(page).to_have_url(re.compile(rf"al={day}&q=nunez$"))
    names.click()
    expect(page.locator(".then")).to_contain_text("107")
    expect(page.locator(".then strong")).to_have_text("100")
    accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width

    page.get_by_role("link", name="Volver a hoy").click()
    expect(page).to_have_url(re.compile(r"/clientes/[0-9a-f-]+/$"))
    expect(page.locator(".past")).to_have_count(0)
