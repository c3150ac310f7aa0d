"""Paquetes over HTTP: list, add, edit, withdraw and put back; plans sold stay."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from packages import catalogue
from packages.catalogue import NameTaken, PackageDetails
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

HTMX = {"HTTP_HX_REQUEST": "true"}
LIST = reverse("packages:list")
ADD = reverse("packages:add")


def url(name: str, package: Package) -> str:
    return reverse(f"packages:{name}", args=[package.public_id])


def form_of(**overrides: Any) -> dict[str, Any]:
    """What a browser posts for a package of one year without services."""
    return {
        "name": "PyME 500",
        "folios": "500",
        "price": "990.50",
        "term_unit": "year",
        "term_count": "1",
        "leftover_rule": "keep",
        "leftover_limit": "",
    } | overrides


def service(code: str) -> int:
    return factories.services()[code].pk


# ── The list ──────────────────────────────────────────────────────────────────────


def test_the_list_says_everything_about_a_package(
    as_alicia: Browser, make_package: MakePackage, make_client: MakeClient
) -> None:
    package = make_package(
        name="Despacho",
        folios=1200,
        price=Decimal("1890.00"),
        leftover_rule="keep_up_to",
        leftover_limit=200,
        services={"multiempresa": 3},
    )
    for _ in range(2):
        make_client(package=package)
    make_client(package=package, archived=True)
    text = as_alicia.get(LIST).content.decode()
    for shown in (
        "Despacho",
        "1,200",
        "1 año",
        "$1,890.00",
        "$1.58 por folio",
        "Multiempresa: 3 RFC adicionales",
        "se conservan hasta 200",
        "A la venta",
    ):
        assert shown in text
    assert f'href="/clientes/?paquete={package.public_id}"' in text
    counts = {p.name: p.clients_count for p in as_alicia.get(LIST).context["packages"]}
    assert counts["Despacho"] == 2, "as many as the link shows: none archived"


def test_what_is_on_sale_stands_before_what_is_withdrawn(
    as_alicia: Browser, alicia: User, make_package: MakePackage
) -> None:
    small = make_package(name="Chico", folios=10)
    make_package(name="Grande", folios=900)
    make_package(name="Mediano", folios=100)
    catalogue.withdraw(small, by=alicia)
    packages = as_alicia.get(LIST).context["packages"]
    assert [p.name for p in packages] == ["Mediano", "Grande", "Chico"]


def test_the_list_costs_the_same_for_one_package_and_for_forty(
    as_alicia: Browser, make_package: MakePackage, make_client: MakeClient
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_alicia.get(LIST).status_code == 200
        return len(queries)

    make_client(package=make_package(services={"multiempresa": 1}))
    one = cost()
    for _ in range(40):
        make_package(services={"multiempresa": 2, "correo-smtp": None})
    assert cost() == one


def test_a_catalogue_longer_than_a_page_has_pages(
    as_alicia: Browser, alicia: User
) -> None:
    for _ in range(51):
        factories.PackageFactory(reseller=alicia.reseller)
    assert len(as_alicia.get(LIST).context["packages"]) == 50
    second = as_alicia.get(f"{LIST}?pagina=2", **HTMX)
    assert len(second.context["packages"]) == 1
    assert b"<html" not in second.content


def test_an_empty_catalogue_teaches_and_offers_examples(as_alicia: Browser) -> None:
    text = as_alicia.get(LIST).content.decode()
    assert "Cree su primer paquete" in text
    example = as_alicia.get(f"{ADD}?ejemplo=mensual").content.decode()
    assert 'value="Mensual 100"' in example
    assert as_alicia.get(f"{ADD}?ejemplo=otro").status_code == 200


def test_a_reseller_sees_only_its_own(
    as_beto: Browser, beto: User, make_package: MakePackage
) -> None:
    make_package(name="De Alicia")
    factories.PackageFactory(reseller=beto.reseller, name="De Beto")
    text = as_beto.get(LIST).content.decode()
    assert "De Beto" in text
    assert "De Alicia" not in text


@pytest.mark.parametrize("name", ["edit", "withdraw", "put_back"])
def test_a_strangers_package_does_not_exist(
    as_beto: Browser, pyme: Package, name: str
) -> None:
    assert as_beto.post(url(name, pyme), form_of()).status_code == 404
    pyme.refresh_from_db()
    assert pyme.name == "PYME"
    assert pyme.is_on_sale


@pytest.mark.parametrize("name", ["withdraw", "put_back"])
def test_looking_at_a_verbs_address_does_nothing(
    as_alicia: Browser, pyme: Package, name: str
) -> None:
    assert as_alicia.get(url(name, pyme)).status_code == 405


# ── Adding ────────────────────────────────────────────────────────────────────────


def test_adding_puts_a_package_on_sale(as_alicia: Browser, alicia: User) -> None:
    smtp, companies = service("correo-smtp"), service("multiempresa")
    data = form_of(
        folios="1,200",
        leftover_rule="keep_up_to",
        leftover_limit="1,000",
        **{
            f"service_{smtp}": "on",
            f"service_{companies}": "on",
            f"quantity_{companies}": "4",
        },
    )
    response = as_alicia.post(ADD, data)
    assert response.status_code == 302
    assert response["Location"] == LIST
    package = Package.objects.get()
    assert package.reseller == alicia.reseller
    assert package.is_on_sale
    assert PackageDetails.of(package) == PackageDetails(
        name="PyME 500",
        folios=1200,
        price=Decimal("990.50"),
        term_unit="year",
        term_count=1,
        leftover_rule="keep_up_to",
        leftover_limit=1000,
    )
    included = package.inclusions.values_list("service", "quantity")
    assert set(included) == {(smtp, None), (companies, 4)}
    assert "ya está a la venta" in as_alicia.get(LIST).content.decode()


def test_no_term_no_price_and_no_services_are_a_package_too(as_alicia: Browser) -> None:
    data = form_of(term_unit="", term_count="", price="")
    assert as_alicia.post(ADD, data).status_code == 302
    package = Package.objects.get()
    assert (package.term_count, package.term_unit, package.price) == (None, "", None)
    assert not package.inclusions.exists()


def test_an_answer_to_a_question_that_was_taken_back_is_not_looked_at(
    as_alicia: Browser,
) -> None:
    """The page hides such a field, so nobody could see or correct an error in it."""
    companies = service("multiempresa")
    data = form_of(
        term_unit="",
        term_count="doce",
        leftover_rule="lose",
        leftover_limit="-3",
        **{f"quantity_{companies}": "0"},
    )
    assert as_alicia.post(ADD, data).status_code == 302
    package = Package.objects.get()
    assert package.term_count is None
    assert package.leftover_limit is None
    assert not package.inclusions.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "hola\u202emundo"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"folios": ""}, "folios"),
        ({"folios": "0"}, "folios"),
        ({"folios": "-5"}, "folios"),
        ({"folios": "1.5"}, "folios"),
        ({"folios": "10000001"}, "folios"),
        ({"price": "-1"}, "price"),
        ({"price": "1.005"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"term_count": ""}, "term_count"),
        ({"term_count": "0"}, "term_count"),
        ({"term_count": "11"}, "term_count"),
        ({"term_unit": "siglo"}, "term_unit"),
        ({"leftover_rule": ""}, "leftover_rule"),
        ({"leftover_rule": "keep_up_to"}, "leftover_limit"),
        ({"leftover_rule": "keep_up_to", "leftover_limit": "0"}, "leftover_limit"),
    ],
)
def test_what_cannot_be_is_answered_beside_its_field(
    as_alicia: Browser, wrong: dict[str, str], field: str
) -> None:
    response = as_alicia.post(ADD, form_of(**wrong), **HTMX)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Package.objects.exists()


def test_a_counted_service_asks_how_many(as_alicia: Browser) -> None:
    users = service("usuarios-extra")
    response = as_alicia.post(ADD, form_of(**{f"service_{users}": "on"}))
    assert response.status_code == 422
    assert "Escriba cuántos incluye." in response.content.decode()


def test_a_name_is_used_once_in_any_case_of_letters(
    as_alicia: Browser, beto: User, pyme: Package
) -> None:
    factories.PackageFactory(reseller=beto.reseller, name="Oro")
    response = as_alicia.post(ADD, form_of(name="pyme"))
    assert response.status_code == 422
    assert "Ya tiene un paquete que se llama «pyme»" in response.content.decode()
    assert as_alicia.post(ADD, form_of(name="Oro")).status_code == 302


def test_the_preview_says_what_a_buyer_gets_while_it_is_typed(
    as_alicia: Browser,
) -> None:
    def preview(**typed: str) -> str:
        response = as_alicia.get(
            ADD, form_of(name="", **typed), **HTMX, HTTP_HX_TARGET="preview"
        )
        assert response.status_code == 200
        return response.content.decode()

    assert "500 folios" in preview()
    assert "$1.98 por folio" in preview()
    assert "sin vigencia" in preview(term_unit="")
    assert preview(folios="").strip() == ""
    assert not Package.objects.exists()


# ── Editing ───────────────────────────────────────────────────────────────────────


def test_editing_never_touches_a_plan_already_sold_and_says_so(
    as_alicia: Browser, clara: Client, pyme: Package
) -> None:
    def plan() -> tuple[dict[str, Any], list[str], int]:
        fresh = factories.fresh(clara)
        included = [str(one) for one in fresh.plan.inclusions.all()]
        return fresh.plan.terms(), included, fresh.balance

    before = plan()
    dialog = as_alicia.get(url("edit", pyme), **HTMX).content.decode()
    assert "No cambia los planes ya vendidos" in dialog
    assert "1 cliente</b> conserva el suyo" in dialog

    response = as_alicia.post(url("edit", pyme), form_of(name="Nuevo"), **HTMX)
    assert response.status_code == 200
    text = response.content.decode()
    assert text.lstrip().startswith(f'<tr id="row-{pyme.public_id}"')
    assert "Los planes ya vendidos no cambiaron." in text
    pyme.refresh_from_db()
    assert (pyme.name, pyme.folios) == ("Nuevo", 500)
    assert not pyme.inclusions.exists()
    assert plan() == before

    # The change applies from the next renewal on.
    lifecycle.renew(clara, reference=factories.reference(), by=None)
    assert factories.fresh(clara).plan.name == "Nuevo"


def test_the_form_shows_what_is_saved(as_alicia: Browser, pyme: Package) -> None:
    form = as_alicia.get(url("edit", pyme)).context["form"]
    assert form["name"].value() == "PYME"
    assert form[f"service_{service('correo-personalizado')}"].value() is True
    assert form[f"service_{service('correo-smtp')}"].value() is False
    assert form[f"quantity_{service('multiempresa')}"].value() == 2


def test_saving_without_a_change_keeps_everything(
    as_alicia: Browser, pyme: Package
) -> None:
    details = PackageDetails.of(pyme)
    included = [str(one) for one in pyme.inclusions.all()]
    form = as_alicia.get(url("edit", pyme)).context["form"]
    data = {
        name: value
        for name in form.fields
        if (value := form[name].value()) not in (None, False)
    }
    assert as_alicia.post(url("edit", pyme), data).status_code == 302
    pyme.refresh_from_db()
    assert PackageDetails.of(pyme) == details
    assert [str(one) for one in pyme.inclusions.all()] == included


def test_an_invalid_edit_changes_nothing_and_keeps_the_title(
    as_alicia: Browser, pyme: Package, make_package: MakePackage
) -> None:
    make_package(name="Oro")
    for data in (form_of(name="Otro", folios="0"), form_of(name="oro")):
        response = as_alicia.post(url("edit", pyme), data, **HTMX)
        assert response.status_code == 422
        assert response["HX-Retarget"] == "#dialog"
        assert response.context["package"].name == "PYME"
    pyme.refresh_from_db()
    assert (pyme.name, pyme.folios) == ("PYME", 100)


def test_a_refused_edit_leaves_the_services_alone(alicia: User, pyme: Package) -> None:
    factories.PackageFactory(reseller=alicia.reseller, name="Oro")
    with pytest.raises(NameTaken):
        catalogue.edit(
            pyme, details=PackageDetails(name="ORO", folios=1), services={}, by=alicia
        )
    assert pyme.inclusions.count() == 2


# ── Withdrawing, putting back ─────────────────────────────────────────────────────


def test_withdrawing_is_one_click_with_an_undo(
    as_alicia: Browser, clara: Client, pyme: Package
) -> None:
    row = f"row-{pyme.public_id}"
    response = as_alicia.post(url("withdraw", pyme), **HTMX, HTTP_HX_TARGET=row)
    text = response.content.decode()
    assert text.lstrip().startswith(f'<tr id="{row}"')
    assert "Retirado" in text
    pyme.refresh_from_db()
    undo = f"{url('put_back', pyme)}?deshacer={pyme.withdrawn_mark}"
    assert f'hx-post="{undo}" hx-target="#{row}"' in text
    assert not pyme.is_on_sale
    assert factories.fresh(clara).plan.name == "PYME"
    assert "PYME" not in as_alicia.get(reverse("clients:create")).content.decode()

    undone = as_alicia.post(url("put_back", pyme), **HTMX, HTTP_HX_TARGET=row)
    assert "A la venta" in undone.content.decode()
    pyme.refresh_from_db()
    assert pyme.is_on_sale


def test_doing_it_twice_changes_nothing(as_alicia: Browser, pyme: Package) -> None:
    as_alicia.post(url("withdraw", pyme))
    pyme.refresh_from_db()
    since = pyme.withdrawn_at
    assert as_alicia.post(url("withdraw", pyme)).status_code == 302
    pyme.refresh_from_db()
    assert pyme.withdrawn_at == since
    for _ in range(2):
        assert as_alicia.post(url("put_back", pyme)).status_code == 302
    pyme.refresh_from_db()
    assert pyme.is_on_sale


def test_without_a_script_every_verb_leads_back_to_the_list(
    as_alicia: Browser, pyme: Package
) -> None:
    page = as_alicia.post(url("withdraw", pyme), follow=True)
    text = page.content.decode()
    assert page.redirect_chain == [(LIST, 302)]
    assert "ya no está a la venta" in text
    assert f'action="{url("put_back", pyme)}"' in text
    edited = as_alicia.post(url("edit", pyme), form_of(), follow=True)
    assert edited.redirect_chain == [(LIST, 302)]


def test_markup_in_a_name_is_text(as_alicia: Browser) -> None:
    as_alicia.post(ADD, form_of(name="<script>alert(1)</script>"))
    text = as_alicia.get(LIST).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
