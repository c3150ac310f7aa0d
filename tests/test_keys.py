"""The page *API*: make, limit and revoke keys; activity of programs; the console."""

import json
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.db import DatabaseError, connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys, people
from accounts.models import AccessEvent, ApiKey, Scope, User
from clients.models import Client
from tests import factories
from tests.cast import MakeClient, prove
from tests.programs import MakeProgram, Program, refusal

HTMX = {"HX-Request": "true"}
LIST, MAKE = reverse("accounts:keys"), reverse("accounts:make_key")
ACTIVITY, TRY = reverse("programs:activity"), reverse("programs:try")


def url(name: str, key: ApiKey | None) -> str:
    assert key is not None
    return reverse(f"accounts:{name}", args=[key.public_id])


@pytest.fixture
def as_alicia(as_alicia: Browser) -> Browser:
    """She has just given her password again, as these pages ask."""
    return prove(as_alicia)


@pytest.fixture
def unproven(alicia: User) -> Browser:
    """A session of hers that has been open for a while."""
    browser = Browser()
    browser.force_login(alicia)
    return browser


# ── Keys ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_making_a_key_shows_its_secret_once(
    as_alicia: Browser, alicia: User, clara: Client, headers: dict[str, str]
) -> None:
    data = {"name": "Facturación", "scopes": ["stamps", "clients:read"]}
    page = as_alicia.post(MAKE, data, headers=headers)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    key = ApiKey.objects.get()
    assert (key.reseller, key.scopes) == (alicia.reseller, data["scopes"])
    secret = page.content.decode().partition('id="secret">')[2].partition("<")[0]
    assert ApiKey.digest_of(secret) == bytes(key.digest)
    assert Program(secret).stamp(clara.rfc).status_code == 201
    listed = as_alicia.get(LIST).content.decode()
    assert secret not in listed
    assert f"{secret[:8]}…" in listed


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "", "scopes": ["stamps"]},
        {"name": "A\u202eB", "scopes": ["stamps"]},
        {"name": "x" * 81, "scopes": ["stamps"]},
        {"name": "Facturación"},
        {"name": "Facturación", "scopes": ["todo"]},
    ],
)
def test_a_key_that_cannot_be_is_not_made(
    as_alicia: Browser, data: dict[str, object]
) -> None:
    assert as_alicia.post(MAKE, data).status_code == 422
    assert not ApiKey.objects.exists()


def test_changing_a_key_keeps_its_secret(
    as_alicia: Browser, program: Program, clara: Client
) -> None:
    response = as_alicia.post(
        url("change_key", program.key),
        {"name": "Solo lectura", "scopes": ["clients:read"]},
        headers=HTMX,
    )
    row = response.content.decode()
    assert row.strip().startswith("<tr")
    assert "Solo lectura" in row
    assert program.get("/clients").status_code == 200
    assert refusal(program.stamp(clara.rfc)) == (403, "scope_missing")


