"""The line under the heading of Clientes agrees with the rows, whatever is asked."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from clients import lifecycle, listing, paging, totals
from clients.models import Client
from tests import factories
from tests.cast import MakeClient

URL = reverse("clients:list")
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def line(response: HttpResponse) -> str:
    """The line in words, without its markup."""
    html = response.content.decode()
    found = re.search(r'<p class="sub" id="totals"[^>]*>(.*?)</p>', html, re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def rows(response: HttpResponse) -> list[tuple[str, int]]:
    """Names and folios of the rows of a page."""
    html = response.content.decode()
    found = re.findall(
        r'class="c-name"[^>]*>\s*<a [^>]*>([^<]+)</a>.*?c-folios[^>]*>\s*<b>([\d,]+)<',
        html,
        re.DOTALL,
    )
    return [(name, int(folios.replace(",", ""))) for name, folios in found]


@pytest.fixture
def running_out(make_client: MakeClient) -> Client:
    return spend(make_client, legal_name="Casi Agota")


def spend(make_client: MakeClient, **details: str) -> Client:
    """Has spent 4 of 100 folios a day: 4 are left, for one day."""
    start = timezone.now() - timedelta(days=23)
    client = make_client(**details, now=start)
    for day in range(24):
        lifecycle.consume(
            client,
            reference=f"F-{day}",
            quantity=4,
            now=start + timedelta(days=day),
        )
    return factories.fresh(client)


@pytest.fixture
def everyone(make_client: MakeClient, running_out: Client) -> None:
    make_client(legal_name="Activa SA")
    make_client(legal_name="Agotada SA", exhausted=True)
    make_client(legal_name="Expirada SA", expired=True)
    make_client(legal_name="Suspendida SA", suspended=True)
    make_client(legal_name="Archivada SA", archived=True)


ASKED = (
    "",
    "q=sa",
    "q=casi",
    "estatus=activo",
    "estatus=suspendido",
    "estatus=folios-agotados",
    "estatus=activo&q=a",
    "archivados=1",
    "folios_max=50",
    "sin_timbrar=0",
    "se_agotan=7",
    "vence_hasta=2099-01-01",
    "orden=folios",
)


@pytest.mark.parametrize("asked", ASKED)
def test_it_agrees_with_the_rows(
    asked: str, as_alicia: Browser, everyone: None
) -> None:
    response = as_alicia.get(f"{URL}?{asked}")
    shown = rows(response)
    said = line(response)
    folios = sum(number for _, number in shown)
    noun = "cliente" if len(shown) == 1 else "clientes"
    assert said.startswith(f"{len(shown)} {noun} · {folios:,} folio"), said
    soon = re.search(r'<a href="([^"]*)">a (\d+) se les? agotan', response.text)
    if soon:
        there = as_alicia.get(soon[1].replace("&amp;", "&"))
        assert [name for name, _ in rows(there)] == ["Casi Agota"]
        assert int(soon[2]) == 1
    else:
        kept_out = {"Casi Agota"} & {name for name, _ in shown}
        assert not kept_out or "se_agotan" in asked


def test_it_is_in_plain_spanish(as_alicia: Browser, running_out: Client) -> None:
    assert line(as_alicia.get(URL)) == (
        "1 cliente · 4 folios disponibles · a 1 se le agotan en 7 días"
    )
    lifecycle.consume(running_out, reference="x", quantity=3)
    assert line(as_alicia.get(URL)) == (
        "1 cliente · 1 folio disponible · a 1 se le agotan en 7 días"
    )
    nobody = line(as_alicia.get(URL, {"q": "nadie"}))
    assert (
        nobody == "0 clientes · 0 folios disponibles · a nadie se le agotan en 7 días"
    )


def test_without_clients_it_says_nothing(as_alicia: Browser) -> None:
    assert line(as_alicia.get(URL)) == ""


def test_who_cannot_stamp_does_not_run_out(as_alicia: Browser, everyone: None) -> None:
    for asked in ("estatus=suspendido", "estatus=expirado", "archivados=1"):
        assert "se le" not in line(as_alicia.get(f"{URL}?{asked}"))


def test_a_filter_by_the_same_days_is_not_said_twice(
    as_alicia: Browser, everyone: None
) -> None:
    said = line(as_alicia.get(URL, {"se_agotan": "3"}))
    assert said == "1 cliente · 4 folios disponibles"


def test_strangers_are_not_counted(as_beto: Browser, everyone: None) -> None:
    assert line(as_beto.get(URL)) == ""
    assert line(as_beto.get(URL, {"q": "sa"})).startswith("0 clientes · 0 folios")


def test_it_comes_with_the_rows_of_a_filter(as_alicia: Browser, everyone: None) -> None:
    answer = as_alicia.get(URL, {"q": "casi"}, headers=HTMX)
    assert 'id="totals" hx-swap-oob="true"' in answer.text
    assert line(answer).startswith("1 cliente · 4 folios")


def test_it_comes_with_the_row_of_a_verb(
    as_alicia: Browser, alicia: User, running_out: Client
) -> None:
    url = reverse("clients:add_folios", args=[running_out.public_id])
    row = f"row-{running_out.public_id}"
    at = {"HX-Current-URL": f"http://testserver{URL}", "HX-Target": row}
    answer = as_alicia.post(
        url,
        {"quantity": "500", "reference": factories.reference()},
        headers=HTMX | at,
    )
    assert line(answer) == (
        "1 cliente · 504 folios disponibles · a nadie se le agotan en 7 días"
    )
    assert line(as_alicia.get(URL)) == line(answer)


@pytest.fixture
def three_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (paging, listing, totals):
        monkeypatch.setattr(module, "COUNT_MAX", 3)


def test_of_many_it_adds_up_no_folios_and_says_so(
    as_alicia: Browser, everyone: None, three_are_counted: None
) -> None:
    """How many there are is known from the tally; who runs out is counted up to 3."""
    assert line(as_alicia.get(URL)) == (
        "5 clientes · los folios se suman hasta 3 clientes · a 1 se le agotan en 7 días"
    )
    said = line(as_alicia.get(URL, {"estatus": "suspendido"}))
    assert said == "1 cliente · 100 folios disponibles"


def test_where_more_run_out_than_are_counted_it_says_more_than(
    as_alicia: Browser,
    make_client: MakeClient,
    running_out: Client,
    three_are_counted: None,
) -> None:
    for _ in range(3):
        spend(make_client)
    make_client()
    said = line(as_alicia.get(URL))
    assert said.startswith("5 clientes · los folios se suman hasta 3")
    assert said.endswith(" · a más de 3 se les agotan en 7 días")


def test_where_not_all_are_counted_it_says_more_than(
    as_alicia: Browser, everyone: None, three_are_counted: None
) -> None:
    said = "Más de 3 clientes · los folios se suman hasta 3 clientes"
    since = line(as_alicia.get(URL, {"creado_desde": "2000-01-01"}))
    assert since == f"{said} · a 1 se le agotan en 7 días"
    assert line(as_alicia.get(URL, {"q": "ejemplo"})) == said


@pytest.mark.parametrize("asked", ["", "q=empresa", "orden=se_agotan"])
def test_one_and_fifty_cost_the_same_queries(
    asked: str,
    as_alicia: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """All but one of them are those of the list (test_clients_list.py), and a look
    whether its outlooks are fresh, which a list by pace has anyway."""
    make_client()
    # Words are looked up before; a list by pace says of when it is.
    queries = 17 if asked else 16
    for number in (1, 50):
        for _ in range(number - Client.objects.count()):
            make_client()
        as_alicia.get(f"{URL}?{asked}")
        with django_assert_num_queries(queries):
            as_alicia.get(f"{URL}?{asked}")
