"""Which key may make which call: keys, scopes, strangers; one table of all calls."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Scope, User
from api.docs import contract
from clients.models import Client
from tests import factories
from tests.cfdis import cfdi
from tests.programs import BASE, MakeProgram, Program, refusal

STAMPS, READ, WRITE = Scope.STAMPS, Scope.CLIENTS_READ, Scope.CLIENTS_WRITE

# Every operation: method, path, body, and the scopes, any of which is enough.
CALLS: dict[str, tuple[str, str, Any, set[Scope]]] = {
    "entitlement": ("get", "/clients/{client}", None, {STAMPS, READ}),
    "stamp": (
        "post",
        "/clients/{client}/stamps",
        {"reference": "F-2", "quantity": 1},
        {STAMPS},
    ),
    "stamps": (
        "post",
        "/stamps",
        {"stamps": [{"client": "{client}", "reference": "F-3", "quantity": 1}]},
        {STAMPS},
    ),
    "reversal": ("post", "/clients/{client}/stamps/F-1/reversal", None, {STAMPS}),
    "cfdi": ("post", "/cfdi", cfdi().encode(), {STAMPS}),
    "movements": ("get", "/clients/{client}/movements", None, {STAMPS, READ}),
    "clients": ("get", "/clients", None, {READ}),
    "create_client": (
        "post",
        "/clients",
        {
            "rfc": "XIA190128J61",
            "legal_name": "XENON",
            "tax_regime": "601",
            "postal_code": "76343",
            "contact_email": "pagos@xenon.mx",
            "reference": "alta-1",
            "package": "{package}",
        },
        {WRITE},
    ),
    "edit_plan": ("patch", "/clients/{client}", {"contact_name": "Ana"}, {WRITE}),
    "add_folios": (
        "post",
        "/clients/{client}/folios",
        {"quantity": 1, "reference": "R-1"},
        {WRITE},
    ),
    "renew": ("post", "/clients/{client}/renewals", {"reference": "N-1"}, {WRITE}),
    "suspend": ("post", "/clients/{client}/suspension", {"reason": "Falta"}, {WRITE}),
    "activate": ("post", "/clients/{client}/activation", None, {WRITE}),
    "archive": ("post", "/clients/{client}/archive", None, {WRITE}),
    "restore": ("post", "/clients/{client}/restore", None, {WRITE}),
    "packages": ("get", "/packages", None, {READ, WRITE}),
}
OF_A_CLIENT = [name for name, call in CALLS.items() if "{client}" in call[1]]


def call(program: Program, name: str, client: Client) -> HttpResponse:
    method, path, data, _ = CALLS[name]
    path = path.format(client=client.public_id)
    if method == "get":
        return program.get(path)
    return program.send(method, path, _filled(data, client))


def _filled(data: Any, client: Client) -> Any:
    names = {"{client}": client.rfc, "{package}": str(client.plan.package.public_id)}
    match data:
        case dict():
            return {key: _filled(value, client) for key, value in data.items()}
        case list():
            return [_filled(value, client) for value in data]
        case str():
            return names.get(data, data)
    return data


def _operations() -> Iterator[str]:
    for operations in contract()["paths"].values():
        for operation in operations.values():
            yield operation["operationId"]


def test_every_call_is_in_the_table() -> None:
    assert sorted(_operations()) == sorted(CALLS)


# ── Scopes ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_does_what_its_scopes_say(
    make_program: MakeProgram, clara: Client, scope: Scope
) -> None:
    make_program().stamp(clara.rfc, "F-1")
    limited = make_program(scopes=[scope])
    for name in CALLS:
        response = call(limited, name, clara)
        if scope in CALLS[name][3]:
            # 409: the client is not suspended, or is active, when this call comes.
            assert response.status_code in (200, 201, 409), name
        else:
            assert refusal(response) == (403, "scope_missing"), name
    if scope is Scope.CLIENTS_READ:
        assert factories.fresh(clara).account.last_seq == 3  # nothing was done


def test_scopes_taken_away_are_missed_at_the_next_call(
    program: Program, clara: Client
) -> None:
    assert program.key is not None
    assert program.stamp(clara.rfc, "F-1").status_code == 201
    keys.change(program.key, name="Solo lectura", scopes=[Scope.CLIENTS_READ], by=None)
    assert refusal(program.stamp(clara.rfc, "F-1")) == (403, "scope_missing")
    assert program.get("/clients").status_code == 200


# ── Keys ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("secret", ["", "tp_otra", "ñ", "a b", "x" * 5_000])
def test_without_a_key_nothing_is_said(clara: Client, secret: str) -> None:
    for name in CALLS:
        response = call(Program(secret), name, clara)
        assert refusal(response) == (401, "unauthorized"), name
        assert response["WWW-Authenticate"].startswith("Bearer"), name


def test_a_revoked_key_stops_at_the_next_call(program: Program, clara: Client) -> None:
    assert program.key is not None
    assert program.stamp(clara.rfc, "F-1").status_code == 201
    keys.revoke(program.key, by=None)
    for name in CALLS:
        assert refusal(call(program, name, clara)) == (401, "unauthorized"), name
    assert refusal(program.stamp(clara.rfc, "F-1")) == (401, "unauthorized")


@pytest.mark.parametrize(
    "header", ["Basic {}", "{}", "Token {}", "Bearer", "Bearer ", "Bearer  , {}"]
)
def test_the_key_is_shown_as_a_bearer_token(
    program: Program, clara: Client, header: str
) -> None:
    response = Browser().get(
        f"{BASE}/clients", headers={"Authorization": header.format(program.secret)}
    )
    assert refusal(response) == (401, "unauthorized")


def test_without_a_key_a_wrong_body_is_not_discussed(clara: Client) -> None:
    response = Program("tp_otra").post(f"/clients/{clara.rfc}/stamps", b"{")
    assert refusal(response) == (401, "unauthorized")


def test_the_secret_is_not_kept(program: Program) -> None:
    assert program.key is not None
    kept = ApiKey.objects.filter(pk=program.key.pk).values().get()
    assert program.secret not in str(kept)
    assert kept["prefix"] == program.secret[:8]
    assert len(bytes(kept["digest"])) == 32


def test_the_last_use_is_noted_at_most_once_a_minute(
    program: Program, clara: Client
) -> None:
    def last_used() -> Any:
        assert program.key is not None
        program.key.refresh_from_db()
        return program.key.last_used_at

    assert last_used() is None
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        program.stamp(clara.rfc, "F-1")
    assert last_used() == start
    with time_machine.travel(start + timedelta(seconds=59), tick=False):
        program.stamp(clara.rfc, "F-2")
        program.get("/clients")
    assert last_used() == start
    with time_machine.travel(start + timedelta(seconds=60), tick=False):
        program.get("/clients")
    assert last_used() == start + timedelta(seconds=60)


# ── Strangers ─────────────────────────────────────────────────────────────────────


def test_a_strangers_client_and_a_missing_one_are_the_same(
    make_program: MakeProgram, clara: Client, beto: User
) -> None:
    make_program().stamp(clara.rfc, "F-1")
    stranger = make_program(reseller=beto.reseller)
    for name in OF_A_CLIENT:
        method, path, data, _ = CALLS[name]
        answers = []
        for given in (clara.public_id, "00000000-0000-4000-8000-000000000000"):
            response = (
                stranger.get(path.format(client=given))
                if method == "get"
                else stranger.send(method, path.format(client=given), data)
            )
            assert refusal(response) == (404, "unknown_client"), name
            answers.append(response.content.decode().replace(str(given), "…"))
        assert answers[0] == answers[1], name
    assert factories.fresh(clara).account.last_seq == 3


def test_the_same_taxpayer_of_two_resellers_has_two_balances(
    make_program: MakeProgram, clara: Client, beto: User
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller, folios=7)
    factories.make_client(package=package, rfc=clara.rfc)
    mine, theirs = make_program(), make_program(reseller=beto.reseller)
    assert mine.stamp(clara.rfc, "F-1").json()["balance_after"] == 99
    assert theirs.stamp(clara.rfc, "F-1").json()["balance_after"] == 6
    response = theirs.post("/cfdi", cfdi(issuer=clara.rfc).encode())
    assert response.json()["balance_after"] == 5


def test_a_batch_finds_no_strangers(
    make_program: MakeProgram, clara: Client, beto: User
) -> None:
    stranger = make_program(reseller=beto.reseller)
    for name in (clara.rfc, str(clara.public_id)):
        item = {"client": name, "reference": "F-1", "quantity": 1}
        (result,) = stranger.post("/stamps", {"stamps": [item]}).json()["results"]
        assert result["code"] == "unknown_client"


# ── Sessions and cookies ──────────────────────────────────────────────────────────


def test_a_session_is_no_key(as_alicia: Browser, clara: Client) -> None:
    assert refusal(as_alicia.get(f"{BASE}/clients")) == (401, "unauthorized")


def test_a_call_needs_no_csrf_token_and_leaves_no_cookie(
    program: Program, clara: Client
) -> None:
    browser = Browser(enforce_csrf_checks=True)
    response = browser.post(
        f"{BASE}/clients/{clara.rfc}/stamps",
        {"reference": "F-1", "quantity": 1},
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.secret}"},
    )
    assert response.status_code == 201
    assert not response.cookies
    assert response["Cache-Control"] == "no-store, private"


def test_the_contract_is_public(client: Browser, db: None) -> None:
    response = client.get(f"{BASE}/openapi.json")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")
    assert not response.cookies