def test_revoking_asks_first_and_stops_the_next_call(
    as_alicia: Browser, program: Program, clara: Client
) -> None:
    page = as_alicia.get(url("revoke_key", program.key))
    assert "No se puede deshacer" in page.content.decode()
    assert program.stamp(clara.rfc).status_code == 201
    response = as_alicia.post(url("revoke_key", program.key), headers=HTMX)
    assert "Revocada" in response.content.decode()
    assert refusal(program.stamp(clara.rfc)) == (401, "unauthorized")
    for name in ("change_key", "revoke_key"):
        assert as_alicia.post(url(name, program.key)).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_open_session_is_not_enough_to_make_change_or_revoke_a_key(
    unproven: Browser, program: Program, headers: dict[str, str]
) -> None:
    assert program.key is not None
    data = {"name": "Otra", "scopes": ["stamps"]}
    for where in (
        MAKE,
        url("change_key", program.key),
        url("revoke_key", program.key),
    ):
        assert (
            'name="password"' in unproven.get(where, headers=headers).content.decode()
        )
        for password in ("", "otra-clave-cualquiera"):
            form = data | {"password": password}
            response = unproven.post(where, form, headers=headers)
            assert response.status_code == 422
            assert 'name="password"' in response.content.decode()
            assert password not in response.content.decode() or not password
    key = ApiKey.objects.get()
    assert (key.name, key.revoked_at) == ("Facturación", None)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_with_the_password_it_is_done_and_not_asked_again_for_a_while(
    unproven: Browser, headers: dict[str, str]
) -> None:
    data = {"name": "Otra", "scopes": ["stamps"], "password": factories.PASSWORD}
    assert unproven.post(MAKE, data, headers=headers).status_code == 200
    key = ApiKey.objects.get()
    assert (
        'name="password"' not in unproven.get(url("revoke_key", key)).content.decode()
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        page = unproven.get(url("revoke_key", key)).content.decode()
        assert 'name="password"' in page
        assert unproven.post(url("revoke_key", key)).status_code == 422


def test_guessing_the_password_in_the_dialog_is_slowed_down(unproven: Browser) -> None:
    data = {"name": "Otra", "scopes": ["stamps"]}
    for number in range(5):
        unproven.post(MAKE, data | {"password": f"guess-{number}"})
    response = unproven.post(MAKE, data | {"password": factories.PASSWORD})
    assert response.status_code == 422
    assert "Demasiados intentos" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_right_password_is_not_typed_twice_when_something_else_is_wrong(
    unproven: Browser,
) -> None:
    data = {"name": "", "scopes": ["stamps"], "password": factories.PASSWORD}
    response = unproven.post(MAKE, data)
    assert response.status_code == 422
    assert 'name="password"' not in response.content.decode()
    assert unproven.post(MAKE, data | {"name": "Otra"}).status_code == 200


def test_whoever_has_no_password_proves_it_another_way(
    unproven: Browser, alicia: User
) -> None:
    alicia.set_unusable_password()
    alicia.save()
    totp.TOTP.activate(alicia, totp.generate_totp_secret())
    browser = Browser()
    browser.force_login(alicia)
    page = browser.get(MAKE).content.decode()
    assert f"{reverse('account_reauthenticate')}?next=" in page
    assert browser.post(MAKE, {"name": "Otra", "scopes": ["stamps"]}).status_code == 422
    assert not ApiKey.objects.exists()


def test_who_made_changed_and_revoked_a_key_is_kept_for_ever(
    as_alicia: Browser, alicia: User
) -> None:
    as_alicia.post(MAKE, {"name": "Caja", "scopes": ["stamps"]})
    key = ApiKey.objects.get()
    as_alicia.post(url("change_key", key), {"name": "Caja", "scopes": ["stamps"]})
    data = {"name": "Caja 2", "scopes": ["clients:read", "stamps"]}
    as_alicia.post(url("change_key", key), data)
    as_alicia.post(url("revoke_key", key))
    key.refresh_from_db()
    assert key.made_by == key.revoked_by == alicia
    was = {"name": "Caja", "scopes": ["stamps"]}
    events = AccessEvent.objects.order_by("id")
    assert list(events.values_list("kind", "by", "before", "after")) == [
        ("key_made", alicia.pk, {}, was),
        ("key_changed", alicia.pk, was, data),
        ("key_revoked", alicia.pk, data, {}),
    ]
    page = as_alicia.get(LIST).content.decode()
    assert page.count("por Alicia Gómez") == 2


def test_a_revoked_key_is_neither_changed_nor_revoked_again(
    alicia: User, beto: User, program: Program
) -> None:
    assert program.key is not None
    stale = ApiKey.objects.get(pk=program.key.pk)
    assert keys.revoke(program.key, by=alicia)
    assert not keys.revoke(stale, by=beto)
    assert stale.revoked_by == alicia
    with pytest.raises(keys.KeyRevoked):
        keys.change(stale, name="Otra", scopes=["stamps"], by=beto)


@pytest.mark.parametrize("how", ["dismissed", "moved"])
def test_a_key_outlives_whoever_made_it_and_the_page_says_so(
    as_alicia: Browser,
    alicia: User,
    beto: User,
    soporte: User,
    program: Program,
    clara: Client,
    how: str,
) -> None:
    """A key is its reseller's: invoicing does not stop because somebody left."""
    colleague = factories.UserFactory(reseller=alicia.reseller)
    browser = Browser()
    browser.force_login(colleague)
    warning = "La creó alguien que ya no entra"
    assert warning not in browser.get(LIST).content.decode()
    away = {"dismissed": {"is_active": False}, "moved": {"reseller": beto.reseller}}
    people.change(alicia, away[how], by=soporte)
    assert warning in browser.get(LIST).content.decode()
    assert program.stamp(clara.rfc).status_code == 201
    browser.post(url("revoke_key", program.key), {"password": factories.PASSWORD})
    assert warning not in browser.get(LIST).content.decode()
    assert refusal(program.stamp(clara.rfc)) == (401, "unauthorized")


def test_without_a_script_the_list_comes_back(
    as_alicia: Browser, program: Program
) -> None:
    response = as_alicia.post(url("revoke_key", program.key), follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "ya no sirve" in response.content.decode()


def test_a_strangers_key_does_not_exist(
    as_beto: Browser, program: Program, clara: Client
) -> None:
    assert "Facturación" not in as_beto.get(LIST).content.decode()
    for name in ("change_key", "revoke_key"):
        response = as_beto.post(
            url(name, program.key), {"name": "Mía", "scopes": ["stamps"]}
        )
        assert response.status_code == 404
    assert program.stamp(clara.rfc).status_code == 201


def test_the_list_shows_the_last_use(
    as_alicia: Browser, program: Program, clara: Client
) -> None:
    assert "nunca" in as_alicia.get(LIST).content.decode()
    program.stamp(clara.rfc)
    assert "nunca" not in as_alicia.get(LIST).content.decode()


def test_a_key_is_never_deleted(program: Program) -> None:
    assert program.key is not None
    with pytest.raises(DatabaseError, match="Cannot delete"):
        program.key.delete()


# ── What programs did ─────────────────────────────────────────────────────────────


def test_the_activity_shows_movements_and_refusals(
    as_alicia: Browser,
    as_beto: Browser,
    program: Program,
    clara: Client,
    make_client: MakeClient,
) -> None:
    other = make_client(legal_name="Otra Empresa", suspended=True)
    program.stamp(clara.rfc, "F-bien")
    program.stamp(clara.rfc, "F-mucho", 1_000)
    program.stamp(other.rfc, "F-otra")
    program.stamp("AAA010101AAA", "F-nadie")
    page = as_alicia.get(ACTIVITY).content.decode()
    for shown in ("F-bien", "insufficient_folios", "client_suspended", "Otra Empresa"):
        assert shown in page
    assert "AAA010101AAA" in page
    of_clara = as_alicia.get(ACTIVITY, {"cliente": clara.rfc}).content.decode()
    assert "F-bien" in of_clara
    assert "insufficient_folios" in of_clara
    assert "Otra Empresa" not in of_clara
    assert "AAA010101AAA" not in of_clara
    theirs = as_beto.get(ACTIVITY).content.decode()
    assert "F-bien" not in theirs
    assert "insufficient_folios" not in theirs
    unknown = as_beto.get(ACTIVITY, {"cliente": clara.rfc}).content.decode()
    assert "Usted no tiene un cliente" in unknown
    assert "F-bien" not in unknown


def test_the_pages_ask_the_same_of_the_database_however_much_they_show(
    as_alicia: Browser, make_program: MakeProgram, make_client: MakeClient
) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            as_alicia.get(url)
        return len(captured)

    def use_it() -> None:
        program, client = make_program(), make_client()
        program.stamp(client.rfc, "F-1")
        program.stamp(client.rfc, "F-2", 1_000)

    use_it()
    before = [queries(url) for url in (LIST, ACTIVITY)]
    for _ in range(8):
        use_it()
    assert [queries(url) for url in (LIST, ACTIVITY)] == before


def test_the_page_of_a_client_shows_what_its_programs_were_refused(
    as_alicia: Browser, program: Program, clara: Client
) -> None:
    page = reverse("clients:detail", args=[clara.public_id])
    assert "Rechazos de la API" not in as_alicia.get(page).content.decode()
    program.stamp(clara.rfc, "F-mucho", 1_000)
    shown = as_alicia.get(page).content.decode()
    assert "Rechazos de la API" in shown
    assert "F-mucho" in shown


def test_the_history_names_the_key(
    as_alicia: Browser, program: Program, clara: Client
) -> None:
    program.post(f"/clients/{clara.rfc}/suspension", {"reason": "No ha pagado"})
    page = as_alicia.get(reverse("clients:detail", args=[clara.public_id]))
    assert "API · Facturación" in page.content.decode()


# ── A call by hand ────────────────────────────────────────────────────────────────


def _told(page: str) -> dict[str, object]:
    """The JSON response that the page shows."""
    text = page.partition('tabindex="0">')[2].partition("</pre>")[0]
    body: dict[str, object] = json.loads(unescape(text))
    return body


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_trying_a_call_answers_as_a_program_is_answered(
    as_alicia: Browser, program: Program, clara: Client, headers: dict[str, str]
) -> None:
    assert program.key is not None
    data = {"key": program.key.public_id, "client": clara.rfc, "reference": "it's 1"}

    def tried(call: str) -> dict[str, object]:
        page = as_alicia.post(TRY, data | {"call": call}, headers=headers)
        assert page.status_code == 200
        return _told(page.content.decode())

    asked = program.get(f"/clients/{clara.rfc}").json()
    assert tried("entitlement") == asked
    stamped = tried("stamp")
    assert stamped["balance_after"] == 99
    assert stamped == program.stamp(clara.rfc, "it's 1").json()
    reversed_ = tried("reversal")
    assert reversed_["balance_after"] == 100
    path = f"/clients/{clara.rfc}/stamps/it's%201/reversal"
    assert reversed_ == program.post(path).json()


def test_what_is_tried_by_hand_is_by_the_person_with_that_key(
    as_alicia: Browser, alicia: User, program: Program, clara: Client
) -> None:
    assert program.key is not None
    data = {"key": program.key.public_id, "client": clara.rfc, "reference": "F-1"}
    for call in ("stamp", "reversal"):
        as_alicia.post(TRY, data | {"call": call})
    program.stamp(clara.rfc, "F-2")
    kinds = ("stamp", "reversal")
    entries = clara.entries.filter(kind__in=kinds).order_by("seq")
    assert list(entries.values_list("by", "api_key")) == [
        (alicia.pk, program.key.pk),
        (alicia.pk, program.key.pk),
        (None, program.key.pk),
    ]
    page = as_alicia.get(reverse("clients:detail", args=[clara.public_id]))
    assert page.content.decode().count("Alicia Gómez (con la llave Facturación)") == 2
    assert as_alicia.get(ACTIVITY).content.decode().count("la probó Alicia Gómez") == 2


@pytest.mark.django_db(transaction=True)
def test_also_when_it_is_written_together_with_those_of_programs(
    as_alicia: Browser, alicia: User, program: Program, clara: Client
) -> None:
    """In production the stamps of many callers are written by another thread."""
    assert program.key is not None
    data = {"key": program.key.public_id, "client": clara.rfc, "reference": "F-1"}
    as_alicia.post(TRY, data | {"call": "stamp"})
    entry = clara.entries.get(reference="F-1")
    assert (entry.by, entry.api_key) == (alicia, program.key)


def test_trying_is_refused_as_a_program_is(
    as_alicia: Browser, make_program: MakeProgram, clara: Client
) -> None:
    reader = make_program(scopes=[Scope.CLIENTS_READ])
    assert reader.key is not None
    data = {"key": reader.key.public_id, "client": clara.rfc, "reference": "F-1"}
    page = as_alicia.post(TRY, data | {"call": "stamp"}).content.decode()
    assert _told(page)["code"] == "scope_missing"
    assert factories.fresh(clara).balance == 100
    page = as_alicia.post(TRY, data | {"call": "reversal"}).content.decode()
    assert _told(page)["code"] == "scope_missing"
    data["client"] = "AAA010101AAA"
    page = as_alicia.post(TRY, data | {"call": "entitlement"}).content.decode()
    assert _told(page)["code"] == "unknown_client"


def test_trying_needs_a_key_of_ones_own_and_a_reference(
    as_alicia: Browser, as_beto: Browser, program: Program, clara: Client
) -> None:
    assert program.key is not None
    data = {"key": program.key.public_id, "client": clara.rfc, "call": "stamp"}
    assert as_alicia.post(TRY, data).status_code == 422
    assert as_beto.post(TRY, data | {"reference": "F-1"}).status_code == 422
    keys.revoke(program.key, by=None)
    assert as_alicia.post(TRY, data | {"reference": "F-1"}).status_code == 422
    assert factories.fresh(clara).balance == 100


# ── The documentation ─────────────────────────────────────────────────────────────


def test_the_docs_are_for_everybody(
    anonymous: Browser, as_alicia: Browser, as_clara: Browser
) -> None:
    for browser in (anonymous, as_alicia, as_clara):
        page = browser.get("/api/v1/docs")
        assert page.status_code == 200
        text = page.content.decode()
        assert "/api/v1/clients/{client}/stamps" in text
        assert 'id="reference_conflict"' in text
        assert "<script>" not in text
