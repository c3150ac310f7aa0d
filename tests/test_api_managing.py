"""Managing over HTTP: one test for every call in the second part of api.md."""

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from stdnum.mx.rfc import calc_check_digit

from accounts.models import User
from clients import lifecycle
from clients.models import Client, EventKind, Membership
from packages import catalogue
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.programs import Program, refusal

NEW = {
    "rfc": "XIA190128J61",
    "legal_name": "XENON INDUSTRIAL ARTICLES",
    "tax_regime": "601",
    "postal_code": "76343",
    "contact_email": "pagos@xenon.mx",
    "reference": "alta-1",
}


def _last_event(client: Client) -> tuple[str, Any]:
    event = client.events.order_by("seq").last()
    assert event is not None
    return event.kind, event.api_key


# ── GET /clients ──────────────────────────────────────────────────────────────────


def test_get_clients_lists_those_of_the_key(
    program: Program, make_client: MakeClient, clara: Client, beto: User
) -> None:
    factories.make_client(package=factories.PackageFactory(reseller=beto.reseller))
    make_client(archived=True)
    body = program.get("/clients").json()
    assert (body["total"], body["pagina"], body["por_pagina"]) == (1, 1, 50)
    (client,) = body["clients"]
    assert client["id"] == str(clara.public_id)
    assert client["contact_email"] == "clara@kemper.mx"
    assert client["package"] == str(clara.plan.package.public_id)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "kemper"}, ["EKU9003173C9"]),
        ({"q": "EKU90"}, ["EKU9003173C9"]),
        ({"estatus": "activo"}, ["EKU9003173C9"]),
        ({"estatus": "suspendido"}, ["SUS010101AB1"]),
        ({"estatus": "folios-agotados"}, ["AGO010101AB1"]),
        ({"archivados": "1"}, ["ARC010101AB1"]),
        ({"folios_max": "0"}, ["AGO010101AB1"]),
        ({"vence_desde": "2999-01-01"}, []),
        ({"creado_hasta": "2000-01-01"}, []),
        ({"orden": "razon_social", "por_pagina": "1"}, ["EKU9003173C9"]),
        ({"orden": "razon_social", "por_pagina": "1", "pagina": "3"}, ["SUS010101AB1"]),
        ({"pagina": "9"}, []),
    ],
)
def test_the_filters_have_the_names_of_the_table(
    program: Program,
    make_client: MakeClient,
    clara: Client,
    query: dict[str, str],
    found: list[str],
) -> None:
    make_client(legal_name="Suspendida", rfc="SUS010101AB1", suspended=True)
    make_client(legal_name="Pagó todo", rfc="AGO010101AB1", exhausted=True)
    make_client(legal_name="Lejana", rfc="ARC010101AB1", archived=True)
    body = program.get("/clients", **query).json()
    assert [client["rfc"] for client in body["clients"]] == found


