"""Saved views: a person's own lists with a name, each an address that can be sent."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import lists
from accounts.models import SavedView, User
from accounts.models.lists import NAME_MAX, QUERY_MAX
from accounts.text import UnprintableText
from clients.columns import COLUMNS
from clients.models import Client
from clients.presets import presets
from clients.saved import address_of
from packages.models import Package
from tests import factories
from tests.cast import MakeClient
from tests.test_columns import heads

URL = reverse("clients:list")
SAVE = reverse("clients:save_view")
LATE = "?estatus=expirado&orden=-vigencia&columnas=telefono,vigencia"
HX = {"HX-Request": "true", "HX-Target": "results"}


def saved_from(browser: Browser, address: str, **sent: Any) -> HttpResponse:
    """Save the list at this address."""
    came_from = {"Referer": f"http://testserver{URL}{address}"}
    data = {"name": "Cobranza", "is_default": ""} | sent
    return browser.post(SAVE, data, headers=came_from)


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def own(name: str, view: SavedView) -> str:
    return reverse(f"clients:{name}", args=[view.public_id])


@pytest.fixture
def as_colleague(alicia: User) -> Browser:
    browser = Browser()
    browser.force_login(factories.UserFactory(reseller=alicia.reseller))
    return browser


@pytest.fixture
def view(alicia: User) -> SavedView:
    query = "estatus=expirado&columnas=telefono%2Cvigencia"
    return lists.save_view(alicia, name="Cobranza", query=query)


# ── Saving and opening ────────────────────────────────────────────────────────────


def test_a_view_keeps_filters_sort_and_columns_and_not_the_page(
    as_alicia: Browser, pyme: Package, clara: Client
) -> None:
    address = f"{LATE}&paquete={pyme.public_id}&q=kem&pagina=3&por_pagina=50&x=1"
    response = saved_from(as_alicia, address)
    assert response.status_code == 302
    assert asked(response["Location"]) == {
        "q": "kem",
        "paquete": str(pyme.public_id),
        "estatus": "expirado",
        "orden": "-vigencia",
        "columnas": "telefono,vigencia",
    }
    page = as_alicia.get(response["Location"])
    assertContains(page, "Se guardó la vista Cobranza.")
    assertContains(page, 'aria-label="Vistas; se ve Cobranza"')
    assertContains(page, 'aria-current="page" hx-disable><span>Cobranza')


def test_the_dialog_says_what_will_be_kept(as_alicia: Browser, clara: Client) -> None:
    came_from = {"Referer": f"http://testserver{URL}{LATE}&q=kem&archivados=1"}
    page = as_alicia.get(SAVE, headers=came_from)
    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    assert "Filtros expirado · archivados · Buscar: «kem»" in text
    assert "Orden Vencen al último" in text
    assert "Columnas Teléfono, Vigencia" in text


def test_own_columns_become_those_of_the_view(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    """So that it stays what it was when the person chooses others."""
    lists.set_columns(alicia, ["correo"])
    opened = saved_from(as_alicia, "?orden=folios")["Location"]
    lists.set_columns(alicia, ["creado"])
    assert heads(as_alicia.get(opened)) == ["Correo"]


def test_what_makes_no_sense_is_not_kept(as_alicia: Browser, clara: Client) -> None:
    address = "?vence_desde=ayer&folios_max=-1&orden=clave&estatus=x&columnas=x"
    assert list(asked(saved_from(as_alicia, address)["Location"])) == ["columnas"]


def test_a_ready_made_filter_goes_on_meaning_the_day_that_is_today(
    as_alicia: Browser, clara: Client
) -> None:
    today = timezone.localdate()
    month, *_ = presets(today)
    query = "&".join(f"{name}={value}" for name, value in month.query.items())
    opened = saved_from(as_alicia, f"?{query}&columnas=vigencia")["Location"]
    assert asked(opened) == month.query | {"columnas": "vigencia"}
    kept = SavedView.objects.get().query
    assert kept == "preparado=este_mes&columnas=vigencia"
    later = today + timedelta(days=45)
    then = dict(parse_qsl(address_of(kept, later)[1:]))
    assert then == presets(later)[0].query | {"columnas": "vigencia"}
    assert address_of("preparado=nada&q=a", today) == "?q=a"


def test_a_link_opens_for_a_second_log_in_of_the_same_reseller(
    as_alicia: Browser,
    as_colleague: Browser,
    as_beto: Browser,
    make_client: MakeClient,
) -> None:
    make_client(legal_name="Expirada SA", expired=True)
    make_client(legal_name="Activa SA")
    opened = saved_from(as_alicia, LATE)["Location"]
    for browser in (as_alicia, as_colleague):
        page = browser.get(opened)
        assert heads(page) == ["Teléfono", "Vigencia"]
        assertContains(page, "Expirada SA")
        assertNotContains(page, "Activa SA")
        assertContains(page, 'aria-sort="descending"', 1)
    assertNotContains(as_colleague.get(URL), "Cobranza")
    assertNotContains(as_beto.get(opened), "Expirada SA")


def test_the_list_that_is_open_has_an_address_to_send(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    lists.set_columns(alicia, ["correo"])
    assertContains(
        as_alicia.get(URL, {"q": "kem", "estatus": "activo"}),
        f'href="{URL}?q=kem&amp;estatus=activo&amp;columnas=correo"',
    )


def test_htmx_gets_the_menu_of_the_list_that_it_asks_for(
    as_alicia: Browser, view: SavedView, clara: Client
) -> None:
    address = {"estatus": "expirado", "columnas": "telefono,vigencia"}
    menu = as_alicia.get(URL, address, headers=HX)
    assertContains(menu, 'id="views" hx-swap-oob="true"')
    assertContains(menu, "se ve Cobranza")
    assertNotContains(as_alicia.get(URL, {"q": "x"}, headers=HX), "se ve Cobranza")


# ── The one that the list opens with ──────────────────────────────────────────────


def test_the_list_opens_with_the_default_view(
    as_alicia: Browser, as_colleague: Browser, clara: Client
) -> None:
    opened = saved_from(as_alicia, LATE, is_default="on")["Location"]
    assert as_alicia.get(URL)["Location"] == opened
    assert as_colleague.get(URL).status_code == 200
    # Whatever is asked for is what is shown.
    for other in ("?todos=1", "?q=", "?estatus=activo", "?pagina=1", "?x=1"):
        assert as_alicia.get(f"{URL}{other}").status_code == 200
    assert as_alicia.get(URL, headers=HX).status_code == 200


def test_with_a_default_view_the_whole_list_has_an_address(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for _ in range(30):
        make_client()
    saved_from(as_alicia, "?estatus=expirado&columnas=folios", is_default="on")
    whole = as_alicia.get(f"{URL}?todos=1")
    assertContains(whole, 'class="chip" href="?todos=1"')  # Todos
    assertContains(whole, f'href="{URL}?todos=1"')  # Ver la lista completa
    assertContains(whole, 'href="?estatus=activo"')
    form = as_alicia.get(URL, {"q": "", "paquete": ""}, headers=HX)
    assert form["HX-Push-Url"] == f"{URL}?todos=1"
    some = as_alicia.get(URL, {"q": "nadie", "todos": "1"}, headers=HX)
    assert some["HX-Push-Url"] == f"{URL}?q=nadie"
    assertContains(some, f'href="{URL}?todos=1">Quitar los filtros')
    following = as_alicia.get(URL, {"todos": "1", "pagina": "2"}, headers=HX)
    assert following["HX-Push-Url"] == f"{URL}?pagina=2"


def test_after_an_action_the_chips_lead_to_the_whole_list_too(
    as_alicia: Browser, clara: Client, view: SavedView
) -> None:
    lists.change_view(view, name="Cobranza", is_default=True)
    url = reverse("clients:suspend", args=[clara.public_id])
    here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{URL}?todos=1"}
    row = as_alicia.post(url, {"reason": "No ha pagado"}, headers=here)
    assertContains(row, 'class="chip" href="?todos=1"')


def test_a_newer_default_takes_the_place_of_the_older(
    as_alicia: Browser, alicia: User, view: SavedView
) -> None:
    for name in ("Una", "Otra"):
        saved_from(as_alicia, "?columnas=folios", name=name, is_default="on")
    defaults = SavedView.objects.filter(is_default=True)
    assert [one.name for one in defaults] == ["Otra"]
    url = own("change_view", view)
    as_alicia.post(url, {"name": "Cobranza", "is_default": "on"})
    assert [one.name for one in defaults.all()] == ["Cobranza"]
    as_alicia.post(url, {"name": "Cobranza"})
    assert not defaults.all()
    assert as_alicia.get(URL).status_code == 200


# ── Changing ──────────────────────────────────────────────────────────────────────


def test_a_view_is_renamed(as_alicia: Browser, view: SavedView) -> None:
    came_from = {"Referer": f"http://testserver{URL}{LATE}"}
    url = own("change_view", view)
    assertContains(as_alicia.get(url, headers=came_from), 'value="Cobranza"')
    response = as_alicia.post(url, {"name": " Por cobrar "}, headers=came_from)
    assert asked(response["Location"]) == asked(LATE)
    view.refresh_from_db()
    assert (view.name, view.is_default) == ("Por cobrar", False)


def test_a_view_is_replaced_with_the_list_that_is_open(
    as_alicia: Browser, view: SavedView
) -> None:
    lists.change_view(view, name="Cobranza", is_default=True)
    sent = {"view": view.public_id, "name": ""}
    response = saved_from(as_alicia, "?q=abc&columnas=correo", **sent)
    assert asked(response["Location"]) == {"q": "abc", "columnas": "correo"}
    view.refresh_from_db()
    assert view.query == "q=abc&columnas=correo"
    assert (view.name, view.is_default) == ("Cobranza", True)
    assert SavedView.objects.count() == 1


def test_a_view_is_removed_after_asking(
    as_alicia: Browser, view: SavedView, clara: Client
) -> None:
    url = own("remove_view", view)
    assertContains(as_alicia.get(url), "Deja de estar en su menú")
    assert SavedView.objects.exists()
    response = as_alicia.post(url, headers={"Referer": f"http://testserver{URL}{LATE}"})
    assert asked(response["Location"]) == asked(LATE)
    assert not SavedView.objects.exists()
    assertContains(as_alicia.get(response["Location"]), "Se eliminó la vista Cobranza.")
    assert as_alicia.post(url).status_code == 404


# ── Limits and names ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Escriba cómo se llamará."),
        ("   ", "Escriba cómo se llamará."),
        ("x" * (NAME_MAX + 1), f"{NAME_MAX}"),
        ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("a\nb", "salto de línea"),
        ("cobranza", "Ya tiene una vista que se llama cobranza"),
        (" COBRANZA ", "Ya tiene una vista que se llama COBRANZA"),
    ],
)
def test_a_name_is_refused_in_words(
    as_alicia: Browser, view: SavedView, name: str, said: str
) -> None:
    response = saved_from(as_alicia, LATE, name=name)
    assert response.status_code in {409, 422}
    assertContains(response, said, status_code=response.status_code)
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb"])
def test_a_verb_refuses_it_too(alicia: User, view: SavedView, name: str) -> None:
    with pytest.raises((lists.ViewRefused, UnprintableText)):
        lists.save_view(alicia, name=name, query="")
    with pytest.raises((lists.ViewRefused, UnprintableText)):
        lists.change_view(view, name=name, is_default=False)


def test_two_people_may_have_a_view_of_one_name(
    as_alicia: Browser, as_colleague: Browser
) -> None:
    for browser in (as_alicia, as_colleague):
        assert saved_from(browser, LATE).status_code == 302
    assert SavedView.objects.count() == 2


def test_a_name_that_looks_like_markup_is_text(
    as_alicia: Browser, clara: Client
) -> None:
    saved_from(as_alicia, LATE, name="<img src=x> & 'é'")
    for url in (URL, own("change_view", SavedView.objects.get())):
        page = as_alicia.get(url)
        assertNotContains(page, "<img src=x>")
        assertContains(page, "&lt;img src=x&gt; &amp;")


def test_there_are_so_many_views_and_no_more(as_alicia: Browser, alicia: User) -> None:
    for number in range(lists.VIEWS_MAX):
        lists.save_view(alicia, name=f"Vista {number}", query="")
    refused = saved_from(as_alicia, LATE)
    assertContains(refused, "que es el máximo", status_code=409)
    last = SavedView.objects.first()
    assert last
    assert saved_from(as_alicia, LATE, view=last.public_id).status_code == 302
    lists.remove_view(last)
    assert saved_from(as_alicia, LATE).status_code == 302


def test_a_view_has_a_longest_address(alicia: User, view: SavedView) -> None:
    longest = "q=" + "x" * (QUERY_MAX - 2)
    lists.replace_view(view, query=longest)
    for save in (
        lambda: lists.replace_view(view, query=longest + "x"),
        lambda: lists.save_view(alicia, name="Otra", query=longest + "x"),
    ):
        with pytest.raises(lists.ViewTooLong):
            save()


def test_every_filter_and_column_together_fit(
    as_alicia: Browser, pyme: Package, clara: Client
) -> None:
    address = (
        f"?q={'%C3%B1' * 100}&paquete={pyme.public_id}&estatus=suspendido&archivados=1"
        "&vence_desde=2026-01-01&vence_hasta=2026-12-31&creado_desde=2020-01-01"
        "&creado_hasta=2026-12-31&folios_max=9007199254740992&se_agotan=365"
        "&deja_de_facturar=365&sin_timbrar=365&orden=-deja_de_facturar"
        f"&columnas={','.join(COLUMNS)}"
    )
    response = saved_from(as_alicia, address)
    assert response.status_code == 302
    assert len(asked(response["Location"])) == 14
    assert as_alicia.get(response["Location"]).status_code == 200


def test_a_view_that_was_removed_in_another_tab_is_said_to_be(
    as_alicia: Browser, view: SavedView
) -> None:
    gone = SavedView.objects.get()
    lists.remove_view(view)
    with pytest.raises(lists.ViewGone):
        lists.replace_view(gone, query="")
    replaced = saved_from(as_alicia, LATE, view=gone.public_id, name="")
    assert replaced.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one_default_and_pass_no_limit(alicia: User) -> None:
    for number in range(lists.VIEWS_MAX - 1):
        lists.save_view(alicia, name=f"Vista {number}", query="")

    def save(number: int) -> bool:
        try:
            lists.save_view(alicia, name=f"Más {number}", query="", is_default=True)
        except lists.TooManyViews:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as tabs:
        saved = list(tabs.map(save, range(4)))
    assert saved.count(True) == 1
    assert SavedView.objects.count() == lists.VIEWS_MAX
    assert SavedView.objects.filter(is_default=True).count() == 1


# ── Nobody else's ─────────────────────────────────────────────────────────────────


def test_a_colleague_never_sees_nor_changes_a_view(
    as_colleague: Browser, view: SavedView
) -> None:
    for name in ("change_view", "remove_view"):
        for url in (own(name, view), reverse(f"clients:{name}", args=[uuid4()])):
            assert as_colleague.get(url).status_code == 404
            assert as_colleague.post(url, {"name": "Mía"}).status_code == 404
    replaced = saved_from(as_colleague, LATE, view=view.public_id, name="")
    assert replaced.status_code in {302, 422}
    before = view.query
    view.refresh_from_db()
    assert (view.name, view.query) == ("Cobranza", before)


def test_one_view_and_thirty_cost_the_same_queries(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    counted = []
    as_alicia.get(URL)
    for numbers in (range(1), range(1, lists.VIEWS_MAX)):
        for number in numbers:
            lists.save_view(alicia, name=f"Vista {number}", query="columnas=folios")
        with CaptureQueriesContext(connection) as queries:
            as_alicia.get(URL)
        counted.append(len(queries))
    assert counted == [16, 16]


def test_without_htmx_the_dialogs_are_pages(
    as_alicia: Browser, view: SavedView, clara: Client
) -> None:
    urls = [reverse("clients:columns"), SAVE]
    urls += [own(name, view) for name in ("change_view", "remove_view")]
    for url in urls:
        page = as_alicia.get(f"{url}?desde={URL}%3Fq%3Dkem")
        assertContains(page, "<html")
        assertContains(page, f'name="desde" value="{URL}?q=kem"')
        fragment: Callable[..., HttpResponse] = as_alicia.get
        assertNotContains(fragment(url, headers={"HX-Request": "true"}), "<html")
