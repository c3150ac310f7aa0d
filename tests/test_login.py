"""Log-in: who may log in, who may not, and what each of them sees.

Law: domain.md, "Suspender" and "Archivar"; quality.md, "Access". Whatever the way to
log in, the account must be open; only who has authenticated learns why it is not.
"""

import time
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.cast import MakeClient

REASON = "Debe tres meses"
MESSAGE = "Falta su pago de noviembre."


def log_in(browser: Browser, user: User, password: str = factories.PASSWORD) -> Any:
    return browser.post(
        reverse("account_login"), {"login": user.email, "password": password}
    )


def is_inside(browser: Browser) -> bool:
    return "_auth_user_id" in browser.session


def suspend(client: Client) -> Client:
    lifecycle.suspend(client, reason=REASON, message=MESSAGE, by=None)
    return client


def with_password(client: Client) -> Client:
    client.user.set_password(factories.PASSWORD)
    client.user.save()
    return client


# ── Who may log in ────────────────────────────────────────────────────────────────


def test_a_client_gets_in_and_is_at_home(anonymous: Browser, clara: Client) -> None:
    response = log_in(anonymous, clara.user)
    assert response.url == "/"
    assert anonymous.get("/", follow=True).request["PATH_INFO"] == "/mi-cuenta/"


@pytest.mark.parametrize("state", ["expired", "exhausted"])
def test_an_expired_or_exhausted_client_still_gets_in(
    anonymous: Browser, make_client: MakeClient, state: str
) -> None:
    client = with_password(make_client(**{state: True}))
    log_in(anonymous, client.user)
    assert is_inside(anonymous)


def test_staff_gets_in(anonymous: Browser, alicia: User) -> None:
    assert log_in(anonymous, alicia).status_code == 302
    assert is_inside(anonymous)


def test_one_open_client_of_several_is_enough(
    anonymous: Browser, clara: Client, make_client: MakeClient
) -> None:
    make_client(contact_email=clara.contact_email)
    suspend(clara)
    log_in(anonymous, factories.fresh(clara).user)
    assert is_inside(anonymous)


def test_a_restored_client_gets_in_again(anonymous: Browser, clara: Client) -> None:
    suspend(clara)
    lifecycle.archive(clara, by=None)
    lifecycle.restore(clara, by=None)
    lifecycle.activate(clara, by=None)
    log_in(anonymous, factories.fresh(clara).user)
    assert is_inside(anonymous)


# ── Who may not, and the message they see ─────────────────────────────────────────


def test_a_suspended_client_is_told_why_and_whom_to_call(
    anonymous: Browser, clara: Client
) -> None:
    suspend(clara)
    response = log_in(anonymous, clara.user)
    assert response.status_code == 403
    assert not is_inside(anonymous)
    text = response.content.decode()
    assert "ESCUELA KEMPER URGATE" in text
    assert "está suspendida" in text
    assert MESSAGE in text
    assert "comuníquese con <strong>Distribuidora Alicia</strong>" in text
    assert REASON not in text, "the reason is the reseller's own"


def test_an_archived_client_is_told_so(
    anonymous: Browser, make_client: MakeClient
) -> None:
    client = with_password(make_client(exhausted=True, archived=True))
    response = log_in(anonymous, client.user)
    assert response.status_code == 403
    assert "está archivada" in response.content.decode()
    assert not is_inside(anonymous)


def test_every_closed_client_of_a_person_is_named(
    anonymous: Browser, clara: Client, make_client: MakeClient
) -> None:
    make_client(
        legal_name="Otra <b>Empresa</b>",
        contact_email=clara.contact_email,
        exhausted=True,
        archived=True,
    )
    suspend(clara)
    text = log_in(anonymous, factories.fresh(clara).user).content.decode()
    assert "ESCUELA KEMPER URGATE" in text
    assert "Otra &lt;b&gt;Empresa&lt;/b&gt;" in text


def test_whoever_is_nobodys_contact_any_more_stays_outside(
    anonymous: Browser, clara: Client
) -> None:
    former = clara.user
    lifecycle.edit_plan(clara, changes={"contact_email": "nueva@kemper.mx"}, by=None)
    response = log_in(anonymous, former)
    assert response.status_code == 403
    assert "ya no pertenece a ninguna cuenta" in response.content.decode()


