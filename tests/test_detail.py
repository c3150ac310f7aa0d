"""The detail of a client and its statement: facts, reasons, history in seq order."""

import csv
import io
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

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


def test_the_history_is_in_seq_order_movements_and_events_alike(
    as_alicia: Browser, alicia: object, clara: Client
) -> None:
    stamp(clara, 2)
    lifecycle.suspend(clara, reason="x", by=None)
    lifecycle.activate(clara, by=None)
    lifecycle.renew(clara, reference=factories.reference(), by=None)
    html = page(as_alicia, clara)
    numbers = [int(n) for n in re.findall(r'data-l="Núm.">(\d+)', html)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == len(numbers) == 8


def test_long_histories_come_in_pages(as_alicia: Browser, clara: Client) -> None:
    stamp(clara, 30)
    first = page(as_alicia, clara)
    older = re.search(r"\?antes=(\d+)", first)
    assert older is not None
    second = page(as_alicia, clara, antes=older[1])
    seen = re.findall(r'data-l="Núm.">(\d+)', first + second)
    assert [int(n) for n in seen] == list(range(32, 0, -1))


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "0"])
def test_a_strange_page_is_no_error(
    as_alicia: Browser, clara: Client, before: str
) -> None:
    url = reverse("clients:detail", args=[clara.public_id])
    assert as_alicia.get(url, {"antes": before}).status_code == 200


def test_the_detail_costs_the_same_queries_however_long_the_history(
    as_alicia: Browser, clara: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = reverse("clients:detail", args=[clara.public_id])
    with django_assert_num_queries(19):
        as_alicia.get(url)
    stamp(clara, 40)
    with django_assert_num_queries(19):
        as_alicia.get(url)


def test_the_statement_has_every_entry_with_its_balance(
    as_alicia: Browser, clara: Client
) -> None:
    stamp(clara, 3)
    url = reverse("clients:statement", args=[clara.public_id])
    response = as_alicia.get(url)
    assertContains(response, "saldo al")
    assertContains(response, "CFDI-2")
    balances = re.findall(r'data-l="Saldo">(\d+)', response.content.decode())
    assert balances == ["97", "98", "99", "100"]


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


def test_a_stranger_finds_neither_detail_nor_statement(
    as_beto: Browser, clara: Client
) -> None:
    for name in ("detail", "statement", "statement_csv"):
        url = reverse(f"clients:{name}", args=[clara.public_id])
        assert as_beto.get(url).status_code == 404


def test_markup_in_reasons_is_text(as_alicia: Browser, clara: Client) -> None:
    lifecycle.suspend(clara, reason="<img src=x onerror=alert(1)>", by=None)
    url = reverse("clients:detail", args=[clara.public_id])
    assertNotContains(as_alicia.get(url), "<img")
