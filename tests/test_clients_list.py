"""The table of Clientes: its columns, filters, counts, sorts and pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from clients import lifecycle
from clients.filters import SORTS
from clients.models import Client
from tests import factories
from tests.cast import MakeClient, MakePackage

URL = reverse("clients:list")
HX = {"HX-Request": "true", "HX-Target": "results"}


def names(response: object) -> list[str]:
    """The names in the rows of the table, in the order of the page."""
    html = response.content.decode()  # type: ignore[attr-defined]
    return re.findall(r'<td class="c-name"[^>]*>\s*<a [^>]*>(.*?)</a>', html)


def counts(response: object) -> dict[str, int]:
    html = response.content.decode()  # type: ignore[attr-defined]
    return {
        label.strip(): int(number)
        for label, number in re.findall(
            r'<a class="chip[^>]*>(?:<svg.*?</svg>)?(.*?)<b>(\d+)</b>', html
        )
    }


@pytest.fixture
def everyone(make_client: MakeClient) -> dict[str, Client]:
    """One client in every status, and one archived."""
    return {
        "active": make_client(legal_name="Activa SA"),
        "exhausted": make_client(legal_name="Agotada SA", exhausted=True),
        "expired": make_client(legal_name="Expirada SA", expired=True),
        "suspended": make_client(
            legal_name="Suspendida SA", suspended=True, expired=True
        ),
        "archived": make_client(legal_name="Archivada SA", archived=True),
    }


def test_the_seven_columns_have_their_names(as_alicia: Browser, clara: Client) -> None:
    html = as_alicia.get(URL).content.decode()
    head = re.sub(r"<[^>]+>", " ", html[html.index("<thead") : html.index("</thead")])
    # Folios sorts by number and by how long they last; where the screen is narrow,
    # Creado folds under Vigencia.
    assert " ".join(head.split()) == (
        "Razón social Paquete Folios Se agotan Estatus Creado Vigencia Creado Acciones"
    )


def test_a_row_says_rfc_package_folios_status_and_both_days(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(URL)
    for text in ("EKU9003173C9", "PYME", "<meter", "Activo", 'value="100"'):
        assertContains(response, text)
    assert clara.expires_on is not None
    assertContains(response, f'datetime="{clara.expires_on.isoformat()}"')
    assertContains(response, "en 12 meses")


def test_a_balance_above_a_thousand_does_not_break_the_meter(
    as_alicia: Browser, make_package: MakePackage
) -> None:
    factories.make_client(package=make_package(folios=2500))
    assertContains(as_alicia.get(URL), 'value="2500"')


def test_chips_count_every_status_and_the_archived_apart(
    as_alicia: Browser, everyone: dict[str, Client]
) -> None:
    assert counts(as_alicia.get(URL)) == {
        "Todos": 4,
        "Activos": 1,
        "Folios agotados": 1,
        "Expirados": 1,
        "Suspendidos": 1,
        "Archivados": 1,
    }


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("activo", "Activa SA"),
        ("folios-agotados", "Agotada SA"),
        ("expirado", "Expirada SA"),
        ("suspendido", "Suspendida SA"),
    ],
)
def test_a_chip_shows_as_many_rows_as_its_number(
    as_alicia: Browser, everyone: dict[str, Client], slug: str, name: str
) -> None:
    assert names(as_alicia.get(URL, {"estatus": slug})) == [name]


def test_a_suspended_client_that_is_also_expired_says_so(
    as_alicia: Browser, everyone: dict[str, Client]
) -> None:
    response = as_alicia.get(URL, {"estatus": "suspendido"})
    assertContains(response, "también expirado")


def test_counts_follow_the_search(
    as_alicia: Browser, everyone: dict[str, Client]
) -> None:
    found = counts(as_alicia.get(URL, {"q": "expirada"}))
    assert (found["Todos"], found["Expirados"], found["Activos"]) == (1, 1, 0)


def test_the_archived_have_a_list_of_their_own(
    as_alicia: Browser, everyone: dict[str, Client]
) -> None:
    assert "Archivada SA" not in names(as_alicia.get(URL))
    response = as_alicia.get(URL, {"archivados": "1"})
    assert names(response) == ["Archivada SA"]
    assertContains(response, "Restaurar")
    assertNotContains(response, 'data-action="renew"')


@pytest.mark.parametrize("text", ["ñandu", "NANDÚ", "nan bajio", "clara@", "EKU90"])
def test_search_ignores_case_and_accents_and_looks_at_name_rfc_and_mail(
    as_alicia: Browser, make_client: MakeClient, text: str
) -> None:
    make_client(
        legal_name="Transportes Ñandú del Bajío",
        rfc="EKU9003173C9",
        contact_email="clara@kemper.mx",
    )
    make_client(legal_name="Otra SA")
    assert names(as_alicia.get(URL, {"q": text})) == ["Transportes Ñandú del Bajío"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; --', "a" * 5000])
def test_any_text_can_be_searched(as_alicia: Browser, clara: Client, text: str) -> None:
    response = as_alicia.get(URL, {"q": text})
    assert response.status_code == 200
    assert names(response) == []


def test_filters_by_package_days_and_folios(
    as_alicia: Browser, make_client: MakeClient, make_package: MakePackage
) -> None:
    free = make_package(name="Libre", folios=5, term_count=None)
    now = timezone.now()
    make_client(legal_name="Vieja", now=now - timedelta(days=30))
    make_client(legal_name="Sin término", package=free)
    today = timezone.localdate()

    def found(**query: object) -> list[str]:
        return sorted(names(as_alicia.get(URL, query)))

    assert found(paquete=free.public_id) == ["Sin término"]
    assert found(folios_max=5) == ["Sin término"]
    assert found(creado_desde=today - timedelta(days=2)) == ["Sin término"]
    assert found(creado_hasta=today - timedelta(days=2)) == ["Vieja"]
    assert found(vence_desde=today) == ["Vieja"]
    assert found(vence_hasta=today) == []


@pytest.mark.parametrize(
    "query",
    [
        {"vence_desde": "31/31/2027"},
        {"folios_max": "-1"},
        {"folios_max": "9" * 40},
        {"paquete": "00000000-0000-4000-8000-000000000000"},
        {"paquete": "nada"},
        {"estatus": "inventado"},
        {"orden": "password"},
        {"orden": "-reseller__name"},
        {"pagina": "-3"},
        {"pagina": "abc"},
        {"por_pagina": "1000000"},
        {"archivados": "quizá"},
    ],
)
def test_a_filter_that_makes_no_sense_limits_nothing(
    as_alicia: Browser, clara: Client, query: dict[str, str]
) -> None:
    response = as_alicia.get(URL, query)
    assert response.status_code == 200
    assert names(response) == ["ESCUELA KEMPER URGATE"]


@pytest.mark.parametrize("key", SORTS)
def test_every_column_sorts_both_ways(
    as_alicia: Browser, everyone: dict[str, Client], key: str
) -> None:
    up = names(as_alicia.get(URL, {"orden": key}))
    down = names(as_alicia.get(URL, {"orden": f"-{key}"}))
    assert len(up) == 4
    assert sorted(up) == sorted(down)
    if key in {"razon_social", "folios", "creado", "estatus", "vigencia"}:
        assert up != down
    if key == "razon_social":
        assert up == sorted(up)


def test_names_sort_as_in_spanish(as_alicia: Browser, make_client: MakeClient) -> None:
    for name in ("Ñandú", "Nuez", "Ábaco", "Oso", "acero"):
        make_client(legal_name=name)
    found = names(as_alicia.get(URL, {"orden": "razon_social"}))
    assert found == ["Ábaco", "acero", "Nuez", "Ñandú", "Oso"]


def test_pages_hold_25_50_or_100_and_never_overlap(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for number in range(27):
        make_client(legal_name=f"Empresa {number:02}")
    first = names(as_alicia.get(URL))
    second = names(as_alicia.get(URL, {"pagina": 2}))
    assert (len(first), len(second)) == (25, 2)
    assert not set(first) & set(second)
    assert len(names(as_alicia.get(URL, {"por_pagina": 50}))) == 27


def test_htmx_gets_the_rows_and_the_counts_alone(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(URL, {"q": "kemper", "estatus": ""}, headers=HX)
    assertNotContains(response, "<html")
    assertContains(response, 'id="results"')
    assertContains(response, 'id="chips"')
    assertContains(response, "hx-swap-oob")
    assert response["HX-Push-Url"] == f"{URL}?q=kemper"
    assert "HX-Request" in response["Vary"]


def test_back_gets_a_whole_page(as_alicia: Browser, clara: Client) -> None:
    restore = HX | {"HX-History-Restore-Request": "true"}
    assertContains(as_alicia.get(URL, headers=restore), "<html")


def test_an_empty_list_teaches_the_first_step(as_alicia: Browser) -> None:
    assertContains(as_alicia.get(URL), "Agregue su primer cliente")


def test_a_search_without_result_offers_the_way_back(
    as_alicia: Browser, clara: Client
) -> None:
    assertContains(as_alicia.get(URL, {"q": "nadie"}), "Quitar los filtros")


def test_an_empty_archive_says_what_it_is_for(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(URL, {"archivados": "1"})
    assertContains(response, "No hay clientes archivados")


def test_strangers_see_nothing_of_it(as_beto: Browser, clara: Client) -> None:
    response = as_beto.get(URL)
    assertNotContains(response, "KEMPER")
    assert counts(response)["Todos"] == 0


def test_markup_in_a_name_is_text(as_alicia: Browser, make_client: MakeClient) -> None:
    make_client(legal_name='<script>alert("x")</script> & Cía')
    response = as_alicia.get(URL)
    assertNotContains(response, "<script>alert")
    assertContains(response, "&lt;script&gt;alert")


def test_one_row_and_fifty_cost_the_same_queries(
    as_alicia: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_client()
    with django_assert_num_queries(10):  # session, user, packages, the outlook…
        as_alicia.get(URL, {"por_pagina": 50})
    for _ in range(49):
        make_client()
    with django_assert_num_queries(10):
        response = as_alicia.get(URL, {"por_pagina": 50})
    assert len(names(response)) == 50


def test_a_client_expires_on_screen_when_its_last_day_is_over(
    as_alicia: Browser, alicia: object, make_client: MakeClient
) -> None:
    """No job runs at midnight: the unchanged row is expired one day later."""
    client = make_client(now=timezone.now() - timedelta(days=366))
    assert client.expires_on is not None
    assert client.expires_on < timezone.localdate()
    assertContains(as_alicia.get(URL), "Expirado")
    lifecycle.renew(client, reference=factories.reference(), by=None)
    assertContains(as_alicia.get(URL), "Activo")
