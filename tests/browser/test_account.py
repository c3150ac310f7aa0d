"""Mi cuenta in a real browser, opened by the reseller and by the client itself."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.browser.conftest import from_menu, log_in
from tests.browser.test_clientes import act, toast

Check = Callable[[Page], None]


def test_entering_as_the_client_and_coming_back(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    lifecycle.consume(clara, reference="CFDI-1")
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Entrar como cliente")
    expect(page.get_by_role("dialog").get_by_label("Motivo")).to_be_focused()
    accessible(page)
    page.get_by_role("button", name="Entrar a la cuenta").click()

    banner = page.locator(".banner")
    expect(banner).to_contain_text("Alicia Gómez")
    expect(banner).to_contain_text("ESCUELA KEMPER URGATE")
    accessible(page)
    for url in ("/mi-cuenta/movimientos/", "/mi-cuenta/accesos/"):
        page.goto(url)
        expect(banner).to_be_visible()
        accessible(page)

    banner.get_by_role("button").click()
    expect(page.locator("#client")).to_contain_text("Entró como cliente")
    toast(page, "Salió de la cuenta")
    page.goto("/clientes/")
    expect(page.locator("td.c-name a")).to_have_count(1)


def test_inside_the_panel_is_closed_until_one_leaves(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Entrar como cliente")
    page.get_by_role("button", name="Entrar a la cuenta").click()
    expect(page.locator(".banner")).to_be_visible()
    answer = page.request.get("/clientes/")
    assert answer.status == 403
    assert "Está dentro de la cuenta" in answer.text()


def test_a_client_sees_its_account_and_who_was_there(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    lifecycle.enter(clara, reason="Pidió ayuda con un CFDI", by=alicia)
    lifecycle.leave(clara, by=alicia)
    log_in(page, clara.user)
    expect(page.get_by_role("heading", level=1)).to_have_text("ESCUELA KEMPER URGATE")
    expect(page.get_by_text("Pidió ayuda con un CFDI")).to_be_visible()
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(page)


def test_a_suspension_ends_the_open_session_and_says_why_at_the_next_log_in(
    page: Page, clara: Client, accessible: Check
) -> None:
    log_in(page, clara.user)
    expect(page.get_by_role("heading", level=1)).to_have_text("ESCUELA KEMPER URGATE")
    lifecycle.suspend(clara, reason="Debe mayo", message="Llámenos al 55", by=None)
    page.reload()
    expect(page.get_by_role("button", name="Entrar", exact=True)).to_be_visible()
    accessible(page)
    log_in(page, clara.user)
    expect(page.get_by_text("Llámenos al 55")).to_be_visible()
    expect(page.get_by_text("Debe mayo")).to_have_count(0)
    accessible(page)


def test_a_person_of_two_resellers_chooses_accepts_and_declines(
    page: Page, clara: Client, beto: User, accessible: Check
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller)
    for name in ("Ferretería Beto", "Papelería Beto"):
        factories.make_client(
            package=package,
            by=beto,
            legal_name=name,
            contact_email=clara.contact_email,
            confirmed=False,
        )
    lifecycle.suspend(clara, reason="Debe mayo", message="Llámenos al 55", by=None)
    log_in(page, clara.user)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mis cuentas")
    expect(page.get_by_text("Llámenos al 55")).to_be_visible()
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(page)

    button = page.get_by_role("button", name="No es mía la cuenta de Ferretería Beto")
    button.press("Enter")
    toast(page, "Rechazó el acceso a la cuenta de Ferretería Beto")
    page.get_by_role("button", name="Aceptar la cuenta de Papelería Beto").click()
    toast(page, "Aceptó el acceso a la cuenta de Papelería Beto")
    page.get_by_role("link", name="Abrir la cuenta de Papelería Beto").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Papelería Beto")
    expect(page.get_by_text("Ferretería Beto")).to_have_count(0)
    page.get_by_role("link", name="Todas mis cuentas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mis cuentas")


def test_the_dialog_tells_the_contact_e_mail_from_who_enters(
    page: Page, alicia: User, clara: Client, accessible: Check
) -> None:
    log_in(page, alicia)
    page.goto(clara.get_absolute_url())
    from_menu(page, "Editar plan")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Con este correo entra a su cuenta")).to_be_checked()
    accessible(page)
    dialog.get_by_label("Correo", exact=True).fill("nueva@kemper.mx")
    dialog.get_by_label("Con este correo entra a su cuenta").uncheck()
    dialog.get_by_role("button", name="Guardar").click()
    toast(page, "Se guardó el plan")
    expect(page.locator("#client")).to_contain_text(
        "clara@kemper.mx: acceso confirmado"
    )


def test_a_wrong_password_says_so_without_saying_more(
    page: Page, alicia: User, accessible: Check
) -> None:
    page.goto("/cuenta/login/")
    accessible(page)
    page.get_by_label("Correo").fill(alicia.email)
    page.get_by_label("Contraseña", exact=True).fill("otra cosa")
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.locator(".errorlist, [role=alert]").first).to_be_visible()
    accessible(page)


def test_the_pages_of_ones_own_access_are_accessible(
    page: Page, alicia: User, accessible: Check
) -> None:
    log_in(page, alicia)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")
    for url in (
        "/cuenta/password/change/",
        "/cuenta/2fa/",
        "/cuenta/sessions/",
    ):
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        accessible(page)


def test_entering_works_without_javascript(
    browser: Browser, base_url: str, alicia: User, clara: Client
) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, locale="es-MX"
    )
    page = context.new_page()
    log_in(page, alicia)
    page.goto("/clientes/")
    act(page, clara, "Entrar como cliente")
    page.get_by_role("button", name="Entrar a la cuenta").click()
    expect(page.locator(".banner")).to_contain_text("ESCUELA KEMPER URGATE")
    page.locator(".banner").get_by_role("button").click()
    expect(page.locator("#client")).to_contain_text("Salió de la cuenta")
    context.close()
    assert factories.fresh(clara).events.filter(kind="left").count() == 1
