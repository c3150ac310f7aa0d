"""Typed quantities and prices (domain.md, invariant 8): as a Mexican means them, or
refused with the two ways they may have been meant; never read as something else."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains

from clients.admin import AdjustForm, QuantityForm
from clients.client_forms import EditPlanForm
from clients.forms import AddFoliosForm
from clients.models import Client
from packages.forms import PackageForm
from packages.models import Package
from reseller_panel.numbers import UnclearNumber, read_price, read_quantity
from tests import factories
from tests.cast import MakeClient

QUANTITIES = {
    "1": 1,
    "0": 0,
    "1000": 1000,
    "1,000": 1000,
    "12,345": 12345,
    "1,234,567": 1234567,
    " 50 ": 50,
    "\u00a050\n": 50,
    "007": 7,
}
# What was typed, and the two ways in which it may have been meant.
UNCLEAR = {
    "10,00": ("10", "1,000"),
    "2,50": ("2.50", "250"),
    "1.000": ("1", "1,000"),
    "1_0": ("1", "10"),
    "1,0": ("1", "10"),
    "10.00": ("10", "1,000"),
    "2.5": ("2.5", "25"),
    "1,0000": ("1", "10,000"),
    "1000,000": ("1,000", "1,000,000"),
    "1,000,00": ("1,000", "100,000"),
    "1.000.000": ("1,000", "1,000,000"),
    "1'000": ("1", "1,000"),
    "1’000": ("1", "1,000"),
    "1 000": ("1", "1,000"),
    "1\u00a0000": ("1", "1,000"),
    "0,500": ("0.500", "500"),
    "1,000.00": ("1,000", "100,000"),
    "１,０００": ("1", "1,000"),
    "1，000": ("1", "1,000"),
    "١٫٥": ("1.5", "15"),
}
ONE_READING = {"١٠": "10", "１０": "10", "१०००": "1,000", "10.": "10", "5,": "5"}
NO_NUMBERS = [
    "x", "1e3", "0x10", "diez", "NaN", "Infinity", "½", "²", "Ⅷ", "1,,000", ",5",
    ".5", "10%", "$10", "1 folio", "\x00", "1\x00", "1\u200b0", "()", ",", "1/2", "1-5",
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), QUANTITIES.items())
def test_a_quantity_means_what_a_mexican_means(text: str, number: int) -> None:
    assert read_quantity(text) == number


@pytest.mark.parametrize(("text", "meant"), UNCLEAR.items())
def test_an_unclear_quantity_is_refused_with_both_ways_it_may_have_been_meant(
    text: str, meant: tuple[str, str]
) -> None:
    with pytest.raises(UnclearNumber) as caught:
        read_quantity(text)
    if text.isprintable():
        assert f"puede ser {meant[0]} o {meant[1]}. " in str(caught.value)
    assert "Escriba un número entero, como 1000 o 1,000." in str(caught.value)


@pytest.mark.parametrize(("text", "meant"), ONE_READING.items())
def test_digits_of_other_scripts_are_refused_with_the_number_they_are(
    text: str, meant: str
) -> None:
    with pytest.raises(UnclearNumber, match=f"puede ser {meant}. Escriba"):
        read_quantity(text)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_refused(text: str) -> None:
    for read in (read_quantity, read_price):
        if read is read_price and text == ".5":
            continue
        with pytest.raises(UnclearNumber, match="^Escriba "):
            read(text)


@pytest.mark.parametrize("text", ["-5", "+5", "\u22125", "-1,000", "\u20135"])
def test_a_sign_is_never_typed(text: str) -> None:
    for read in (read_quantity, read_price):
        with pytest.raises(UnclearNumber, match="sin signo"):
            read(text)


@pytest.mark.parametrize("text", ["9" * 19, "9" * 5000, "9," * 5000, "٩" * 5000])
def test_a_number_beyond_every_limit_is_not_even_read(text: str) -> None:
    for read in (read_quantity, read_price):
        with pytest.raises(UnclearNumber, match="demasiado grande"):
            read(text)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("199.90", "199.90"),
        ("1,199.90", "1199.90"),
        ("1199.9", "1199.9"),
        ("199", "199"),
        ("1,199", "1199"),
        ("0.50", "0.50"),
        ("1,000,000.00", "1000000.00"),
    ],
)
def test_a_price_means_what_a_mexican_means(text: str, price: str) -> None:
    assert read_price(text) == Decimal(price)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("199,90", ("199.90", "19,990")),
        ("1.199,90", ("1,199.90", "119,990")),
        ("1.199", ("1.199", "1,199")),
        ("1,19", ("1.19", "119")),
        ("10,00", ("10", "1,000")),
        ("1_0", ("1", "10")),
        ("1 199.90", ("1,199.90", "119,990")),
        ("1199,900.5", ("1,199,900.5", "11,999,005")),
        ("199.905", ("199.905", "199,905")),
    ],
)
def test_an_unclear_price_is_refused_with_both_ways_it_may_have_been_meant(
    text: str, meant: tuple[str, str]
) -> None:
    with pytest.raises(UnclearNumber) as caught:
        read_price(text)
    assert f"puede ser {meant[0]} o {meant[1]}. " in str(caught.value)


@given(text=st.text(alphabet="0123456789,._ '-+eE٠１\u00a0", max_size=12))
def test_no_text_is_read_as_another_number_than_the_one_it_shows(text: str) -> None:
    try:
        number = read_quantity(text)
    except UnclearNumber:
        return
    assert text.strip().lstrip("0") in {
        str(number).lstrip("0"),
        f"{number:,}".lstrip("0"),
    }


# --- Every form in which a person types a number ---------------------------------


def fields(clara: Client) -> dict[str, tuple[Any, str]]:
    """Every field, and whether it reads a quantity or a price."""
    plan = EditPlanForm(client=clara).fields
    package = PackageForm().fields
    counted = next(name for name in plan if name.startswith("quantity_"))
    return {
        "add folios": (AddFoliosForm.of(clara).fields["quantity"], "quantity"),
        "support adds": (QuantityForm().fields["quantity"], "quantity"),
        "support adjusts": (AdjustForm().fields["quantity"], "quantity"),
        "services of a plan": (plan[counted], "quantity"),
        "services of a package": (package[counted], "quantity"),
        "folios": (package["folios"], "quantity"),
        "price": (package["price"], "price"),
        "term": (package["term_count"], "quantity"),
        "leftovers": (package["leftover_limit"], "quantity"),
    }


def test_every_form_reads_numbers_in_the_same_way(clara: Client) -> None:
    for name, (field, kind) in fields(clara).items():
        assert field.clean("1.50" if kind == "price" else "10"), name
        for text in ("10,00", "2,50", "1_0", "１０", "1e1", "+1", "1.000"):
            with pytest.raises(Exception, match=r"puede ser|Escr") as caught:
                field.clean(text)
            assert caught.type.__name__ == "ValidationError", name


def test_a_number_is_typed_into_a_text_input(clara: Client) -> None:
    """An input of type number empties itself before `1,000` reaches the server."""
    for name, (field, kind) in fields(clara).items():
        mode = "decimal" if kind == "price" else "numeric"
        assert field.widget.input_type == "text", name
        assert field.widget.attrs["inputmode"] == mode, name


def test_folios_that_may_have_been_meant_in_two_ways_are_not_added(
    as_alicia: Browser, clara: Client
) -> None:
    url = f"/clientes/{clara.public_id}/agregar-folios/"
    for headers in ({}, {"HX-Request": "true"}):
        response = as_alicia.post(
            url,
            {"quantity": "10,00", "reference": factories.reference()},
            headers=headers,
        )
        assert response.status_code == 422
        assertContains(response, "puede ser 10 o 1,000", status_code=422)
        assertContains(response, 'value="10,00"', status_code=422)
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize("quantity", ["10,00", "1_0", "1.000", "-5", "٥"])
def test_a_link_proposes_nothing_unclear(
    as_alicia: Browser, clara: Client, quantity: str
) -> None:
    url = f"/clientes/{clara.public_id}/agregar-folios/"
    form = as_alicia.get(url, {"quantity": quantity}).context["form"]
    assert "quantity" not in form.initial
    form = as_alicia.get(url, {"quantity": "1,500"}).context["form"]
    assert form.initial["quantity"] == 1500


def test_a_price_with_a_decimal_comma_is_not_a_hundred_times_as_much(
    as_alicia: Browser, clara: Client
) -> None:
    data = {
        "name": "Básico",
        "folios": "100",
        "price": "199,90",
        "term_unit": "",
        "leftover_rule": "keep",
    }
    response = as_alicia.post("/paquetes/nuevo/", data)
    assertContains(response, "puede ser 199.90 o 19,990", status_code=422)
    assert not Package.objects.filter(name="Básico").exists()
    as_alicia.post("/paquetes/nuevo/", data | {"price": "1,199.90"})
    assert Package.objects.get(name="Básico").price == Decimal("1199.90")


@pytest.mark.parametrize("name", ["folios_max", "se_agotan", "sin_timbrar"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_filter_says_why_it_was_not_applied(
    as_alicia: Browser, clara: Client, name: str, headers: dict[str, str]
) -> None:
    response = as_alicia.get("/clientes/", {name: "10,00"}, headers=headers)
    assertContains(response, "este filtro no se aplicó. «10,00» puede ser 10 o 1,000.")


def test_a_filter_reads_thousands(as_alicia: Browser, make_client: MakeClient) -> None:
    make_client(legal_name="Cien")
    response = as_alicia.get("/clientes/", {"folios_max": "1,000"})
    assert [row.client.legal_name for row in response.context["rows"]] == ["Cien"]
