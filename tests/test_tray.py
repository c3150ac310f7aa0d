"""Seguimiento over HTTP: its clients, their order, each answer from click to row."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.template.defaultfilters import date as in_words
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from clients import lifecycle
from clients.forecast.outlook import outlooks
from clients.models import Answer, Channel, Client, EventKind, FollowUp, SuggestionKind
from followup.tray import Tray
from tests import factories
from tests.cast import MakeClient

TRAY = "/seguimiento/"
HX = {
    "HX-Request": "true",
    "HX-Target": "tray",
    "HX-Current-URL": f"http://testserver{TRAY}",
}


def today(client: Client) -> date:
    return client.reseller.local_date(timezone.now())


def suggestion(client: Client):  # type: ignore[no-untyped-def]
    found = outlooks([factories.fresh(client)], today(client))[client.pk].suggestion
    assert found
    return found


def add_task(client: Client, text: str = "Llamar", late: int = 0) -> None:
    moment = timezone.now() - timedelta(days=late)
    lifecycle.add_task(
        client,
        text=text,
        due_on=client.reseller.local_date(moment),
        key=uuid4(),
        by=None,
        now=moment,
    )


def answer(client: Client) -> None:
    made = suggestion(client)
    lifecycle.contacted(
        client, kind=made.kind, basis=made.basis, channel=Channel.EMAIL, by=None
    )


def names(html: str) -> list[str]:
    return re.findall(r'<td class="c-name"[^>]*>\s*<a [^>]*>([^<]*)', html)


def shown(browser: Browser, **asked: str) -> list[str]:
    return names(browser.get(TRAY, asked).content.decode())


def chips(html: str) -> dict[str, int]:
    found = re.findall(r'<a class="chip"[^>]*>([^<]*)<b>(\d+)</b>', html)
    return {label: int(number) for label, number in found}


# ── Which clients are in the tray ─────────────────────────────────────────────────


def test_tasks_lead_then_urgency(as_alicia: Browser, make_client: MakeClient) -> None:
    make_client(legal_name="Expirada", expired=True)
    make_client(legal_name="Agotada", exhausted=True)
    add_task(make_client(legal_name="Para hoy"))
    add_task(make_client(legal_name="Atrasada"), late=3)
    make_client(legal_name="Sin novedad")
    assert shown(as_alicia) == ["Atrasada", "Para hoy", "Agotada", "Expirada"]


def test_the_one_worth_more_comes_first(
    as_alicia: Browser, make_client: MakeClient, make_package: Callable[..., object]
) -> None:
    big = make_package(name="Grande", folios=1000)
    make_client(legal_name="Chica", exhausted=True)
    make_client(legal_name="Grande", exhausted=True, package=big)
    assert shown(as_alicia) == ["Grande", "Chica"]


def test_archived_ones_and_strangers_do_not_wait(
    as_alicia: Browser, as_beto: Browser, make_client: MakeClient
) -> None:
    client = make_client(legal_name="Agotada", exhausted=True)
    add_task(client)
    assert shown(as_beto) == []
    assertContains(as_beto.get(TRAY), "Está al día")
    lifecycle.archive(client, by=None)
    assert shown(as_alicia) == []


def test_each_chip_counts_what_it_shows(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Expirada", expired=True)
    add_task(make_client(legal_name="Agotada", exhausted=True))
    add_task(make_client(legal_name="Para hoy"))
    html = as_alicia.get(TRAY).content.decode()
    counts = chips(html)
    assert counts == {
        "Todo": 3,
        "Pendientes": 2,
        "Ofrecer folios": 1,
        "Ofrecer renovación": 1,
        "Ofrecer un paquete mayor": 0,
        "Avisar del sello": 0,
        "Llamar": 0,
        "Activar o archivar": 0,
    }
    urls = re.findall(r'<a class="chip" href="([^"]*)"', html)
    for url, count in zip(urls, counts.values(), strict=True):
        assert len(names(as_alicia.get(url).content.decode())) == count, url


def test_a_search_narrows_the_rows_and_the_counts(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Zapatería Núñez", exhausted=True)
    make_client(legal_name="Abarrotes", exhausted=True)
    response = as_alicia.get(TRAY, {"q": "nunez"})
    assert names(response.content.decode()) == ["Zapatería Núñez"]
    assert chips(response.content.decode())["Todo"] == 1
    assertContains(as_alicia.get(TRAY, {"q": "100% 'x"}), "Nadie coincide")


def test_pages_of_25_and_strange_addresses(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for number in range(27):
        make_client(legal_name=f"Cliente {number}", exhausted=True)
    first, second = shown(as_alicia), shown(as_alicia, pagina="2")
    assert (len(first), len(second)) == (25, 2)
    assert len({*first, *second}) == 27
    assert shown(as_alicia, pagina="9") == second
    for number in ("0", "-1", "x", "9" * 30):
        assert shown(as_alicia, pagina=number) == first
    assert len(shown(as_alicia, accion="x")) == 25


def test_the_same_queries_for_one_and_for_fifty(
    as_alicia: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    add_task(make_client(exhausted=True))
    as_alicia.get(TRAY)  # computes the outlook
    with django_assert_num_queries(13):
        as_alicia.get(TRAY)
    for _ in range(24):
        make_client(expired=True)
        add_task(make_client(exhausted=True))
    as_alicia.get(TRAY)
    with django_assert_num_queries(13):
        as_alicia.get(TRAY)


def test_the_row_says_why_what_to_offer_and_opens_the_dialog_filled_in(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    made = suggestion(client)
    response = as_alicia.get(TRAY)
    assertContains(response, made.reason)
    assertContains(response, made.offer)
    url = reverse("clients:add_folios", args=[client.public_id])
    assertContains(response, f'hx-get="{url}?quantity={made.quantity}"')
    dialog = as_alicia.get(f"{url}?quantity={made.quantity}", headers=HX)
    assertContains(dialog, f'name="quantity" value="{made.quantity}"')
    assertContains(dialog, f"<ins>{made.quantity:,}</ins>")
    assertContains(dialog, 'hx-target="#tray"')


@pytest.mark.parametrize("asked", ["0", "-5", "x", "9" * 30, "", "1.5"])
def test_a_link_that_proposes_nonsense_opens_the_plain_dialog(
    as_alicia: Browser, clara: Client, asked: str
) -> None:
    url = reverse("clients:add_folios", args=[clara.public_id])
    response = as_alicia.get(url, {"quantity": asked}, headers=HX)
    assert response.status_code == 200
    assertNotContains(response, "errorlist")
    assertContains(response, 'name="quantity"')
    assertNotContains(response, 'name="quantity" value')


def test_a_link_proposes_a_package_on_sale_and_no_other(
    as_alicia: Browser,
    beto: User,
    clara: Client,
    make_package: Callable[..., object],
) -> None:
    url = reverse("clients:renew", args=[clara.public_id])
    big = make_package(name="Grande", folios=900)
    foreign = factories.PackageFactory(reseller=beto.reseller, name="Ajeno")
    chosen = '<option value="{}" selected'
    for package, taken in ((big, True), (foreign, False)):
        given = str(package.public_id)  # type: ignore[attr-defined]
        html = as_alicia.get(url, {"package": given}, headers=HX).content.decode()
        assert (chosen.format(given) in html) is taken
    bad = as_alicia.get(url, {"package": "x"}, headers=HX)
    assertContains(bad, chosen.format(""))


# ── The answers ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Case:
    data: dict[str, str]
    says: str
    kind: EventKind
    invalid: dict[str, str]


CASES = {
    "postpone": Case(
        {"choice": "en 3 días"},
        "la sugerencia vuelve el",
        EventKind.POSTPONED,
        {"choice": "otro día", "until": ""},
    ),
    "dismiss": Case(
        {"reason": "Cierra en enero"},
        "sugerencia descartada",
        EventKind.DISMISSED,
        {"reason": " "},
    ),
    "contacted": Case(
        {"channel": "whatsapp"},
        "anotado como contactado por WhatsApp",
        EventKind.CONTACTED,
        {"channel": "pigeon"},
    ),
}
every_answer = pytest.mark.parametrize("verb", CASES)


def url(verb: str, client: Client) -> str:
    return reverse(f"followup:{verb}", args=[client.public_id])


def data(verb: str, client: Client) -> dict[str, str]:
    return CASES[verb].data | {"basis": suggestion(client).basis}


@pytest.fixture
def waiting(make_client: MakeClient) -> Client:
    return make_client(
        legal_name="Agotada",
        exhausted=True,
        contact_name="Ana",
        contact_phone="+527711234567",
    )


@pytest.fixture
def expired_too(make_client: MakeClient) -> Client:
    return make_client(legal_name="Expirada", expired=True)


@every_answer
def test_the_dialog_says_what_it_answers_and_changes_nothing(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    response = as_alicia.get(url(verb, waiting), headers=HX)
    assertContains(response, suggestion(waiting).reason)
    assertContains(response, 'hx-target="#tray"')
    assert response["HX-Retarget"] == "#dialog"
    assertContains(as_alicia.get(url(verb, waiting)), "<html")
    assert not FollowUp.objects.exists()


@every_answer
def test_success_answers_the_tray_without_it_the_counts_and_the_undo(
    as_alicia: Browser, alicia: User, waiting: Client, verb: str
) -> None:
    response = as_alicia.post(url(verb, waiting), data(verb, waiting), headers=HX)
    html = response.content.decode().strip()
    assert html.startswith('<div id="tray"')
    assert names(html) == []
    assert CASES[verb].says in html
    assert chips(html)["Todo"] == 0
    assert '<span class="n" id="tray-count" hx-swap-oob="true"></span>' in html
    seq = FollowUp.objects.get().seq
    undo = f"{url('resume', waiting)}?deshacer={seq}"
    assert f'hx-post="{undo}" hx-target="#tray"' in html
    event = waiting.events.latest("seq")
    assert (event.kind, event.by) == (CASES[verb].kind, alicia)


@every_answer
def test_the_undo_brings_it_back_in_one_answer(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    as_alicia.post(url(verb, waiting), data(verb, waiting), headers=HX)
    html = as_alicia.post(url("resume", waiting), headers=HX).content.decode()
    assert names(html) == ["Agotada"]
    assert chips(html)["Todo"] == 1
    assert not FollowUp.objects.exists()


@every_answer
def test_without_javascript_success_goes_back_to_the_tray(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    response = as_alicia.post(url(verb, waiting), data(verb, waiting), follow=True)
    assert response.redirect_chain == [(TRAY, 302)]
    assertContains(response, CASES[verb].says)
    assertContains(response, "Deshacer")
    assertRedirects(as_alicia.post(url("resume", waiting)), TRAY)


@every_answer
def test_wrong_input_shows_the_dialog_again(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    wrong = data(verb, waiting) | CASES[verb].invalid
    response = as_alicia.post(url(verb, waiting), wrong, headers=HX)
    assertContains(response, "errorlist", status_code=422)
    assert response["HX-Retarget"] == "#dialog"
    assert not FollowUp.objects.exists()


@every_answer
def test_nothing_to_answer_is_refused_with_the_reason(
    as_alicia: Browser, clara: Client, verb: str
) -> None:
    posted = CASES[verb].data | {"basis": "folios:100:none"}
    for response in (
        as_alicia.get(url(verb, clara), headers=HX),
        as_alicia.post(url(verb, clara), posted, headers=HX),
    ):
        assertContains(response, "Ya no hay nada que sugerir", status_code=409)
        assertNotContains(response, "Marcar como", status_code=409)
    assert not FollowUp.objects.exists()


@every_answer
def test_an_answer_to_what_changed_meanwhile_is_refused(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    seen = data(verb, waiting)
    lifecycle.add_folios(waiting, quantity=1, reference="k", by=None)
    response = as_alicia.post(url(verb, waiting), seen, headers=HX)
    assertContains(response, "cambió mientras tanto", status_code=409)
    assert not FollowUp.objects.exists()


@every_answer
def test_of_an_archived_client_nothing_is_answered(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    seen = data(verb, waiting)
    lifecycle.archive(waiting, by=None)
    response = as_alicia.post(url(verb, waiting), seen, headers=HX)
    assertContains(response, "está archivado", status_code=409)
    assert as_alicia.post(url("resume", waiting), headers=HX).status_code == 200
    assert waiting.events.latest("seq").kind == EventKind.ARCHIVED


@pytest.mark.parametrize("verb", [*CASES, "resume"])
def test_to_a_stranger_the_client_does_not_exist(
    as_beto: Browser, as_clara: Browser, waiting: Client, verb: str
) -> None:
    posted = data(verb, waiting) if verb in CASES else {}
    for browser in (as_beto, as_clara):
        assert browser.post(url(verb, waiting), posted).status_code == 404
    assert not FollowUp.objects.exists()


@every_answer
def test_a_double_click_does_it_once(
    as_alicia: Browser, waiting: Client, verb: str
) -> None:
    given = data(verb, waiting)
    for _ in range(2):
        response = as_alicia.post(url(verb, waiting), given, headers=HX)
        assert response.status_code == 200
    assert waiting.events.filter(kind=CASES[verb].kind).count() == 1


def test_a_day_of_ones_own_and_a_day_that_is_past(
    as_alicia: Browser, waiting: Client
) -> None:
    own = {"choice": "otro día", "basis": suggestion(waiting).basis}
    past = own | {"until": today(waiting).isoformat()}
    refused = as_alicia.post(url("postpone", waiting), past, headers=HX)
    assertContains(refused, "a partir de mañana", status_code=409)
    day = today(waiting) + timedelta(days=40)
    later = own | {"until": day.isoformat()}
    assert (
        as_alicia.post(url("postpone", waiting), later, headers=HX).status_code == 200
    )
    followup = FollowUp.objects.get()
    assert (followup.how, followup.until) == (Answer.POSTPONED, day)


def test_what_was_postponed_waits_again_on_its_day(waiting: Client) -> None:
    made = suggestion(waiting)
    day = today(waiting) + timedelta(days=3)
    lifecycle.postpone(waiting, kind=made.kind, basis=made.basis, until=day, by=None)
    before = Tray(waiting.reseller, day - timedelta(days=1), {})
    on_the_day = Tray(waiting.reseller, day, {})
    assert (before.rows, before.counts.total.number) == ([], 0)
    assert [row.client for row in on_the_day.rows] == [waiting]
    assert on_the_day.rows[0].suggestion is not None


def test_an_answer_holds_until_the_facts_change(waiting: Client) -> None:
    answer(waiting)
    assert not Tray(waiting.reseller, today(waiting), {}).rows
    lifecycle.add_folios(waiting, quantity=1, reference="k", by=None)
    lifecycle.consume(waiting, reference="f")
    assert Tray(waiting.reseller, today(waiting), {}).rows


def test_a_task_that_is_due_keeps_an_answered_client_in_the_tray(
    as_alicia: Browser, waiting: Client
) -> None:
    answer(waiting)
    add_task(waiting, "Confirmar pago")
    response = as_alicia.get(TRAY)
    assert names(response.content.decode()) == ["Agotada"]
    assertContains(response, "Confirmar pago")
    assertNotContains(response, suggestion(waiting).reason)
    task = waiting.tasks.get()
    done = reverse("clients:finish_task", args=[task.public_id])
    html = as_alicia.post(done, headers=HX).content.decode()
    assert html.strip().startswith('<div id="tray"')
    assert names(html) == []


@pytest.mark.parametrize("verb", ["add_folios", "renew"])
def test_the_action_itself_takes_the_row_out_in_one_answer(
    as_alicia: Browser, waiting: Client, make_client: MakeClient, verb: str
) -> None:
    make_client(legal_name="Otra", exhausted=True)
    given = {"reference": factories.reference(), "quantity": "500", "package": ""}
    address = reverse(f"clients:{verb}", args=[waiting.public_id])
    html = as_alicia.post(address, given, headers=HX).content.decode().strip()
    assert html.startswith('<div id="tray"')
    assert names(html) == ["Otra"]
    assert chips(html)["Todo"] == 1
    assert re.search(r'id="tray-count" hx-swap-oob="true">1<', html)
    assert 'hx-swap-oob="beforeend:#toasts"' in html


def test_the_answer_follows_the_filters_of_the_page(
    as_alicia: Browser, waiting: Client, make_client: MakeClient
) -> None:
    make_client(legal_name="Expirada", expired=True)
    make_client(legal_name="Otra agotada", exhausted=True)
    page = f"http://testserver{TRAY}?accion=ofrecer-folios&q=agotada"
    headers = HX | {"HX-Current-URL": page}
    given = data("dismiss", waiting)
    response = as_alicia.post(url("dismiss", waiting), given, headers=headers)
    html = response.content.decode()
    assert names(html) == ["Otra agotada"]
    assert chips(html)["Todo"] == 1  # of those that the search found
    assert re.search(r'id="tray-count" hx-swap-oob="true">2<', html)  # of all clients


def test_after_the_last_row_of_the_last_page_the_page_before_it_is_shown(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    clients = [make_client(exhausted=True) for _ in range(26)]
    tray = Tray(clients[0].reseller, today(clients[0]), {"pagina": "2"})
    (last,) = [row.client for row in tray.rows]
    headers = HX | {"HX-Current-URL": f"http://testserver{TRAY}?pagina=2"}
    response = as_alicia.post(
        url("dismiss", last), data("dismiss", last), headers=headers
    )
    assert len(names(response.content.decode())) == 25


def test_on_the_home_page_the_first_rows_come_back(
    as_alicia: Browser, waiting: Client, make_client: MakeClient
) -> None:
    for number in range(6):
        make_client(legal_name=f"Otra {number}", exhausted=True)
    headers = {
        "HX-Request": "true",
        "HX-Target": "first-rows",
        "HX-Current-URL": "http://testserver/",
    }
    dialog = as_alicia.get(url("dismiss", waiting), headers=headers)
    assertContains(dialog, 'hx-target="#first-rows"')
    given = data("dismiss", waiting)
    response = as_alicia.post(url("dismiss", waiting), given, headers=headers)
    html = response.content.decode().strip()
    assert html.startswith('<section class="card" id="first-rows"')
    assert len(names(html)) == 5
    assert "Ver a los 6" in html
    assert re.search(r'id="tray-count" hx-swap-oob="true">6<', html)


# ── The count in the menu ─────────────────────────────────────────────────────────


def counted(browser: Browser) -> str:
    response: HttpResponse = browser.get("/seguimiento/cuenta/")  # type: ignore[assignment]
    found = re.search(r'id="tray-count">([\d,]*)', response.content.decode())
    assert found
    return found[1]


def test_pages_do_not_count_but_ask_for_the_count_afterwards(
    as_alicia: Browser, waiting: Client
) -> None:
    page = as_alicia.get("/paquetes/")
    assertContains(page, 'hx-get="/seguimiento/cuenta/" hx-trigger="load"')
    assert counted(as_alicia) == "1"


def test_the_count_is_kept_until_a_person_of_the_reseller_does_something(
    as_alicia: Browser, as_beto: Browser, waiting: Client, make_client: MakeClient
) -> None:
    assert counted(as_alicia) == "1"
    make_client(legal_name="Otra", exhausted=True)
    note = reverse("clients:add_note", args=[waiting.public_id])
    as_beto.post(note, {"text": "No es suyo"})
    assert counted(as_alicia) == "1"
    as_alicia.post(note, {"text": "Llamó"})
    assert counted(as_alicia) == "2"


def test_whatever_is_done_in_the_tray_counts_anew(
    as_alicia: Browser, waiting: Client, expired_too: Client
) -> None:
    """Adding folios is no verb of follow-up, but it updates the count too."""
    assert counted(as_alicia) == "2"
    given = {"reference": factories.reference(), "quantity": "500"}
    address = reverse("clients:add_folios", args=[waiting.public_id])
    page = HX | {"HX-Current-URL": f"http://testserver{TRAY}?q=agotada"}
    as_alicia.post(address, given, headers=page)
    assert counted(as_alicia) == "1"


def test_each_reseller_has_a_count_of_its_own(
    as_alicia: Browser, as_beto: Browser, waiting: Client
) -> None:
    assert (counted(as_alicia), counted(as_beto)) == ("1", "")


def test_the_menu_is_of_resellers_alone(as_clara: Browser) -> None:
    assertNotContains(as_clara.get("/mi-cuenta/"), "tray-count")


# ── Hostile names ─────────────────────────────────────────────────────────────────


def test_markup_stays_text(as_alicia: Browser, make_client: MakeClient) -> None:
    name = '"><img src=x onerror=alert(1)>'
    client = make_client(legal_name=name, contact_name=name, exhausted=True)
    add_task(client, name)
    for page in (TRAY, *(url(verb, client) for verb in CASES)):
        assertNotContains(as_alicia.get(page), "<img")


def test_every_kind_has_a_chip_of_its_own_address() -> None:
    assert len({kind.label for kind in SuggestionKind}) == len(SuggestionKind)


# ── On the page of the client ─────────────────────────────────────────────────────


def detail(client: Client) -> str:
    return reverse("clients:detail", args=[client.public_id])


def test_the_detail_offers_every_answer(as_alicia: Browser, waiting: Client) -> None:
    page = as_alicia.get(detail(waiting))
    for verb in CASES:
        assertContains(page, f'hx-get="{url(verb, waiting)}"')
    headers = HX | {"HX-Current-URL": f"http://testserver{detail(waiting)}"}
    dialog = as_alicia.get(url("postpone", waiting), headers=headers)
    assertContains(dialog, 'hx-target="#client"')


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("postpone", "pospuesto hasta el {until:%-d} {month} {until:%Y} por Alicia"),
        ("dismiss", "descartado el {on} por Alicia Gómez: «Cierra en enero»"),
        ("contacted", "contactado por WhatsApp el {on}; lo anotó Alicia Gómez"),
    ],
)
def test_the_detail_says_what_was_answered_and_takes_it_back(
    as_alicia: Browser, waiting: Client, verb: str, says: str
) -> None:
    headers = HX | {"HX-Target": "client"}
    response = as_alicia.post(url(verb, waiting), data(verb, waiting), headers=headers)
    assert response.content.decode().strip().startswith('<div id="client"')
    until = today(waiting) + timedelta(days=3)
    sentence = says.format(
        until=until,
        month=in_words(until, "b"),
        on=in_words(today(waiting), "j b Y"),
    )
    assertContains(response, sentence)
    seq = FollowUp.objects.get().seq
    undo = f"{url('resume', waiting)}?deshacer={seq}"
    assertContains(response, f'hx-post="{undo}" hx-target="#client"')
    assertNotContains(response, f'hx-get="{url(verb, waiting)}"')
    back = as_alicia.post(url("resume", waiting), headers=headers)
    assertContains(back, f'hx-get="{url(verb, waiting)}"')
    assertNotContains(back, "Reanudar")


def test_what_was_answered_is_not_suggested_in_the_table_either(
    as_alicia: Browser, waiting: Client
) -> None:
    assertContains(as_alicia.get("/clientes/"), 'class="hint"')
    answer(waiting)
    assertNotContains(as_alicia.get("/clientes/"), 'class="hint"')


def test_an_answer_to_former_facts_is_not_shown(
    as_alicia: Browser, waiting: Client
) -> None:
    answer(waiting)
    lifecycle.add_folios(waiting, quantity=1, reference="k", by=None)
    assertNotContains(as_alicia.get(detail(waiting)), "Reanudar")


# ── Edge cases ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("basis", ["same", "other"])
@pytest.mark.parametrize("ahead", [1, 2, 3, 4])
def test_the_tray_and_the_detail_agree_on_what_holds(
    waiting: Client, basis: str, ahead: int
) -> None:
    """The rule in SQL and in Python agrees, before and after that day."""
    made = suggestion(waiting)
    given = made.basis if basis == "same" else "folios:1:none"
    until = today(waiting) + timedelta(days=3)
    lifecycle.postpone(waiting, kind=made.kind, basis=given, until=until, by=None)
    day = today(waiting) + timedelta(days=ahead)
    outlook = outlooks([factories.fresh(waiting)], day)[waiting.pk]
    counted = Tray(waiting.reseller, day, {}).counts.total
    assert bool(outlook.unanswered) is bool(counted)
    assert bool(counted) is (basis == "other" or ahead >= 3)


@pytest.mark.parametrize("verb", ["activate", "archive"])
def test_a_suspended_client_is_activated_or_archived_with_one_click(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(legal_name="Suspendida")
    long_ago = timezone.now() - timedelta(days=40)
    lifecycle.suspend(client, reason="Debe", by=None, now=long_ago)
    address = reverse(f"clients:{verb}", args=[client.public_id])
    page = as_alicia.get(TRAY, {"accion": "activar-o-archivar"})
    assertContains(page, f'hx-post="{address}" hx-target="#tray"')
    html = as_alicia.post(address, headers=HX).content.decode()
    assert names(html) == []
    undo = re.search(r'hx-post="([^"]*deshacer=\d+)" hx-target="#tray"', html)
    assert undo
    back = as_alicia.post(undo[1], headers=HX).content.decode()
    assert back.strip().startswith('<div id="tray"')
