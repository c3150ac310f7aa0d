"""The card of additional RFCs in a real browser: added, doubted, ended, accessible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clients.models import Client
from tests.browser.conftest import log_in

Check = Callable[[Page], None]
WIDER = "document.documentElement.scrollWidth > innerWidth"
RFC = "CACX7605101P8"


@pytest.mark.parametrize("width", [1280, 390])
def test_an_additional_rfc_is_added_and_ended_on_the_page(
    page: Page, alicia: User, clara: Client, accessible: Check, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, alicia)
    page.goto(clara.get_absolute_url())
    card = page.locator("#rfcs")
    card.get_by_label("RFC", exact=True).fill(RFC[:-1] + "9")
    card.get_by_role("button", name="Agregar RFC").click()
    expect(card.get_by_label("Es correcto")).to_be_visible()
    card.get_by_label("RFC", exact=True).fill(RFC)
    card.get_by_role("button", name="Agregar RFC").click()
    expect(card.get_by_role("list")).to_contain_text(RFC)
    assert not page.evaluate(WIDER)
    accessible(page)
    card.get_by_role("button", name="Terminar").click()
    expect(card.get_by_role("list")).to_contain_text("hasta el")
