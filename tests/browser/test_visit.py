"""A visit in a real browser: how it ends with time, and what other tabs show."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from clients.models import Client
from portal.models import Grant
from tests.browser.conftest import log_in
from tests.browser.test_clientes import act, toast

Check = Callable[[Page], None]


def test_when_the_time_is_up_the_window_leaves_by_itself(
    page: Page, alicia: User, clara: Client
) -> None:
    page.clock.install()
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Entrar como cliente")
    page.get_by_role("button", name="Entrar a la cuenta").click()
    expect(page.locator(".banner")).to_be_visible()
    Grant.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    page.reload()
    expect(page.locator(".banner")).to_contain_text("le queda 1 min")
    Grant.objects.update(expires_at=timezone.now())  # for the server the minute is over
    page.clock.fast_forward(60_000)  # and for the browser
    page.wait_for_url(f"**/clientes/{clara.public_id}/")
    toast(page, "Pasaron los 30 minutos")
    expect(page.locator(".banner")).to_have_count(0)


def test_a_tab_of_the_panel_says_that_one_is_inside(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    """The table was open in that tab before the visit began in another one."""
    log_in(page, alicia)
    page.goto("/clientes/")
    tab = page.context.new_page()  # may log errors: it gets a 403
    tab.goto("/clientes/")
    act(page, clara, "Entrar como cliente")
    page.get_by_role("button", name="Entrar a la cuenta").click()
    expect(page.locator(".banner")).to_be_visible()

    tab.get_by_role("link", name="Activos 1").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("Está dentro de la cuenta de ESCUELA KEMPER URGATE")
    accessible(tab)
    dialog.get_by_role("button", name="Salir de la cuenta").click()
    tab.wait_for_url(f"**/clientes/{clara.public_id}/?*")
    toast(tab, "Salió de la cuenta")
