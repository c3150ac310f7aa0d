"""Inicio: every number equals that of the list it links to; help for new resellers."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts import keys
from accounts.models import User
from clients import lifecycle
from clients.models import Client, Membership
from followup.first_steps import NEW_CLIENTS_MAX
from followup.home import MONTHS, FolioTotals, compared
from followup.models import HiddenSteps
from followup.totals import Totals
from tests import factories
from tests.cast import MakeClient, MakePackage

CARD = re.compile(r'<a class="kpi" href="([^"]+)">(.*?)</a>', re.DOTALL)
BARS = re.compile(r'<a class="slot[^"]*" href="([^"]+)" aria-label="([^"]+)">')
# Session, user, reseller; statuses and each list; the last stored day, the stored days,
# today's stamped and sold; the first steps; the tray, its clients, their tasks and
# their outlook; whether outlooks are fresh.
QUERIES = 27
FOLIOS = re.compile(r'data-l="(?:Timbrados|Vendidos)">([\d,−-]+)<')


def _html(browser: Browser, url: str) -> str:
    return unescape(browser.get(url).content.decode())


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def cards_of(html: str) -> dict[str, tuple[str, int]]:
    """For each label, the address and the number that the page shows."""
    cards = {}
    for url, inside in CARD.findall(html):
        label = re.sub(r"<[^>]+>", "", inside).strip().splitlines()[0]
        number = re.search(r"<strong>([\d,−-]+)</strong>", inside)
        assert number
        cards[label] = (url, _number(number[1]))
    return cards


def listed(browser: Browser, url: str) -> int:
    """How many clients the list at this address counts."""
    found = re.search(r"Clientes, ([\d,]+) en total", _html(browser, url))
    return _number(found[1]) if found else 0


def folios_of(browser: Browser, url: str) -> list[int]:
    """Stamped and sold in the last line of the month page."""
    found = FOLIOS.findall(_html(browser, url))
    return [_number(text) for text in found[-2:]] or [0, 0]


def assert_numbers_agree(browser: Browser) -> dict[str, int]:
    """Check every number of Inicio against its list; return the numbers by label."""
    html = _html(browser, "/")
    cards = cards_of(html)
    for label, (url, number) in cards.items():
        if url.startswith("/clientes/"):
            assert listed(browser, url) == number, label
        else:
            stamped, sold = folios_of(browser, url)
            assert number == (stamped if "timbrados" in label else sold), label
    bars = BARS.findall(html)
    assert len(bars) == MONTHS
    for url, said in bars:
        _, numbers = said.split(": ")
        shown = [_number(part.split()[0]) for part in numbers.split(", ")]
        assert shown == folios_of(browser, url), said
    assert waiting(html) == waiting(_html(browser, "/seguimiento/"))
    return {label: number for label, (_, number) in cards.items()}


def waiting(html: str) -> list[str]:
    """The names of the first five clients in the tray of Inicio or Seguimiento."""
    rows = html[html.index('<table class="tray">') :].split("</table>")[0]
    return re.findall(r'<td class="c-name"[^>]*>\s*<a [^>]*>(.*?)</a>', rows)[:5]


# ── The numbers ───────────────────────────────────────────────────────────────────


@pytest.fixture
def everyone(make_client: MakeClient, make_package: MakePackage) -> None:
    """Clients in every status and on every list, and some months of history."""
    now = timezone.now()
    monthly = make_package(name="Mensual", term_count=1, term_unit="month")
    for state in ("exhausted", "expired", "suspended", "archived"):
        make_client(**{state: True})
    for months_ago in range(8):
        then = now - timedelta(days=29 * months_ago + 3)
        client = make_client(now=then, package=monthly)
        for days in range(3):
            lifecycle.consume(
                client,
                reference=f"{days}",
                quantity=months_ago + days + 1,
                now=then + timedelta(days=days),
            )
    lifecycle.reverse(client, reference="2", by=None, now=now)
    lifecycle.add_folios(client, quantity=77, reference="x", by=None, now=now)


def test_every_number_equals_the_list_it_leads_to(
    everyone: None, as_alicia: Browser
) -> None:
    numbers = assert_numbers_agree(as_alicia)
    assert numbers["Folios vendidos este mes"] >= 77
    statuses = ("Activos", "Folios agotados", "Expirados", "Suspendidos")
    assert all(numbers[status] for status in statuses)
    assert sum(numbers[status] for status in statuses) == 11


def test_a_second_look_shows_the_same(everyone: None, as_alicia: Browser) -> None:
    first, again = (cards_of(_html(as_alicia, "/")) for _ in range(2))
    assert first == again


def test_who_expires_this_month_has_not_expired_yet(
    as_alicia: Browser, make_client: MakeClient, make_package: MakePackage
) -> None:
    """From today to the last day of the month, both included."""
    today = timezone.localdate()
    to_come = [date(today.year, today.month, 28) + timedelta(days=n) for n in range(4)]
    last = max(day for day in to_come if day.month == today.month)
    for ends_on in (today - timedelta(days=1), today, last, last + timedelta(days=1)):
        days = 40
        package = make_package(term_count=days, term_unit="day")
        born = timezone.now() - timedelta(days=days - (ends_on - today).days)
        make_client(package=package, now=born)
    url, number = cards_of(_html(as_alicia, "/"))["Vencen este mes"]
    assert number == 2
    assert url == f"/clientes/?vence_desde={today}&vence_hasta={last}"


def test_strangers_see_nothing_of_it(everyone: None, as_beto: Browser) -> None:
    assertContains(as_beto.get("/"), "0 de 5 hechos")


# ── This month and the last ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (112, 100, "+12 % contra octubre"),
        (34, 100, "−66 % contra octubre"),
        (100, 100, "+0 % contra octubre"),
        (0, 100, "−100 % contra octubre"),
        (123_456, 10, "+1,234,460 % contra octubre"),
        (5, 0, "ninguno en octubre"),
        (5, -3, "ninguno en octubre"),
    ],
)
def test_a_change_is_said_in_per_cent(now: int, before: int, said: str) -> None:
    assert compared(now, before, "octubre") == said


def notes(today: str, **stamped: int) -> str:
    days = {date.fromisoformat(day[1:]): Totals(n) for day, n in stamped.items()}
    return FolioTotals(days, date.fromisoformat(today)).cards[0].note


def test_a_month_is_compared_with_the_same_days_of_the_last_one() -> None:
    days = {"_2026-10-01": 10, "_2026-10-05": 10, "_2026-10-06": 80}
    assert notes("2026-11-05", **days, **{"_2026-11-05": 30}) == (
        "+50 % contra 1–5 de octubre"
    )


def test_the_31st_is_compared_with_the_whole_of_a_shorter_month() -> None:
    days = {"_2026-02-28": 10, "_2026-03-01": 5, "_2026-03-31": 10}
    assert notes("2026-03-31", **days) == "+50 % contra 1–28 de febrero"


def test_the_first_is_compared_with_the_first() -> None:
    days = {"_2026-10-01": 10, "_2026-10-02": 80}
    assert notes("2026-11-01", **days) == "−100 % contra 1 de octubre"


def test_january_is_compared_with_december() -> None:
    days = {"_2026-12-10": 10, "_2027-01-10": 10}
    assert notes("2027-01-10", **days) == "+0 % contra 1–10 de diciembre"


def test_the_chart_has_twelve_months_and_says_which_is_not_over() -> None:
    history = FolioTotals({date(2026, 11, 3): Totals(5, 7)}, date(2026, 11, 5))
    chart = history.chart
    assert [slot.tick for slot in chart.slots][0::11] == ["dic", "nov"]
    assert chart.groups[-1].says == (
        "noviembre de 2026, hasta hoy: 5 timbrados, 7 vendidos"
    )
    assert [slot.is_current for slot in chart.slots] == [False] * 11 + [True]


# ── The page ──────────────────────────────────────────────────────────────────────


def test_inicio_is_the_first_of_the_menu_after_the_search(as_alicia: Browser) -> None:
    menu = as_alicia.get("/").content.decode().split("<nav", 1)[1]
    search, first, *_ = re.findall(r'<a class="item" href="([^"]*)" (.*?)>', menu)
    assert search[0] == reverse("find")
    assert first == ("/", 'aria-current="page"')
    assertNotContains(as_alicia.get("/clientes/"), 'href="/" aria-current')


# ── The first steps ───────────────────────────────────────────────────────────────

STEPS = reverse("followup:steps")
BUSINESS = reverse("business")
STEP = re.compile(r"<li( class=\"is-done\")?>.*?<strong>(.*?)</strong>", re.DOTALL)


def done(browser: Browser) -> list[str]:
    """The second word of each step that is ticked off."""
    page = browser.get("/").text.partition('<ol class="steps">')[2].partition("</ol>")
    steps = STEP.findall(page[0])
    assert len(steps) in (0, 5)
    return [title.split()[1] for is_done, title in steps if is_done]


def test_a_new_reseller_sees_five_steps_each_with_its_link(as_alicia: Browser) -> None:
    response = as_alicia.get("/")
    assertContains(response, "0 de 5 hechos")
    assertContains(response, f'<a class="btn pri" href="{BUSINESS}">')
    for name in ("packages:list", "clients:create", "accounts:keys", "clients:list"):
        assertContains(response, f'<a class="btn" href="{reverse(name)}">')
    assertNotContains(response, "<figure")
    assertNotContains(response, "Ocultar")


def test_each_step_is_ticked_off_by_what_was_done(
    as_alicia: Browser, alicia: User, make_package: MakePackage
) -> None:
    assert done(as_alicia) == []
    as_alicia.post(BUSINESS, {"contact_email": "Hola@Alicia.mx"})
    assert done(as_alicia) == ["los"]
    package = make_package()
    assert done(as_alicia) == ["los", "su"]
    client = factories.make_client(package=package, by=alicia)
    Membership.objects.update(confirmed_at=None)  # has not followed the link yet
    assert done(as_alicia) == ["los", "su", "a"]
    lifecycle.consume(client, reference="a", quantity=1)
    assert done(as_alicia) == ["los", "su", "a", "lo"]
    assertContains(as_alicia.get("/"), "4 de 5 hechos")
    Membership.objects.update(confirmed_at=timezone.now())
    assertNotContains(as_alicia.get("/"), "Primeros pasos")


def test_a_key_connects_as_the_first_stamp_does(
    as_alicia: Browser, alicia: User
) -> None:
    assert alicia.reseller is not None
    keys.make(alicia.reseller, name="Caja", scopes=["stamps"], by=alicia)
    assert done(as_alicia) == ["lo"]


def test_what_another_reseller_did_ticks_nothing_off(
    as_beto: Browser, clara: Client
) -> None:
    assert done(as_beto) == []


def test_the_steps_are_hidden_for_the_reseller_and_shown_again(
    as_alicia: Browser, alicia: User, clara: Client, as_beto: Browser
) -> None:
    colleague = factories.UserFactory(reseller=alicia.reseller)
    assertContains(as_alicia.get("/"), "Ocultar")
    for _ in range(2):
        page = as_alicia.post(STEPS, follow=True)
    assertContains(page, "Se ocultaron los primeros pasos.")
    assertContains(page, f'action="{STEPS}?mostrar=1"')
    assertNotContains(page, 'class="steps"')
    as_colleague = Browser()
    as_colleague.force_login(colleague)
    assertNotContains(as_colleague.get("/"), 'class="steps"')
    assertContains(as_beto.get("/"), 'class="steps"')
    assert HiddenSteps.objects.get().by == alicia
    assertContains(as_alicia.post(f"{STEPS}?mostrar=1", follow=True), 'class="steps"')


def test_a_reseller_with_many_clients_is_not_new(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for _ in range(NEW_CLIENTS_MAX):
        make_client()
    assertContains(as_alicia.get("/"), "Primeros pasos")
    make_client(archived=True)
    assertNotContains(as_alicia.get("/"), "Primeros pasos")


# ── The business ──────────────────────────────────────────────────────────────────


def test_a_reseller_says_where_its_clients_reach_it(
    as_alicia: Browser, alicia: User
) -> None:
    page = as_alicia.post(BUSINESS, {"contact_email": " Hola@alicia.mx "}, follow=True)
    assertContains(page, "Se guardaron los datos de su negocio.")
    alicia.refresh_from_db()
    assert alicia.reseller is not None
    assert alicia.reseller.contact_email == "Hola@alicia.mx"
    refused = as_alicia.post(BUSINESS, {"contact_email": "no", "name": "Otra"})
    assert refused.status_code == 422
    alicia.reseller.refresh_from_db()
    assert alicia.reseller.contact_email == "Hola@alicia.mx"
    assert alicia.reseller.name == "Distribuidora Alicia"


def test_what_a_colleague_changed_meanwhile_is_said(
    as_alicia: Browser, alicia: User
) -> None:
    assert alicia.reseller is not None
    as_alicia.post(BUSINESS, {"contact_email": "uno@alicia.mx"})
    form = {"contact_email": "dos@alicia.mx", "initial-contact_email": ""}
    response = as_alicia.post(BUSINESS, form)
    assertContains(response, "Ahora es «uno@alicia.mx»", status_code=409)
    again = form | {"initial-contact_email": "uno@alicia.mx"}
    assert as_alicia.post(BUSINESS, again).status_code == 302
    alicia.reseller.refresh_from_db()
    assert alicia.reseller.contact_email == "dos@alicia.mx"


def test_one_client_and_fifty_cost_the_same_queries(
    as_alicia: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_client(exhausted=True, now=timezone.now() - timedelta(days=40))
    as_alicia.get("/")  # the first request of a day stores the past days
    with django_assert_num_queries(QUERIES):
        as_alicia.get("/")
    for _ in range(49):
        make_client(exhausted=True)
    as_alicia.get("/")  # and the first after something happened the outlooks
    with django_assert_num_queries(QUERIES):
        as_alicia.get("/")


def test_the_first_rows_of_the_tray_lead_to_it_and_agree_with_it(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client()
    assertContains(as_alicia.get("/"), "Está al día")
    for _ in range(7):
        make_client(exhausted=True)
    board, tray = _html(as_alicia, "/"), _html(as_alicia, "/seguimiento/")
    assert "Ver a los 7" in board
    assert "Todo<b>7</b>" in tray
    row = re.compile(r'<tr id="row-([^"]+)"')
    assert row.findall(board) == row.findall(tray)[:5]
