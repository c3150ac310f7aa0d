"""Ventas por paquete: what was sold of each package in a month, as its clients had it
then, on screen and as a file of twelve months."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from followup import sales, totals
from followup.months import Month
from followup.sales import Sold
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

URL = reverse("followup:sales")
Act = Callable[..., Any]


def this_month() -> Month:
    return Month.of(timezone.localdate())


def last_month() -> datetime:
    """Noon of a day of last month."""
    first = timezone.localtime().replace(day=1, hour=12, minute=0, second=0)
    return first - timedelta(days=5)


@pytest.fixture
def small(make_package: MakePackage) -> Package:
    return make_package(name="Chico", folios=50, price=Decimal("100.00"))


@pytest.fixture
def large(make_package: MakePackage) -> Package:
    return make_package(name="Grande", folios=1_000, price=Decimal("999.90"))


@pytest.fixture
def renew(alicia: User) -> Act:
    def act(client: Client, package: Package | None = None, **how: Any) -> Any:
        asked = {"reference": factories.reference(), "package": package, "by": alicia}
        return lifecycle.renew(client, **asked, **how)

    return act


@pytest.fixture
def add(alicia: User) -> Act:
    def act(client: Client, quantity: int, **how: Any) -> Any:
        asked = {"reference": factories.reference(), "by": alicia}
        return lifecycle.add_folios(client, quantity=quantity, **asked, **how)

    return act


def of(user: User, month: Month | None = None) -> list[Sold]:
    assert user.reseller
    return sales.of_month(user.reseller, month or this_month())


def test_sales_count_for_the_package_that_the_client_had_then(
    alicia: User,
    make_client: MakeClient,
    small: Package,
    large: Package,
    renew: Act,
    add: Act,
) -> None:
    client = make_client(package=small)
    add(client, 10)
    renew(client)
    renew(client, large)
    add(client, 100)
    assert of(alicia) == [
        Sold("Grande", 0, 1, 1, 1_100, Decimal("1099.89")),
        Sold("Chico", 1, 1, 1, 110, Decimal("220.00")),
    ]


def test_what_was_undone_is_in_no_number(
    alicia: User,
    make_client: MakeClient,
    small: Package,
    large: Package,
    renew: Act,
    add: Act,
) -> None:
    client = make_client(package=small)
    undone = renew(client, large)
    lifecycle.undo_renewal(client, seq=undone.entry.seq + 1, by=alicia)
    added = add(client, 10)
    lifecycle.undo_addition(client, seq=added.entry.seq, by=alicia)
    assert of(alicia) == [Sold("Chico", 1, 0, 0, 50, Decimal("100.00"))]


def test_a_package_without_price_has_no_amount(
    alicia: User, clara: Client, small: Package, make_client: MakeClient
) -> None:
    make_client(package=small)
    found = of(alicia)
    assert [one.amount for one in found] == [None, Decimal("100.00")]
    assert sales.total(found, "Total").amount == Decimal("100.00")


def test_the_folios_are_those_of_inicio(
    alicia: User, make_client: MakeClient, small: Package, renew: Act, add: Act
) -> None:
    for n in range(3):
        client = make_client(package=small)
        add(client, n + 1)
        renew(client)
        lifecycle.consume(client, reference="a", quantity=2)
    assert alicia.reseller
    sold = totals.of_month(alicia.reseller, this_month(), timezone.now()).sold
    assert sales.total(of(alicia)).folios == sold


def test_a_month_has_its_own_sales(
    alicia: User, make_client: MakeClient, small: Package, large: Package, renew: Act
) -> None:
    client = make_client(package=small, now=last_month())
    renew(client, large)
    assert of(alicia, this_month() + -1) == [
        Sold("Chico", 1, 0, 0, 50, Decimal("100.00"))
    ]
    assert [one.name for one in of(alicia)] == ["Grande"]


def test_a_plan_that_was_edited_is_still_of_its_package(
    alicia: User, make_client: MakeClient, small: Package
) -> None:
    client = make_client(package=small)
    changes = {"contact_name": "Otra persona"}
    lifecycle.edit_plan(client, changes=changes, by=alicia)
    assert [one.name for one in of(alicia)] == ["Chico"]


def test_a_stranger_sees_none(beto: User, as_beto: Browser, clara: Client) -> None:
    assert of(beto) == []
    assert "No se vendió nada" in as_beto.get(URL).content.decode()


def test_the_page_says_it_with_a_total(
    as_alicia: Browser, make_client: MakeClient, small: Package, large: Package
) -> None:
    make_client(package=small)
    make_client(package=large)
    page = as_alicia.get(URL).content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    said = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert said == [
        "Grande 1 0 0 1,000 $999.90",
        "Chico 1 0 0 50 $100.00",
        "Total del mes 2 0 0 1,050 $1,099.90",
    ]
    assert as_alicia.get(URL, {"mes": "2099-01"}).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_has_twelve_months(
    as_alicia: Browser, make_client: MakeClient, small: Package, form: str
) -> None:
    make_client(package=small)
    make_client(package=small, now=last_month())
    response: Any = as_alicia.get(reverse(f"followup:sales_{form}"))
    this = this_month()
    assert f'ventas-{this + -11}-{this}.{form}"' in response["Content-Disposition"]
    head = ["Mes", "Paquete", "Asignaciones", "Renovaciones", "Recargas", "Folios"]
    months = [this.first, (this + -1).first]
    if form == "csv":
        text = b"".join(response).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text))
        assert rows == [
            [f"{m}", "Chico", "1", "0", "0", "50", "100.00"] for m in months
        ]
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
        header, *cells = book.get_sheet_by_index(0).to_python()
        assert cells == [[m, "Chico", 1, 0, 0, 50, 100.0] for m in months]
        assert isinstance(cells[0][0], date)
    assert header[:6] == head


def test_the_page_costs_the_same_for_one_sale_and_for_fifty(
    as_alicia: Browser, make_client: MakeClient, small: Package
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_alicia.get(URL)
        return len(queries)

    make_client(package=small)
    one = cost()
    for _ in range(49):
        make_client(package=small)
    assert cost() == one


def test_the_month_by_client_is_an_xlsx_too(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.get(reverse("followup:month_xlsx"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert book.get_sheet_by_index(0).to_python() == [
        ["Razón social", "RFC", "Timbrados", "Vendidos"],
        [clara.legal_name, clara.rfc, 0, 100],
    ]
