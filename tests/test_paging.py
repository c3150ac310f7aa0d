"""The pages of the table: by number, and beside the client where another page ends."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients import lifecycle, listing, paging
from clients.sorts import SORTS
from tests.cast import MakeClient, MakePackage
from tests.factories import reference

URL = reverse("clients:list")
SIZE = 25
EVERY_SORT = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


def names(response: HttpResponse) -> list[str]:
    html = response.content.decode()
    return re.findall(r'class="c-name"[^>]*>\s*<a href="[^"]*">([^<]*)</a>', html)


def link(response: HttpResponse, text: str) -> str:
    """The address of a link of the pages; empty if there is none."""
    html = response.content.decode()
    foot = html[html.index('aria-label="Páginas"') :]
    for url, inside in re.findall(r'href="([^"]*)"[^>]*>(.*?)</a>', foot, re.DOTALL):
        if text in inside:
            return URL + unescape(url)
    return ""


@pytest.fixture
def many(make_client: MakeClient, make_package: MakePackage, alicia: User) -> None:
    """Sixty clients of all statuses, many with the same name, day, package or folios,
    and some without term."""
    endless = make_package(name="Sin término", term_count=None)
    month = make_package(name="Mes", term_count=1, term_unit="month", folios=20)
    start = timezone.now() - timedelta(days=80)
    for n in range(60):
        client = make_client(
            legal_name=f"Empresa {n % 7}",
            package=(endless, month)[n % 2],
            now=start + timedelta(days=n % 9),
            exhausted=n % 5 == 0,
            suspended=n % 11 == 0,
        )
        if n % 3 == 0 and n % 5 and n % 11 and n % 2 == 0:
            lifecycle.consume(client, reference=reference(), quantity=n % 4 + 1)


@pytest.mark.parametrize("sort", EVERY_SORT)
def test_next_and_previous_find_every_client_once(
    many: None, as_alicia: Browser, sort: str
) -> None:
    html = as_alicia.get(URL, {"orden": sort, "por_pagina": 100}).content.decode()
    whole = re.findall(r'id="row-([0-9a-f-]{36})"', html)
    assert len(set(whole)) == 60
    page = as_alicia.get(URL, {"orden": sort})
    pages = [page]
    while url := link(page, "Siguiente"):
        assert "despues=" in url
        page = as_alicia.get(url)
        pages.append(page)
    assert [pk for one in pages for pk in _ids(one)] == whole
    while url := link(page, "Anterior"):
        pages.pop()
        page = as_alicia.get(url)
        assert _ids(page) == _ids(pages[-1])
    assert len(pages) == 1
    for number in (1, 2, 3):
        page = as_alicia.get(URL, {"orden": sort, "pagina": number})
        assert _ids(page) == whole[SIZE * (number - 1) : SIZE * number]


def _ids(response: HttpResponse) -> list[str]:
    return re.findall(r'id="row-([0-9a-f-]{36})"', response.content.decode())


def test_a_new_client_does_not_push_rows_onto_the_next_page(
    many: None, as_alicia: Browser, make_client: MakeClient
) -> None:
    first = as_alicia.get(URL)
    url = link(first, "Siguiente")
    before = _ids(as_alicia.get(url))
    make_client(legal_name="Recién llegado")
    assert _ids(as_alicia.get(url)) == before
    by_number = as_alicia.get(URL, {"pagina": 2})
    assert _ids(by_number)[0] == _ids(first)[-1]


def test_the_last_page_is_a_link_that_counts_from_the_end(
    many: None, as_alicia: Browser
) -> None:
    url = link(as_alicia.get(URL), "Última")
    last = as_alicia.get(url)
    assert len(_ids(last)) == 10
    assert link(last, "Siguiente") == link(last, "Última") == ""
    assert "51–60 de 60 clientes" in last.content.decode()
    assert _ids(as_alicia.get(link(last, "Primera"))) == _ids(as_alicia.get(URL))


@pytest.mark.parametrize(
    "query",
    [
        {"pagina": "9999999"},
        {"pagina": "0"},
        {"pagina": "2", "despues": "nobody"},
        {"pagina": "2", "antes": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_page_that_does_not_exist_is_the_nearest_one(
    many: None, as_alicia: Browser, query: dict[str, str]
) -> None:
    page = as_alicia.get(URL, query)
    assert page.status_code == 200
    assert len(_ids(page)) in (10, 25)


def test_beside_a_strangers_client_there_is_nothing_to_see(
    many: None, as_beto: Browser, as_alicia: Browser
) -> None:
    theirs = _ids(as_alicia.get(URL))[0]
    page = as_beto.get(URL, {"pagina": "2", "despues": theirs})
    assert _ids(page) == []


def test_htmx_keeps_the_place_in_the_address(many: None, as_alicia: Browser) -> None:
    url = link(as_alicia.get(URL), "Siguiente")
    answer = as_alicia.get(url, headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == url
    assert _ids(as_alicia.get(answer["HX-Push-Url"])) == _ids(answer)


@pytest.fixture
def few_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_MAX", 30)
    monkeypatch.setattr(listing, "COUNT_MAX", 30)


def test_where_too_many_match_their_number_is_not_said(
    many: None, few_are_counted: None, as_alicia: Browser
) -> None:
    found = as_alicia.get(URL, {"q": "empresa"})
    html = found.content.decode()
    assert "1–25 de más de 30 clientes" in html
    assert "Todos<b>30+</b>" in html
    assert re.search(r">Suspendidos</a>", html)
    assert link(found, "Última") == ""
    seen = [*_ids(found)]
    while url := link(found, "Siguiente"):
        found = as_alicia.get(url)
        seen += _ids(found)
    assert len(seen) == len(set(seen)) == 60


def test_a_status_among_too_many_is_counted_by_itself(
    many: None, few_are_counted: None, as_alicia: Browser
) -> None:
    html = as_alicia.get(
        URL, {"q": "empresa", "estatus": "suspendido"}
    ).content.decode()
    assert "1–6 de 6 clientes" in html


def test_without_filters_every_number_is_exact(
    many: None, few_are_counted: None, as_alicia: Browser
) -> None:
    html = as_alicia.get(URL).content.decode()
    assert "1–25 de 60 clientes" in html
    assert "Suspendidos<b>6</b>" in html
