"""The table of Clientes: its columns, filters, counts, sorts and pages."""

import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from clients.sorts import SORTS
from packages.models import Package
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
    # Where the screen is narrow, Creado folds under the name.
    assert " ".join(head.split()) == (
        "Razón social Creado Paquete Folios Se agotan Estatus Creado Vigencia Acciones"
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


def test_folios_are_said_beside_those_of_the_plan(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.add_folios(clara, quantity=135, reference="a", by=None)
    text = re.sub(r"<[^>]+>", "", as_alicia.get(URL).content.decode())
    assert "235 · plan 100" in text


def test_the_meter_is_against_what_was_received_since_the_last_renewal(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    def meter() -> tuple[str, str]:
        html = as_alicia.get(URL).content.decode()
        (found,) = re.findall(r'<meter .*?max="(\d+)".*?value="(\d+)"', html)
        return found

    lifecycle.add_folios(clara, quantity=200, reference="a", by=alicia)
    lifecycle.consume(clara, reference="b", quantity=30)
    assert meter() == ("300", "270")
    undone = lifecycle.add_folios(clara, quantity=500, reference="c", by=alicia)
    assert meter() == ("800", "770")
    lifecycle.undo_addition(clara, seq=undone.seq, by=alicia)
    assert meter() == ("300", "270")
    lifecycle.renew(clara, reference="d", by=alicia)
    assert meter() == ("370", "370")  # leftovers: it is full until they are spent
    lifecycle.consume(clara, reference="e", quantity=320)
    assert meter() == ("100", "50")


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


def links(response: HttpResponse, label: str) -> dict[str, str]:
    """The links of a group (its name is `label`): text → address."""
    html = response.content.decode().partition(f'aria-label="{label}"')[2]
    found = re.findall(
        r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html.split("</nav>")[0]
    )
    return {re.sub(r"<[^>]+>", "", text): unescape(url) for url, text in found}


def test_each_preset_finds_whom_it_names(
    as_alicia: Browser, make_client: MakeClient, make_package: MakePackage
) -> None:
    now, today = timezone.now(), timezone.localdate()

    def ends_on(day: date, name: str) -> None:
        client = make_client(legal_name=name)
        Client.objects.filter(pk=client.pk).update(expires_on=day)

    first = today.replace(day=1)
    ends_on(first, "Este mes")
    ends_on(first - timedelta(days=1), "El mes pasado")
    ends_on(today, "Hoy")
    ends_on(today + timedelta(days=30), "En treinta")
    ends_on(today + timedelta(days=31), "En treinta y uno")
    ends_on(today - timedelta(days=60), "Hace sesenta")
    ends_on(today - timedelta(days=61), "Hace sesenta y uno")
    make_client(legal_name="Callada", now=now - timedelta(days=60))
    presets = links(as_alicia.get(URL), "Filtros preparados")

    def found(label: str) -> set[str]:
        return set(names(as_alicia.get(f"{URL}{presets[label]}")))

    assert {"Este mes", "Hoy"} <= found("Vencen este mes")
    assert not {"El mes pasado", "Hace sesenta", "Callada"} & found("Vencen este mes")
    assert {"Hoy", "En treinta"} <= found("Vencen en 30 días")
    assert "En treinta y uno" not in found("Vencen en 30 días")
    assert found("Vencidos hace más de 60 días") == {"Hace sesenta y uno"}
    assert found("Sin timbrar 60 días") == {"Callada"}


def test_a_preset_keeps_the_search_and_takes_the_place_of_another(
    as_alicia: Browser, clara: Client
) -> None:
    query = {"q": "kemper", "orden": "folios", "sin_timbrar": "60", "pagina": "2"}
    response = as_alicia.get(URL, query)
    presets = links(response, "Filtros preparados")
    asked = dict(parse_qsl(presets["Vencen en 30 días"][1:]))
    assert set(asked) == {"q", "orden", "vence_desde", "vence_hasta"}
    # The one in use is marked, and leads back to the list without it.
    assertContains(response, 'aria-current="true">Sin timbrar 60 días')
    assert presets["Sin timbrar 60 días"] == "?q=kemper&orden=folios"


def test_each_filter_in_use_is_a_pill_that_takes_off_that_one_alone(
    as_alicia: Browser, clara: Client, pyme: Package
) -> None:
    query = {
        "q": "kemper",
        "paquete": str(pyme.public_id),
        "vence_desde": "2026-02-01",
        "folios_max": "1,500",
        "estatus": "activo",
        "orden": "folios",
    }
    pills = links(as_alicia.get(URL, query), "Filtros en uso")
    gone = {
        label: set(query) - set(dict(parse_qsl(url[1:])))
        for label, url in pills.items()
    }
    assert gone == {
        "Buscar: «kemper»: quitar": {"q"},
        "Paquete: PYME: quitar": {"paquete"},
        "Vence desde: 01/02/2026: quitar": {"vence_desde"},
        "Folios, máximo: 1,500: quitar": {"folios_max"},
        "Quitar todos": {"q", "paquete", "vence_desde", "folios_max"},
    }


def test_a_preset_in_use_is_one_pill(as_alicia: Browser, clara: Client) -> None:
    presets = links(as_alicia.get(URL), "Filtros preparados")
    response = as_alicia.get(f"{URL}{presets['Vencen este mes']}")
    assert links(response, "Filtros en uso") == {"Vencen este mes: quitar": "?"}


def test_without_filters_there_is_no_pill(as_alicia: Browser, clara: Client) -> None:
    query = {"estatus": "activo", "orden": "folios", "folios_max": "1.5.5"}
    assertNotContains(as_alicia.get(URL, query), "Filtros en uso")


def test_a_list_without_heads_is_sorted_by_name(
    as_alicia: Browser, clara: Client
) -> None:
    def chosen(**query: str) -> tuple[str, str]:
        html = as_alicia.get(URL, query).content.decode()
        options = html.partition('id="sorting"')[2].partition("</select>")[0]
        assert options.count("<option") == 2 * len(SORTS)
        ((value, label),) = re.findall(
            r'<option value="([^"]*)" selected>(.*?)<', options
        )
        return value, label

    assert chosen() == ("", "Los más nuevos")
    assert chosen(orden="-creado") == ("", "Los más nuevos")
    assert chosen(orden="vigencia") == ("vigencia", "Vencen primero")


def test_htmx_gets_the_presets_and_the_pills_of_what_it_filtered(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(URL, {"q": "kemper"}, headers=HX)
    assert links(response, "Filtros en uso") == {"Buscar: «kemper»: quitar": "?"}
    for url in links(response, "Filtros preparados").values():
        assert url.startswith("?q=kemper&")


def test_a_row_names_two_actions_and_has_the_others_in_its_menu(
    as_alicia: Browser, everyone: dict[str, Client]
) -> None:
    def shown(**query: str) -> dict[str, tuple[list[str], list[str]]]:
        html = as_alicia.get(URL, query).content.decode()
        found = {}
        for row in html.split('<tr id="row-')[1:]:
            main, _, rest = row.partition(" popover ")
            verbs = [re.findall(r'data-action="(\w+)"', part) for part in (main, rest)]
            name = re.findall(r'title="([^"]*)"', row)[0]
            found[name] = (verbs[0], verbs[1])
        return found

    rows = shown()
    assert rows["Activa SA"][0] == ["renew", "add_folios"]
    assert rows["Agotada SA"][1] == ["enter", "edit_plan", "suspend", "archive"]
    assert rows["Suspendida SA"][0] == ["activate", "renew"]
    assert shown(archivados="1")["Archivada SA"] == (["restore"], [])


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
    as_alicia.get(URL)  # keeps the outlook
    # Session, user, their list and views, packages, the outlook…
    with django_assert_num_queries(16):
        as_alicia.get(URL, {"por_pagina": 50})
    for _ in range(49):
        make_client()
    as_alicia.get(URL, {"por_pagina": 50})
    with django_assert_num_queries(16):
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
