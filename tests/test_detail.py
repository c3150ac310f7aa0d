"""The page of a client: its head, its tabs, the facts and reasons, and the CSV.

The movements by day are in test_movements.py.
"""

import csv
import io
import re
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.cast import MakeClient


def page(browser: Browser, client: Client, **query: str) -> str:
    url = reverse("clients:detail", args=[client.public_id])
    return browser.get(url, query).content.decode()


def stamp(client: Client, times: int) -> None:
    for number in range(times):
        lifecycle.consume(client, reference=f"CFDI-{number}")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({}, "Puede timbrar: tiene 100 folios"),
        ({"exhausted": True}, "No le quedan folios"),
        ({"expired": True}, "Su último día fue el"),
        ({"suspended": True}, "Usted lo suspendió el"),
        ({"archived": True}, "Está archivado desde el"),
    ],
)
def test_the_status_says_why(
    as_alicia: Browser, make_client: MakeClient, state: dict[str, bool], why: str
) -> None:
    assert why in page(as_alicia, make_client(**state))


def test_the_reason_of_a_suspension_is_shown(as_alicia: Browser, clara: Client) -> None:
    lifecycle.suspend(clara, reason="Debe mayo", message="Llámenos", by=None)
    html = page(as_alicia, clara)
    assert "Debe mayo" in html
    assert "Llámenos" in html


def test_facts_services_and_contact_are_there(
    as_alicia: Browser, clara: Client
) -> None:
    html = page(as_alicia, clara)
    for text in (
        "Multiempresa: 2 RFC adicionales",
        "Correo personalizado",
        "1 año",
        "se conservan todos",
        "601 · General de Ley Personas Morales",
        "mailto:clara@kemper.mx",
    ):
        assert text in html


TABS = ("detail", "statement", "notes")


def test_each_tab_has_an_address_and_links_to_the_others(
    as_alicia: Browser, clara: Client
) -> None:
    urls = [reverse(f"clients:{name}", args=[clara.public_id]) for name in TABS]
    labels = ("Resumen", "Movimientos", "Notas y pendientes")
    for url, label in zip(urls, labels, strict=True):
        html = as_alicia.get(url).content.decode()
        assert f'<a href="{url}" aria-current="page">{label}</a>' in html
        assert f"<title>ESCUELA KEMPER URGATE · {label} ·" in html
        for other in urls:
            assert f'<a href="{other}"' in html


def actions(html: str) -> tuple[list[str], list[str]]:
    """The verbs of the buttons in the head, and those in its menu."""
    head, _, menu = html.partition('class="head"')[2].partition('id="menu"')
    find = partial(re.findall, r'data-action="(\w+)"')
    return find(head), find(menu.partition("</div>")[0])


@pytest.mark.parametrize(
    ("state", "buttons", "menu"),
    [
        ({}, "renew add_folios", "enter edit_plan suspend"),
        ({"exhausted": True}, "renew add_folios", "enter edit_plan suspend archive"),
        ({"expired": True}, "renew add_folios", "enter edit_plan suspend archive"),
        (
            {"suspended": True},
            "activate renew add_folios",
            "enter edit_plan archive",
        ),
        ({"archived": True}, "restore", ""),
    ],
)
def test_the_head_has_the_recommended_actions_and_no_action_is_there_twice(
    as_alicia: Browser,
    make_client: MakeClient,
    state: dict[str, bool],
    buttons: str,
    menu: str,
) -> None:
    client = make_client(**state)
    for name in TABS:
        url = reverse(f"clients:{name}", args=[client.public_id])
        html = as_alicia.get(url).content.decode()
        assert actions(html) == (buttons.split(), menu.split())
        for verb in [*buttons.split(), *menu.split()]:
            assert html.count(f'data-action="{verb}"') == 1
        assert html.count("btn pri") == 1


