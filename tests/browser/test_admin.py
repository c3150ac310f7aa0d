"""The admin in a real browser: the panel's letters and colours in both themes."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clients.models import Client
from tests.browser.conftest import log_in

# The brand and the surface of panel.css, in each theme.
COLOURS = {
    "light": ("oklch(0.47 0.16 262)", "rgb(255, 255, 255)"),
    "dark": ("oklch(0.74 0.12 262)", "oklch(0.215 0.018 260)"),
}


@pytest.mark.parametrize("theme", COLOURS)
def test_it_has_the_letters_and_colours_of_the_panel(
    page: Page, soporte: User, clara: Client, theme: str
) -> None:
    brand, surface = COLOURS[theme]
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, soporte)
    for url in ("/admin/", "/admin/clients/client/"):
        page.goto(url)
        body = page.locator("body")
        expect(body).to_have_css("background-color", surface)
        assert body.evaluate("element => getComputedStyle(element).fontFamily") == (
            "Inter, system-ui, sans-serif"
        )
        link = page.get_by_role("link", name="Llaves de API").first
        expect(link).to_have_css("color", brand)
    assert page.evaluate("document.fonts.check('16px Inter')")
    page.get_by_role("link", name="Volver al panel").click()
    page.get_by_role("link", name="Administración").click()
    expect(page.get_by_role("heading", name="Qué desea consultar")).to_be_visible()
