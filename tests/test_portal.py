"""Mi cuenta: what a client's own user sees, and nobody else.

Law: issue "The panel works", Mi cuenta; quality.md, "Access". Logging in is tested in
test_login.py, entering as a client in test_impersonation.py.
"""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, Scope, User
from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.programs import Program

HOME = "/mi-cuenta/"
CHOICES = "/mis-cuentas/"
PAGES = ("home", "statement", "statement_csv", "visits")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def page_of(client: Client, url: str = HOME, **query: str) -> str:
    """The text of a page as the client's own user sees it."""
    browser = Browser()
    browser.force_login(client.user)
    response = browser.get(url, query)
    assert response.status_code == 200
    return text(response)


def rows(response: Any) -> list[list[str]]:
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    return list(csv.reader(lines))


def spend(client: Client, times: int) -> None:
    for _ in range(times):
        lifecycle.consume(client, reference=factories.reference())


# ── Who sees it ───────────────────────────────────────────────────────────────────


def test_the_start_page_sends_each_person_home(
    as_alicia: Browser, as_clara: Browser, as_soporte: Browser, anonymous: Browser
) -> None:
    assert as_alicia.get("/").status_code == 200
    assert as_clara.get("/").url == HOME
    assert as_soporte.get("/").url == reverse("admin:index")
    assert "/cuenta/login/" in anonymous.get("/").url


@pytest.mark.parametrize("name", PAGES)
def test_only_a_clients_person_has_an_account(
    as_alicia: Browser,
    as_soporte: Browser,
    as_clara: Browser,
    anonymous: Browser,
    name: str,
) -> None:
    url = reverse(f"portal:{name}")
    assert as_clara.get(url).status_code == 200
    assert as_alicia.get(url).status_code == 404
    assert as_soporte.get(url).status_code == 404
    assert "/cuenta/login/" in anonymous.get(url).url