@pytest.mark.parametrize("name", TABS)
def test_an_action_comes_back_to_the_tab_it_was_done_on(
    as_alicia: Browser, clara: Client, name: str
) -> None:
    page = reverse(f"clients:{name}", args=[clara.public_id])
    suspend = reverse("clients:suspend", args=[clara.public_id])
    headers = {
        "HX-Request": "true",
        "HX-Target": "client",
        "HX-Current-URL": f"http://testserver{page}?desde=%2Fseguimiento%2F",
    }
    dialog = as_alicia.get(suspend, headers=headers | {"HX-Target": "dialog"})
    assertContains(dialog, 'hx-target="#client"')
    response = as_alicia.post(suspend, {"reason": "Debe mayo"}, headers=headers)
    html = response.content.decode()
    assert html.strip().startswith('<div id="client"')
    assert f'<a href="{page}?desde=%2Fseguimiento%2F" aria-current="page">' in html
    assert "quedó suspendido" in html
    # Without HTMX, back to the address of the tab.
    back = {"Referer": f"http://testserver{page}"}
    activate = reverse("clients:activate", args=[clara.public_id])
    assertRedirects(as_alicia.post(activate, headers=back), page)


def test_the_tab_of_notes_says_how_many_tasks_wait(
    as_alicia: Browser, clara: Client
) -> None:
    for _ in range(2):
        day = clara.reseller.local_date(timezone.now())
        lifecycle.add_task(clara, text="Llamar", due_on=day, key=uuid4(), by=None)
    assertContains(as_alicia.get(clara.get_absolute_url()), 'title="2 pendientes"')


def test_old_notes_come_in_pages(as_alicia: Browser, clara: Client) -> None:
    for number in range(25):
        lifecycle.add_note(clara, text=f"Nota {number}.", by=None)
    url = reverse("clients:notes", args=[clara.public_id])
    first = as_alicia.get(url).content.decode()
    older = re.search(r"\?antes=(\d+)", first)
    assert older is not None
    second = as_alicia.get(url, {"antes": older[1]}).content.decode()
    seen = re.findall(r"Nota (\d+)\.", first + second)
    assert [int(n) for n in seen] == list(range(24, -1, -1))


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "0"])
def test_a_strange_page_is_no_error(
    as_alicia: Browser, clara: Client, before: str
) -> None:
    for name in TABS:
        url = reverse(f"clients:{name}", args=[clara.public_id])
        assert as_alicia.get(url, {"antes": before}).status_code == 200


@pytest.mark.parametrize(("name", "count"), [("detail", 24), ("notes", 8)])
def test_a_tab_costs_the_same_queries_however_long_the_history(
    as_alicia: Browser,
    clara: Client,
    name: str,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    url = reverse(f"clients:{name}", args=[clara.public_id])
    as_alicia.get(url)  # the first look after something happened keeps the outlook
    with django_assert_num_queries(count):
        as_alicia.get(url)
    stamp(clara, 40)
    as_alicia.get(url)
    with django_assert_num_queries(count):
        as_alicia.get(url)


def test_the_csv_re_adds_to_the_balance_and_holds_no_formula(
    as_alicia: Browser, clara: Client
) -> None:
    stamp(clara, 3)
    lifecycle.add_folios(
        clara, quantity=5, reference="k", reason='=HYPERLINK("http://x")', by=None
    )
    url = reverse("clients:statement_csv", args=[clara.public_id])
    response = as_alicia.get(url)
    assert response["Content-Disposition"] == (
        'attachment; filename="movimientos-EKU9003173C9.csv"'
    )
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[call-overload]
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:5] == ["Núm.", "Fecha", "Movimiento", "Folios", "Saldo"]
    total = 0
    for row in rows:
        total += int(row[3])
        assert total == int(row[4])
    assert total == factories.fresh(clara).balance == 102
    assert rows[-1][6] == '\'=HYPERLINK("http://x")'


def test_a_stranger_finds_none_of_the_tabs(as_beto: Browser, clara: Client) -> None:
    for name in (*TABS, "statement_csv"):
        url = reverse(f"clients:{name}", args=[clara.public_id])
        assert as_beto.get(url).status_code == 404


def test_markup_in_reasons_is_text(as_alicia: Browser, clara: Client) -> None:
    lifecycle.suspend(clara, reason="<img src=x onerror=alert(1)>", by=None)
    url = reverse("clients:detail", args=[clara.public_id])
    assertNotContains(as_alicia.get(url), "<img")