def test_a_wrong_password_learns_nothing_about_the_account(
    clara: Client, make_client: MakeClient
) -> None:
    suspend(clara)
    open_one = with_password(make_client()).user
    for user in (clara.user, open_one, User(email="nadie@ejemplo.mx")):
        response = log_in(Browser(), user, "otra-clave-cualquiera")
        assert response.status_code == 200, "the form again, as for anybody"
        assert "suspendid" not in response.content.decode()
        assert "KEMPER" not in response.content.decode()


def test_nothing_of_a_refused_log_in_stays_in_the_session(
    anonymous: Browser, clara: Client
) -> None:
    suspend(clara)
    log_in(anonymous, clara.user)
    assert not [key for key in anonymous.session.keys() if "account" in key]
    assert "/cuenta/login/" in anonymous.get("/mi-cuenta/").url


# ── All ways to log in ────────────────────────────────────────────────────────────


def test_a_passkey_does_not_open_a_suspended_account(
    anonymous: Browser, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """allauth checks the passkey itself; what happens next is our code."""
    key = Authenticator.objects.create(
        user=clara.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Llave"}
    )
    monkeypatch.setattr(
        LoginWebAuthnForm, "clean_credential", lambda form: key, raising=False
    )
    url = reverse("mfa_login_webauthn")
    assert anonymous.post(url, {"credential": '{"id": "x"}'}).status_code == 302
    assert is_inside(anonymous), "the control: an open account is opened by its key"

    suspend(clara)
    stranger = Browser()
    response = stranger.post(url, {"credential": '{"id": "x"}'})
    assert response.status_code == 403
    assert MESSAGE in response.content.decode()
    assert not is_inside(stranger)


def test_with_a_second_factor_the_reason_waits_for_it(
    anonymous: Browser, clara: Client
) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(clara.user, secret)
    suspend(clara)
    response = log_in(anonymous, clara.user)
    assert response.url == reverse("mfa_authenticate")
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    response = anonymous.post(response.url, {"code": code})
    assert response.status_code == 403
    assert MESSAGE in response.content.decode()
    assert not is_inside(anonymous)


def test_a_new_password_does_not_open_a_suspended_account(
    anonymous: Browser, clara: Client
) -> None:
    suspend(clara)
    user = factories.fresh(clara).user
    key = default_token_generator.make_token(user)
    link = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    form_url = anonymous.get(link).url
    new = "otra-clave-muy-larga"
    anonymous.post(form_url, {"password1": new, "password2": new})
    assert not is_inside(anonymous)
    response = log_in(anonymous, user, new)
    assert response.status_code == 403
    assert MESSAGE in response.content.decode()


def test_nobody_signs_up(anonymous: Browser, db: None) -> None:
    url = "/cuenta/signup/"
    new = "una-clave-muy-larga"
    data = {"email": "nueva@ejemplo.mx", "password1": new, "password2": new}
    assert anonymous.post(url, data).status_code == 404
    assert anonymous.get(url).status_code == 404
    assert not User.objects.exists()


# ── Open sessions ─────────────────────────────────────────────────────────────────


def test_suspending_ends_the_open_sessions(as_clara: Browser, clara: Client) -> None:
    assert as_clara.get("/mi-cuenta/").status_code == 200
    suspend(clara)
    assert "/cuenta/login/" in as_clara.get("/mi-cuenta/").url


def test_archiving_ends_the_open_sessions(make_client: MakeClient) -> None:
    client = make_client(exhausted=True)
    browser = Browser()
    browser.force_login(client.user)
    lifecycle.archive(client, by=None)
    assert "/cuenta/login/" in browser.get("/mi-cuenta/").url


def test_a_session_that_outlived_the_suspension_shows_nothing(clara: Client) -> None:
    """Even if a session is created without our log-in, the pages check again."""
    suspend(clara)
    browser = Browser()
    browser.force_login(factories.fresh(clara).user)
    for name in ("home", "statement", "statement_csv", "visits"):
        browser.force_login(factories.fresh(clara).user)
        response = browser.get(reverse(f"portal:{name}"))
        assert response.status_code == 403
        assert MESSAGE in response.content.decode()
        assert not is_inside(browser)