def test_clients_are_filtered_by_package(
    program: Program, make_client: MakeClient, make_package: MakePackage, clara: Client
) -> None:
    other = make_client(package=make_package())
    body = program.get("/clients", paquete=other.plan.package.public_id).json()
    assert [client["id"] for client in body["clients"]] == [str(other.public_id)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estatus", "activa"),
        ("orden", "rfc"),
        ("vence_desde", "mañana"),
        ("folios_max", "1e3"),
        ("folios_max", "-1"),
        ("paquete", "7"),
        ("archivados", "si"),
        ("pagina", "0"),
        ("pagina", "1.0"),
        ("por_pagina", "101"),
        ("status", "active"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_its_name(
    program: Program, name: str, value: str
) -> None:
    response = program.get("/clients", **{name: value})
    assert refusal(response) == (422, "validation")
    assert [error["field"] for error in response.json()["errors"]] == [name]


def test_the_list_asks_the_same_of_the_database_for_one_client_and_for_many(
    program: Program, make_client: MakeClient
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            program.get("/clients")
        return len(captured)

    make_client()
    program.get("/clients")  # records the first use of the key
    one = queries()
    for _ in range(20):
        make_client()
    assert queries() == one


# ── POST /clients ─────────────────────────────────────────────────────────────────


def test_post_client_creates_it_once(
    program: Program, alicia: User, pyme: Package
) -> None:
    data = NEW | {"package": str(pyme.public_id)}
    first, again = program.post("/clients", data), program.post("/clients", data)
    assert (first.status_code, again.status_code) == (201, 200)
    body = first.json()
    assert body["changed"] is True
    assert body["client"]["folio_balance"] == 100
    assert body["movement"]["reference"] == "alta-1"
    assert again.json()["changed"] is False
    assert again.json()["movement"] == body["movement"]
    client = Client.objects.get(public_id=body["client"]["id"])
    assert client.reseller == alicia.reseller
    assert client.events.get(kind=EventKind.CREATED).api_key == program.key


def test_an_rfc_is_taken_once_per_reseller(
    program: Program, clara: Client, pyme: Package
) -> None:
    data = NEW | {"package": str(pyme.public_id), "rfc": clara.rfc}
    response = program.post("/clients", data)
    assert refusal(response) == (409, "rfc_taken")
    assert response.json()["errors"][0]["field"] == "rfc"


def test_the_e_mail_of_the_people_of_the_panel_cannot_be_told_from_another(
    program: Program, pyme: Package, beto: User
) -> None:
    data = NEW | {"package": str(pyme.public_id), "contact_email": beto.email}
    response = program.post("/clients", data)
    assert response.status_code == 201
    assert response.json()["client"]["contact_email"] == beto.email
    assert not Membership.objects.get(user=beto).opens


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rfc", "XAXX010101000"),
        ("rfc", "no es"),
        ("rfc", "XIA190128J60"),
        ("tax_regime", "999"),
        ("tax_regime", "605"),
        ("postal_code", "1234"),
        ("contact_email", "pagos"),
        ("contact_phone", "12"),
        ("legal_name", "A\u202eB"),
        ("legal_name", ""),
        ("package", "00000000-0000-4000-8000-000000000000"),
        ("package", "pyme"),
        ("reference", ""),
        ("send_welcome", 1),
    ],
)
def test_a_client_that_cannot_be_is_refused_by_its_field(
    program: Program, pyme: Package, field: str, value: object
) -> None:
    data = NEW | {"package": str(pyme.public_id), field: value}
    response = program.post("/clients", data)
    assert refusal(response) == (422, "validation")
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert not Client.objects.exists()


def test_a_doubtful_rfc_may_be_accepted(program: Program, pyme: Package) -> None:
    data = NEW | {"package": str(pyme.public_id), "rfc": "XIA190128J60"}
    assert program.post("/clients", data | {"accept_rfc": True}).status_code == 201


def test_an_rfc_with_an_inconvenient_word_may_be_accepted_too(
    program: Program, pyme: Package
) -> None:
    stem = "PUTO900317AB"
    data = NEW | {"package": str(pyme.public_id), "tax_regime": "612"}
    data["rfc"] = stem + calc_check_digit(stem)
    response = program.post("/clients", data)
    assert refusal(response) == (422, "validation")
    (error,) = response.json()["errors"]
    assert error["field"] == "rfc"
    assert error["message"].startswith("Empieza con «PUTO»")
    assert program.post("/clients", data | {"accept_rfc": True}).status_code == 201


def test_a_package_withdrawn_from_sale_cannot_be_assigned(
    program: Program, pyme: Package, alicia: User
) -> None:
    catalogue.withdraw(pyme, by=alicia)
    response = program.post("/clients", NEW | {"package": str(pyme.public_id)})
    assert refusal(response) == (409, "package_not_on_sale")


def test_a_new_client_can_be_welcomed(
    program: Program, pyme: Package, mailoutbox: list[Any]
) -> None:
    data = NEW | {"package": str(pyme.public_id), "send_welcome": True}
    program.post("/clients", data)
    program.post("/clients", data)
    (mail,) = mailoutbox
    assert mail.to == ["pagos@xenon.mx"]


# ── PATCH /clients/{client} ───────────────────────────────────────────────────────


def test_whom_a_changed_address_gives_the_account_is_told(
    program: Program, clara: Client, mailoutbox: list[Any]
) -> None:
    path = f"/clients/{clara.rfc}"
    assert program.patch(path, {"contact_name": "Ana"}).status_code == 200
    assert mailoutbox == []
    program.patch(path, {"contact_email": "nueva@kemper.mx"})
    (mail,) = mailoutbox
    assert mail.to == ["nueva@kemper.mx"]


def test_patch_client_edits_the_plan(program: Program, clara: Client) -> None:
    services = [{"code": "multiempresa", "quantity": 5}, {"code": "correo-smtp"}]
    response = program.patch(
        f"/clients/{clara.rfc}", {"contact_name": "Ana", "services": services}
    )
    assert response.status_code == 200
    body = response.json()
    assert body["changed"] is True
    assert body["client"]["contact_name"] == "Ana"
    assert body["client"]["contact_email"] == "clara@kemper.mx"
    assert body["client"]["plan"]["name"] == "personalizado"
    given = {s["code"]: s["quantity"] for s in body["client"]["plan"]["services"]}
    assert given == {"multiempresa": 5, "correo-smtp": None}
    assert body["client"]["folio_balance"] == 100
    assert _last_event(clara) == (EventKind.PLAN_EDITED, program.key)


def test_a_patch_without_a_change_changes_nothing(
    program: Program, clara: Client
) -> None:
    for data in ({}, {"contact_name": clara.contact_name}):
        body = program.patch(f"/clients/{clara.rfc}", data).json()
        assert body["changed"] is False
        assert body["client"]["plan"]["name"] == "PYME"


@pytest.mark.parametrize(
    "services",
    [
        [{"code": "no-existe"}],
        [{"code": "multiempresa"}],
        [{"code": "multiempresa", "quantity": 0}],
        [{"code": "multiempresa", "quantity": 1_001}],
        [{"code": "correo-smtp", "quantity": 3}],
        [{"code": "correo-smtp"}, {"code": "correo-smtp"}],
    ],
)
def test_services_that_cannot_be_are_refused(
    program: Program, clara: Client, services: list[dict[str, object]]
) -> None:
    response = program.patch(f"/clients/{clara.rfc}", {"services": services})
    assert refusal(response) == (422, "validation")
    assert response.json()["errors"][0]["field"].startswith("services")


# ── POST …/folios, …/renewals ─────────────────────────────────────────────────────


def test_post_folios_adds_them_once(program: Program, clara: Client) -> None:
    path, data = f"/clients/{clara.rfc}/folios", {"quantity": 50, "reference": "R-1"}
    first, again = program.post(path, data), program.post(path, data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["client"]["folio_balance"] == 150
    assert first.json()["movement"] == again.json()["movement"]
    assert factories.fresh(clara).balance == 150
    conflict = program.post(path, data | {"quantity": 51})
    assert refusal(conflict) == (409, "reference_conflict")


def test_folios_can_activate_too(program: Program, make_client: MakeClient) -> None:
    client = make_client(suspended=True)
    path = f"/clients/{client.rfc}/folios"
    program.post(path, {"quantity": 1, "reference": "R-1"})
    assert factories.fresh(client).is_suspended
    program.post(path, {"quantity": 1, "reference": "R-2", "activate": True})
    assert not factories.fresh(client).is_suspended


def test_too_many_folios_at_once_are_refused(program: Program, clara: Client) -> None:
    for quantity in (1_000_001, 2**63 - 1):
        response = program.post(
            f"/clients/{clara.rfc}/folios", {"quantity": quantity, "reference": "R"}
        )
        assert refusal(response) == (422, "validation")
        assert response.json()["errors"][0]["field"] == "quantity"


def test_post_renewal_assigns_the_package_again_once(
    program: Program, clara: Client
) -> None:
    path, data = f"/clients/{clara.rfc}/renewals", {"reference": "N-1"}
    first, again = program.post(path, data), program.post(path, data)
    assert (first.status_code, again.status_code) == (201, 200)
    body = first.json()["client"]
    assert body["folio_balance"] == 200
    assert body["expires_on"] > str(clara.expires_on)
    assert again.json()["movement"] == first.json()["movement"]
    assert factories.fresh(clara).balance == 200


def test_a_renewal_can_change_the_package(
    program: Program, clara: Client, make_package: MakePackage
) -> None:
    package = make_package(name="Mayor", folios=500)
    data = {"reference": "N-1", "package": str(package.public_id)}
    body = program.post(f"/clients/{clara.rfc}/renewals", data).json()
    assert body["client"]["plan"]["name"] == "Mayor"
    assert body["client"]["folio_balance"] == 600


def test_a_strangers_package_does_not_exist(
    program: Program, clara: Client, beto: User
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller)
    data = {"reference": "N-1", "package": str(package.public_id)}
    response = program.post(f"/clients/{clara.rfc}/renewals", data)
    assert refusal(response) == (422, "validation")
    assert response.json()["errors"] == [
        {"field": "package", "message": "No existe ese paquete."}
    ]


# ── POST …/suspension, …/activation, …/archive, …/restore ─────────────────────────


def test_post_suspension_suspends(program: Program, clara: Client) -> None:
    path = f"/clients/{clara.rfc}/suspension"
    data = {"reason": "No ha pagado", "message": "Llame a su distribuidor"}
    response = program.post(path, data)
    assert response.status_code == 200
    assert response.json()["client"]["status"] == "suspended"
    assert response.json()["movement"] is None
    event = clara.events.order_by("seq").last()
    assert event is not None
    assert (event.reason, event.message) == (data["reason"], data["message"])
    assert event.api_key == program.key
    assert refusal(program.post(path, data)) == (409, "already_suspended")


def test_a_suspension_needs_a_reason(program: Program, clara: Client) -> None:
    for data in ({}, {"reason": ""}, {"reason": "  "}):
        response = program.post(f"/clients/{clara.rfc}/suspension", data)
        assert refusal(response) == (422, "validation")
        assert response.json()["errors"][0]["field"] == "reason"


def test_post_activation_lifts_the_suspension(
    program: Program, make_client: MakeClient
) -> None:
    client = make_client(suspended=True)
    path = f"/clients/{client.rfc}/activation"
    assert program.post(path).json()["client"]["status"] == "active"
    assert _last_event(client) == (EventKind.ACTIVATED, program.key)
    assert refusal(program.post(path)) == (409, "not_suspended")


def test_post_archive_hides_who_is_not_active(
    program: Program, clara: Client, alicia: User
) -> None:
    path = f"/clients/{clara.rfc}/archive"
    assert refusal(program.post(path)) == (409, "client_active")
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    assert program.post(path).json()["client"]["archived_at"] is not None
    assert _last_event(clara) == (EventKind.ARCHIVED, program.key)
    assert refusal(program.post(path)) == (403, "client_archived")


def test_post_restore_brings_it_back(program: Program, make_client: MakeClient) -> None:
    client = make_client(archived=True)
    path = f"/clients/{client.rfc}/restore"
    assert program.post(path).json()["client"]["archived_at"] is None
    assert _last_event(client) == (EventKind.RESTORED, program.key)
    assert refusal(program.post(path)) == (409, "not_archived")


def _change(program: Program, client: Client, call: str) -> HttpResponse:
    path = f"/clients/{client.rfc}"
    match call:
        case "edit":
            return program.patch(path, {"contact_name": "Otra"})
        case "folios":
            return program.post(f"{path}/folios", {"quantity": 1, "reference": "R"})
        case "renewals":
            return program.post(f"{path}/renewals", {"reference": "R"})
    return program.post(f"{path}/suspension", {"reason": "No ha pagado"})


@pytest.mark.parametrize("call", ["edit", "folios", "renewals", "suspension"])
def test_an_archived_client_is_left_alone(
    program: Program, make_client: MakeClient, call: str
) -> None:
    client = make_client(archived=True)
    response = _change(program, client, call)
    assert refusal(response) == (403, "client_archived")


# ── GET /packages ─────────────────────────────────────────────────────────────────


def test_get_packages_lists_those_on_sale(
    program: Program, make_package: MakePackage, pyme: Package, alicia: User, beto: User
) -> None:
    factories.PackageFactory(reseller=beto.reseller)
    catalogue.withdraw(make_package(name="Viejo"), by=alicia)
    make_package(name="Suelto", folios=500, term_count=None, price="1234.50")
    body = program.get("/packages").json()["packages"]
    assert [package["name"] for package in body] == ["PYME", "Suelto"]
    assert body[0]["id"] == str(pyme.public_id)
    assert body[0]["term"] == {"count": 1, "unit": "year"}
    assert body[0]["price"] is None
    assert [s["code"] for s in body[0]["services"]] == [
        "correo-personalizado",
        "multiempresa",
    ]
    assert (body[1]["term"], body[1]["price"]) == (None, "1234.50")
