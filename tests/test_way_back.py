"""The way back: the list's page and filters, from wherever it led, with and without
JavaScript; and no header that breaks it.

Law: api.md, "URLs of the panel": filters, sort and page are in the query string.
"""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import escape
from django_htmx.middleware import HtmxDetails
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clients import lifecycle
from clients.models import Client
from packages.models import Package
from reseller_panel import limits, way_back
from tests import factories
from tests.cast import MakeClient, MakePackage

LIST = reverse("clients:list")
FILTERED = f"{LIST}?q=empresa&orden=folios&por_pagina=25&pagina=2"
TRAY = f"{reverse('followup:tray')}?accion=ofrecer-folios"
MONTH = f"{reverse('followup:month')}?mes=2026-11"
ACTIVITY = f"{reverse('programs:activity')}?cliente=EKU9003173C9"
LISTS = [FILTERED, TRAY, MONTH, ACTIVITY]


def hx(page: str, **more: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"} | more


def carrying(client: Client, page: str) -> str:
    return f"{client.get_absolute_url()}?{urlencode({'desde': page})}"


def back_link(url: str) -> str:
    return f'<p class="back"><a href="{escape(url)}#row-'


@pytest.fixture
def thirty(make_client: MakeClient) -> list[Client]:
    return [make_client(legal_name=f"Empresa {number:02}") for number in range(30)]


# ── The address ───────────────────────────────────────────────────────────────────


def test_the_page_is_in_the_address_like_the_filters(
    as_alicia: Browser, thirty: list[Client]
) -> None:
    page = as_alicia.get(FILTERED, headers={"HX-Request": "true"})
    assert page["HX-Push-Url"] == FILTERED
    beyond = FILTERED.replace("&pagina=2", "&pagina=9")
    assert as_alicia.get(beyond, headers=hx(LIST))["HX-Push-Url"] == FILTERED
    first = FILTERED.replace("&pagina=2", "&pagina=1")
    pushed = as_alicia.get(first, headers=hx(LIST))["HX-Push-Url"]
    assert pushed == FILTERED.replace("&pagina=2", "")


def test_the_chip_of_the_archived_keeps_the_filters_that_it_counted(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Lejana SA", archived=True)
    make_client(legal_name="Otra SA", archived=True)
    response = as_alicia.get(LIST, {"q": "lejana", "estatus": "activo"})
    assertContains(response, 'href="?q=lejana&amp;archivados=1"')
    away = as_alicia.get(LIST, {"q": "lejana", "archivados": "1"})
    assertContains(away, "Lejana SA")
    assertNotContains(away, "Otra SA")
    assertContains(away, f'href="{LIST}?q=lejana"')


# ── There and back ────────────────────────────────────────────────────────────────


def test_every_list_links_to_a_client_with_the_way_back(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.consume(clara, reference="a", quantity=95)
    for page in (f"{LIST}?q=kemper", TRAY, MONTH, ACTIVITY, "/"):
        assertContains(as_alicia.get(page), f'href="{escape(carrying(clara, page))}"')


def test_the_plain_list_needs_not_be_carried(as_alicia: Browser, clara: Client) -> None:
    assertContains(as_alicia.get(LIST), f'href="{clara.get_absolute_url()}"')


@pytest.mark.parametrize("page", LISTS)
def test_the_client_leads_back_to_the_same_page_and_filters(
    as_alicia: Browser, clara: Client, page: str
) -> None:
    assertContains(as_alicia.get(carrying(clara, page)), back_link(page))
    # A link that carried nothing: the browser says where it was.
    referred = as_alicia.get(
        clara.get_absolute_url(), headers={"Referer": f"http://testserver{page}"}
    )
    assertContains(referred, back_link(page))


@pytest.mark.parametrize("page", LISTS)
def test_what_is_below_the_client_leads_back_through_it(
    as_alicia: Browser, clara: Client, page: str
) -> None:
    lifecycle.consume(clara, reference="CFDI")
    html = as_alicia.get(carrying(clara, page)).content.decode()
    came = urlencode({"desde": page})
    for name in ("statement", "notes"):
        tab = reverse(f"clients:{name}", args=[clara.public_id])
        assert f'href="{escape(f"{tab}?{came}")}"' in html
        beside = as_alicia.get(f"{tab}?{came}")
        assertContains(beside, f'href="{escape(carrying(clara, page))}"')
        assertContains(beside, back_link(page))
    assert escape(f"{carrying(clara, page)}&grafica=meses#forecast") in html


def test_after_an_action_its_page_keeps_the_chart_and_the_way_back(
    as_alicia: Browser, clara: Client
) -> None:
    here = f"{carrying(clara, FILTERED)}&grafica=meses"
    response = as_alicia.post(
        reverse("clients:suspend", args=[clara.public_id]),
        {"reason": "No ha pagado"},
        headers=hx(here, **{"HX-Target": "client"}),
    )
    assertContains(response, "Por día")
    assertContains(response, escape(urlencode({"desde": FILTERED})))


def test_a_row_changed_in_place_still_carries_its_list(
    as_alicia: Browser, clara: Client
) -> None:
    row = f"row-{clara.public_id}"
    response = as_alicia.post(
        reverse("clients:suspend", args=[clara.public_id]),
        {"reason": "No ha pagado"},
        headers=hx(FILTERED, **{"HX-Target": row}),
    )
    assertContains(response, f'href="{escape(carrying(clara, FILTERED))}"')


# ── Without JavaScript ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", [FILTERED, TRAY])
@pytest.mark.parametrize("verb", ["suspend", "add_folios", "edit_plan", "renew"])
def test_a_dialog_without_javascript_goes_back_to_its_page(
    as_alicia: Browser, clara: Client, verb: str, page: str
) -> None:
    url = reverse(f"clients:{verb}", args=[clara.public_id])
    for place in (page, carrying(clara, page)):
        dialog = as_alicia.get(url, headers={"Referer": f"http://testserver{place}"})
        assertContains(dialog, f'<a class="btn" href="{escape(place)}" data-close>')
        assertContains(dialog, f'name="desde" value="{escape(place)}"')


@pytest.mark.parametrize("verb", ["suspend", "archive"])
def test_after_an_action_without_javascript_one_is_where_one_was(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    for place in ("list", "client"):
        client = make_client(exhausted=True)
        page = FILTERED if place == "list" else carrying(client, FILTERED)
        url = reverse(f"clients:{verb}", args=[client.public_id])
        data = {"reason": "No ha pagado", "desde": page}
        response = as_alicia.post(url, data)
        assertRedirects(response, page, fetch_redirect_response=False)


def test_a_button_of_one_click_without_javascript_stays_on_the_page(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(suspended=True)
    response = as_alicia.post(
        reverse("clients:activate", args=[client.public_id]),
        headers={"Referer": f"http://testserver{FILTERED}"},
    )
    assertRedirects(response, FILTERED, fetch_redirect_response=False)


def test_refused_the_dialog_still_knows_the_way_back(
    as_alicia: Browser, clara: Client
) -> None:
    url = reverse("clients:suspend", args=[clara.public_id])
    response = as_alicia.post(url, {"reason": "", "desde": FILTERED})
    assert response.status_code == 422
    assertContains(
        response, f'name="desde" value="{escape(FILTERED)}"', status_code=422
    )


def test_a_new_client_leads_back_to_the_list_it_was_added_from(
    as_alicia: Browser, pyme: Package
) -> None:
    referred = {"Referer": f"http://testserver{FILTERED}"}
    form = as_alicia.get(reverse("clients:create"), headers=referred)
    assertContains(form, f'<a class="btn" href="{escape(FILTERED)}">Cancelar</a>')
    assertContains(form, f'name="desde" value="{escape(FILTERED)}"')
    made = as_alicia.post(
        reverse("clients:create"),
        {
            "rfc": "EKU9003173C9",
            "legal_name": "ESCUELA KEMPER URGATE",
            "tax_regime": "601",
            "postal_code": "42501",
            "contact_email": "clara@kemper.mx",
            "package": str(pyme.public_id),
            "reference": factories.reference(),
            "desde": FILTERED,
        },
    )
    client = Client.objects.get()
    assertRedirects(made, carrying(client, FILTERED), fetch_redirect_response=False)


def test_packages_go_back_to_their_page(
    as_alicia: Browser, make_package: MakePackage
) -> None:
    package, page = make_package(), f"{reverse('packages:list')}?pagina=2"
    edit = reverse("packages:edit", args=[package.public_id])
    dialog = as_alicia.get(edit, headers={"Referer": f"http://testserver{page}"})
    assertContains(dialog, f'<a class="btn" href="{page}" data-close>')
    withdrawn = as_alicia.post(
        reverse("packages:withdraw", args=[package.public_id]),
        headers={"Referer": f"http://testserver{page}"},
    )
    assertRedirects(withdrawn, page, fetch_redirect_response=False)


def test_an_answer_to_a_suggestion_goes_back_to_its_page(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    url = reverse("followup:dismiss", args=[client.public_id])
    basis = as_alicia.get(url).context["form"].initial["basis"]
    response = as_alicia.post(
        url,
        {"reason": "Ya no factura", "basis": basis, "desde": f"{TRAY}&pagina=2"},
    )
    assertRedirects(response, f"{TRAY}&pagina=2", fetch_redirect_response=False)


def test_the_messages_lead_back_to_the_tray_they_were_opened_from(
    as_alicia: Browser,
) -> None:
    url = reverse("followup:messages")
    page = as_alicia.get(url, headers={"Referer": f"http://testserver{TRAY}"})
    assertContains(page, f'<a class="btn" href="{escape(TRAY)}">')
    came = escape(urlencode({"de": "renewal", "desde": TRAY}))
    assertContains(page, f'href="?{came}"')


def test_a_visit_leads_back_to_the_list_it_began_from(
    as_alicia: Browser, clara: Client
) -> None:
    as_alicia.post(
        reverse("portal:enter", args=[clara.public_id]),
        {"reason": "Ayuda", "key": factories.reference(), "desde": FILTERED},
    )
    left = as_alicia.post(reverse("portal:leave"))
    assertRedirects(left, carrying(clara, FILTERED), fetch_redirect_response=False)


# ── What anybody can write into a header or a parameter ───────────────────────────

HOSTILE = [
    "https://evil.mx/clientes/?q=a",
    "//evil.mx/",
    "javascript:alert(1)",
    "http://[::1",
    "http://a:b:c/clientes/",
    "/clientes/\n\rSet-Cookie: a=b",
    "/clientes/?" + "&" * 1_500,
    "/clientes/?" + "a=b&" * 5_000,
    "/clientes/%00%ff?q=%00%ff",
    "/admin/",
    "/clientes/nuevo/",
    "/seguimiento/mes/?mes=9999-99",
    "?",
    "%",
    "\x00",
    "/clientes/?desde=/clientes/?desde=/clientes/",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_breaks_it_or_leads_elsewhere(
    as_alicia: Browser, clara: Client, text: str
) -> None:
    safe = quote(text, safe=":/?&=[]%")
    for name in ("Referer", "HX-Current-URL"):
        request: Any = RequestFactory().get(
            "/x/", headers={"HX-Request": "true", name: safe}
        )
        request.htmx = HtmxDetails(request)
        place = way_back.list_of(request)
        urls = [
            way_back.page_of(request, otherwise="/"),
            way_back.carry(request, "/"),
            place.url if place else "/",
        ]
        assert all(url.startswith("/") and url[1:2] != "/" for url in urls)
        way_back.query_of(request)
    url = reverse("clients:suspend", args=[clara.public_id])
    page = as_alicia.get(url, headers={"Referer": safe})
    assert page.status_code == 200
    assert "evil.mx" not in page.content.decode()
    response = as_alicia.get(clara.get_absolute_url(), {"desde": text})
    # Refused before any view (reseller_panel/limits.py).
    if "\x00" in text or len(text) > limits.QUERY_BYTES_MAX:
        assert response.status_code == 400
        return
    assert response.status_code == 200
    assert 'href="https://evil' not in response.content.decode()
    after = as_alicia.post(url, {"reason": "No ha pagado", "desde": text})
    assert after.status_code == 302
    assert after["Location"].startswith("/")
    assert not after["Location"].startswith("//")


def test_the_parameters_are_taken_and_the_address_is_built_anew() -> None:
    request: Any = RequestFactory().get(
        "/x/", headers={"Referer": "https://evil.mx/clientes/?q=a%26b&desde=/"}
    )
    request.htmx = HtmxDetails(request)
    place = way_back.list_of(request)
    assert place
    assert place.url == "/clientes/?q=a%26b"