@pytest.mark.parametrize("name", PAGES)
def test_the_account_is_only_read(as_clara: Browser, name: str) -> None:
    assert as_clara.post(reverse(f"portal:{name}")).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_somebody_elses_client_and_a_missing_one_are_the_same_404(
    as_clara: Browser, make_client: MakeClient, name: str
) -> None:
    url = reverse(f"portal:{name}")
    stranger = str(make_client().public_id)
    for choice in (stranger, "00000000-0000-4000-8000-000000000000", "x", ""):
        assert as_clara.get(url, {"cliente": choice}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_kept_by_the_browser(as_clara: Browser, name: str) -> None:
    response = as_clara.get(reverse(f"portal:{name}"))
    assert "no-store" in response["Cache-Control"]


# ── One user, several clients ─────────────────────────────────────────────────────


@pytest.fixture
def second(clara: Client, make_client: MakeClient) -> Client:
    """Another client of clara's user."""
    return make_client(legal_name="La Otra SA", contact_email=clara.contact_email)


def test_with_one_client_there_is_nothing_to_choose(as_clara: Browser) -> None:
    assert "Sus cuentas" not in text(as_clara.get(HOME))


def test_a_person_chooses_among_several(
    as_clara: Browser, clara: Client, second: Client
) -> None:
    for name in PAGES:
        assert as_clara.get(reverse(f"portal:{name}")).url == CHOICES
    page = text(as_clara.get(CHOICES))
    for client in (clara, second):
        assert f'href="/mi-cuenta/?cliente={client.public_id}"' in page
    page = text(as_clara.get(HOME, {"cliente": str(second.public_id)}))
    assert "<h1>La Otra SA</h1>" in page
    assert f"?cliente={clara.public_id}" in page


def test_the_choice_goes_along_to_the_other_pages(
    as_clara: Browser, second: Client
) -> None:
    spend(second, 60)
    choice = f"cliente={second.public_id}"
    page = text(as_clara.get(f"{HOME}?{choice}"))
    assert f'href="/mi-cuenta/movimientos/?{choice}"' in page
    statement = text(as_clara.get(f"/mi-cuenta/movimientos/?{choice}"))
    assert f'href="/mi-cuenta/movimientos.csv?{choice}"' in statement
    month = f"/mi-cuenta/movimientos/?{choice}&amp;fecha_desde="
    assert month in statement
    hidden = f'<input type="hidden" name="cliente" value="{second.public_id}">'
    assert hidden in statement
    visits = text(as_clara.get(f"/mi-cuenta/accesos/?{choice}"))
    assert f'href="/mi-cuenta/?{choice}"' in visits


@pytest.mark.parametrize("verb", ["suspend", "archive"])
def test_a_closed_client_cannot_be_chosen(
    clara: Client, second: Client, verb: str
) -> None:
    lifecycle.suspend(second, reason="Debe", message="Pague, por favor", by=None)
    if verb == "archive":
        lifecycle.archive(second, by=None)
    browser = Browser()
    browser.force_login(factories.fresh(clara).user)
    page = text(browser.get(CHOICES))
    assert "La cuenta de <strong>La Otra SA</strong> está" in page
    assert ("Pague, por favor" in page, "Debe" in page) == (True, False)
    assert str(second.public_id) not in page
    for name in PAGES:
        url = reverse(f"portal:{name}")
        response = browser.get(url, {"cliente": str(second.public_id)})
        assert response.status_code == 404


# ── What it says ──────────────────────────────────────────────────────────────────


def test_an_active_client_sees_plan_folios_vigencia_and_services(
    make_client: MakeClient,
) -> None:
    with time_machine.travel("2026-11-24T01:00:00Z", tick=False):
        client = make_client(legal_name="Panadería Ñandú")
        spend(client, 4)
        page = page_of(client)
    for words in (
        "<h1>Panadería Ñandú</h1>",
        "su cuenta con Distribuidora Alicia",
        "Activo",
        "Puede timbrar: tiene 96 folios hasta el 23 de noviembre de 2027, ese día",
        '<strong><time datetime="2027-11-23">23 nov 2027</time></strong>',
        "vence en 12 meses",
        '<strong>96 <span class="sub">· plan 100</span></strong>',
        "Deja de facturar el",
        "en 12 meses: termina la vigencia de su paquete",
        'max="100"',
        'value="96"',
        "<strong hx-disable>PYME</strong>",
        "Correo personalizado",
        "Multiempresa: 2",
        "se conservan todos",
        "Nadie de Distribuidora Alicia ha entrado",
    ):
        assert words in page, words


def test_on_its_last_day_the_client_is_told_it_may_still_stamp(
    make_client: MakeClient,
) -> None:
    client = make_client(now=datetime(2025, 11, 24, 18, tzinfo=UTC))
    with time_machine.travel("2026-11-25T05:59:59Z", tick=False):  # 23:59:59 there
        page = page_of(client)
        assert "Puede timbrar" in page
        assert "vence hoy" in page
    with time_machine.travel("2026-11-25T06:00:00Z", tick=False):
        page = page_of(client)
        assert "Su paquete venció el 24 de noviembre de 2026: no puede timbrar" in page
        assert "venció ayer" in page


def test_a_plan_without_vigencia_says_so(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    package = make_package(term_count=None)
    page = page_of(make_client(package=package))
    assert "sin fecha de vencimiento" in page
    assert "sus folios no vencen" in page
    assert "ninguno además de los folios" in page


def test_an_expired_client_is_told_whom_to_call(make_client: MakeClient) -> None:
    page = page_of(make_client(expired=True))
    assert "Expirado" in page
    assert "Le quedan 100 folios sin usar." in page
    assert "Comuníquese con Distribuidora Alicia para renovarlo." in page


def test_an_exhausted_client_is_told_whom_to_ask(make_client: MakeClient) -> None:
    page = page_of(make_client(exhausted=True))
    assert "Folios agotados" in page
    assert "Sus folios se agotaron el " in page
    assert "Pida más a Distribuidora Alicia." in page


def test_whom_to_call_is_said_once(make_client: MakeClient) -> None:
    page = page_of(make_client(expired=True, exhausted=True))
    assert "también folios agotados" in page
    assert "Sus folios se agotaron" in page
    assert "para renovarlo" in page
    assert "Pida más" not in page


def test_a_visitor_of_a_suspended_client_sees_the_message_and_not_the_reason(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.suspend(clara, reason="Debe tres meses", message="Llámenos", by=None)
    url = reverse("portal:enter", args=[clara.public_id])
    as_alicia.post(url, {"reason": "Ayuda", "key": factories.reference()})
    page = text(as_alicia.get(HOME))
    assert "La cuenta está suspendida desde el" in page
    assert "Comuníquese con Distribuidora Alicia para activarla." in page
    assert "Llámenos" in page
    assert "Debe tres meses" not in page


def test_markup_in_names_is_text(make_client: MakeClient) -> None:
    page = page_of(make_client(legal_name="<img src=x> & Cía"))
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt; &amp; Cía" in page


# ── Movements ─────────────────────────────────────────────────────────────────────


def test_the_latest_movements_lead_to_all_of_them(
    as_clara: Browser, clara: Client
) -> None:
    spend(clara, 7)
    page = text(as_clara.get(HOME))
    assert "7 timbrados" in page
    assert 'href="/mi-cuenta/movimientos/"' in page


def test_every_movement_is_in_the_statement_with_the_balance_after_it(
    as_clara: Browser, clara: Client, alicia: User
) -> None:
    spend(clara, 2)
    lifecycle.add_folios(
        clara,
        quantity=1500,
        reason="Transferencia 4512",
        activate=False,
        reference=factories.reference(),
        by=alicia,
    )
    page = text(as_clara.get("/mi-cuenta/movimientos/"))
    balances = [e.balance_after for e in clara.entries.order_by("-seq")]
    assert balances == [1598, 98, 99, 100]
    cells = [f'<td class="num">{balance:,}</td>' for balance in balances]
    places = [page.index(cell) for cell in cells]
    assert places == sorted(places), "newest first"
    assert "+1,500" in page
    assert "Transferencia 4512" in page
    assert "2 timbrados" in page


def test_what_else_was_done_to_the_client_is_not_in_its_statement(
    as_clara: Browser, clara: Client, alicia: User
) -> None:
    lifecycle.add_note(clara, text="Nota interna", by=alicia)
    lifecycle.suspend(clara, reason="Debe tres meses", by=alicia)
    lifecycle.activate(clara, by=alicia)
    clara.user.refresh_from_db()  # the suspension ended the session
    browser = Browser()
    browser.force_login(clara.user)
    for query in ({}, {"clase": "cambios"}, {"dia": str(timezone.localdate())}):
        page = text(browser.get("/mi-cuenta/movimientos/", query))
        assert ("Nota interna" in page, "Debe tres" in page) == (False, False)
        assert "Suspen" not in page
        assert "Asignación" in page or "asignación" in page
    assert "lo que no movió folios" not in page


def test_the_movements_name_no_key_of_the_reseller(
    as_clara: Browser, clara: Client, alicia: User
) -> None:
    assert alicia.reseller
    _, secret = ApiKey.issue(alicia.reseller, name="Servidor 3", scopes=Scope.values)
    Program(secret).stamp(clara.rfc, "F-1")
    page = text(as_clara.get("/mi-cuenta/movimientos/"))
    assert "Servidor 3" not in page
    assert "la aplicación · núm." in page


def test_a_day_of_many_movements_fetches_them_when_it_is_opened(
    as_clara: Browser, clara: Client
) -> None:
    spend(clara, 100)
    day = clara.reseller.local_date(timezone.now()).isoformat()
    page = text(as_clara.get("/mi-cuenta/movimientos/"))
    url = f"/mi-cuenta/movimientos/?dia={day}"
    assert f'hx-get="{url}"' in page
    asked = {"HX-Request": "true", "HX-Target": f"day-{day}"}
    part = as_clara.get(url, headers=asked)
    assert part.content.decode().count("Timbrado") == 50
    assert "HX-Request" in part["Vary"]
    assert "<html" not in part.content.decode()
    older = f'href="/mi-cuenta/movimientos/?dia={day}&amp;num='
    assert older in text(part)
    assert "<html" in text(as_clara.get(url)), "and without HTMX it is a page"


def test_many_days_have_pages(make_client: MakeClient) -> None:
    start = datetime(2026, 9, 1, 18, tzinfo=UTC)
    client = make_client(now=start)
    for number in range(1, 40):
        lifecycle.consume(
            client, reference=f"F-{number}", now=start + timedelta(days=number)
        )
    with time_machine.travel("2026-10-20T18:00:00Z", tick=False):
        first = page_of(client, "/mi-cuenta/movimientos/")
        assert first.count("1 timbrado") == 31
        assert 'href="/mi-cuenta/movimientos/?antes=2026-09-10"' in first
        second = page_of(client, "/mi-cuenta/movimientos/", antes="2026-09-10")
    assert second.count("1 timbrado") == 8
    assert "1 asignación" in second
    assert "Días más antiguos" not in second


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "0", "1e3", "²"])
def test_a_strange_page_is_no_error(as_clara: Browser, before: str) -> None:
    for name in ("statement", "visits"):
        url = reverse(f"portal:{name}")
        assert as_clara.get(url, {"antes": before}).status_code == 200


def test_the_statement_as_csv(as_clara: Browser, clara: Client, alicia: User) -> None:
    lifecycle.add_folios(
        clara,
        quantity=5,
        reason="=HYPERLINK(1)",
        activate=False,
        reference=factories.reference(),
        by=alicia,
    )
    response = as_clara.get("/mi-cuenta/movimientos.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "movimientos-EKU9003173C9.csv" in response["Content-Disposition"]
    header, granted, added = rows(response)
    assert header[:5] == ["Núm.", "Fecha", "Movimiento", "Folios", "Saldo"]
    assert granted[2:5] == ["asignación", "100", "100"]
    assert added[2:5] == ["recarga", "5", "105"]
    assert "'=HYPERLINK(1)" in added, "no formula for a spreadsheet"


@pytest.mark.parametrize("name", ["home", "statement", "visits"])
def test_a_page_costs_the_same_for_one_movement_and_for_fifty(
    as_clara: Browser, as_alicia: Browser, clara: Client, alicia: User, name: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            as_clara.get(reverse(f"portal:{name}"))
        return len(queries)

    lifecycle.enter(clara, reason="Ayuda", by=alicia)
    lifecycle.leave(clara, by=alicia)
    one = cost()
    spend(clara, 49)
    for _ in range(20):
        lifecycle.enter(clara, reason="Ayuda", by=alicia)
        lifecycle.leave(clara, by=alicia)
    assert cost() == one


# ── Who entered ───────────────────────────────────────────────────────────────────


def test_visits_are_listed_newest_first_with_name_time_length_and_reason(
    as_clara: Browser, clara: Client, alicia: User
) -> None:
    colleague = factories.UserFactory(name="Raúl Paz", reseller=alicia.reseller)
    start = datetime(2026, 3, 1, 18, tzinfo=UTC)
    lifecycle.enter(clara, reason="Primera vez", by=alicia, now=start)
    lifecycle.enter(clara, reason="Segunda", by=colleague, now=start)
    later = start + timedelta(minutes=4)
    lifecycle.leave(clara, by=colleague, now=later)
    page = text(as_clara.get("/mi-cuenta/accesos/"))
    assert page.index("Raúl Paz") < page.index("Alicia Gómez")
    assert "1 mar 2026 12:00" in page
    assert "4 minutos" in page
    assert "30 minutos" in page.partition("Primera vez")[0].rpartition("Alicia")[2], (
        "one that nobody left ran out"
    )


def test_many_visits_have_pages(as_clara: Browser, clara: Client, alicia: User) -> None:
    for number in range(30):
        lifecycle.enter(clara, reason=f"Visita {number:02}", by=alicia)
        lifecycle.leave(clara, by=alicia)
    first = text(as_clara.get("/mi-cuenta/accesos/"))
    assert first.count("Visita ") == 25
    assert "Visita 29" in first
    link = first.partition("?antes=")[2].partition('"')[0]
    second = text(as_clara.get("/mi-cuenta/accesos/", {"antes": link}))
    assert second.count("Visita ") == 5
    assert "Visita 00" in second


def test_without_visits_the_page_says_what_it_is_for(as_clara: Browser) -> None:
    assert "Nadie ha entrado" in text(as_clara.get("/mi-cuenta/accesos/"))
