"""Every URL of allauth is decided on: served by a rule of ours, or off.

Law: quality.md, "Access"; domain.md, "The people". The library's own list is walked, so
that a URL which a new version or a setting brings is not served before it stands here.
"""

from collections.abc import Iterator
from typing import Any

import allauth.account.urls
import allauth.mfa.urls
import allauth.urls
import allauth.usersessions.urls
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client as Browser
from django.urls import (
    NoReverseMatch,
    URLPattern,
    URLResolver,
    get_resolver,
    reverse,
)

from accounts.models import User
from clients import lifecycle
from clients.models import Client
from tests import factories

NEW_PASSWORD = "otra-clave-muy-larga"
OFF = "off"
DOOR = "for whoever is outside: throttled, and the same answer for unknown people"
OWN = "one's own, after a log-in"
OWN_AFRESH = "one's own, after giving the password again"
STEP = "a step of a log-in under way; otherwise back to the log-in"

DECIDED = {
    "account_login": DOOR,
    "account_logout": OWN,
    "account_inactive": DOOR,
    "account_signup": OFF,
    "account_reauthenticate": OWN,
    "account_email": OFF,
    "account_email_verification_sent": OFF,
    "account_confirm_email": OFF,
    "account_change_password": OWN,
    "account_set_password": OWN_AFRESH,
    "account_reset_password": DOOR,
    "account_reset_password_done": DOOR,
    "account_reset_password_from_key": DOOR,
    "account_reset_password_from_key_done": DOOR,
    "account_confirm_login_code": OFF,
    "mfa_index": OWN,
    "mfa_authenticate": STEP,
    "mfa_reauthenticate": OWN,
    "mfa_activate_totp": OWN_AFRESH,
    "mfa_deactivate_totp": OWN_AFRESH,
    "mfa_view_recovery_codes": OWN_AFRESH,
    "mfa_generate_recovery_codes": OWN_AFRESH,
    "mfa_download_recovery_codes": OWN_AFRESH,
    "mfa_list_webauthn": OWN,
    "mfa_add_webauthn": OWN_AFRESH,
    "mfa_reauthenticate_webauthn": OWN,
    "mfa_remove_webauthn": OWN_AFRESH,
    "mfa_edit_webauthn": OWN_AFRESH,
    "mfa_login_webauthn": DOOR,
    "usersessions_list": OWN,
}
SERVED = sorted(name for name, rule in DECIDED.items() if rule != OFF)
AFRESH = ("/cuenta/reauthenticate/", "/cuenta/2fa/reauthenticate/")
ARGUMENTS = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "abc-def"},
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
}


def address(name: str) -> str:
    return reverse(name, kwargs=ARGUMENTS.get(name, {}))


def patterns(items: Any) -> Iterator[URLPattern]:
    for item in items:
        if isinstance(item, URLResolver):
            yield from patterns(item.url_patterns)
        else:
            yield item


def test_every_url_of_the_library_is_decided_on() -> None:
    offered = [
        *allauth.urls.urlpatterns,
        *allauth.account.urls.urlpatterns,
        *allauth.mfa.urls.urlpatterns,
        *allauth.usersessions.urls.urlpatterns,
    ]
    assert {item.name for item in patterns(offered)} == set(DECIDED)


def test_only_what_is_decided_on_is_served() -> None:
    """Whatever its name or address, a view of the library stands in the table."""
    served = [
        item.name
        for item in patterns(get_resolver().url_patterns)
        if item.callback.__module__.startswith("allauth.")
    ]
    assert sorted(served) == SERVED
    prefixes = ("account_", "mfa_", "usersessions_", "socialaccount_")
    named = [n for n in get_resolver().reverse_dict if str(n).startswith(prefixes)]
    assert set(named) <= set(SERVED)


@pytest.mark.parametrize("name", sorted(set(DECIDED) - set(SERVED)))
def test_what_is_off_has_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name, kwargs={"key": "x"} if name == "account_confirm_email" else {})


LIBRARYS_PATHS = (
    "",
    "signup/",
    "email/",
    "confirm-email/",
    "confirm-email/MQ:1abc:def/",
    "login/code/",
    "login/code/confirm/",
    "password/reset/confirm/",
    "password/reset/complete/",
    "phone/verify/",
    "phone/change/",
    "signup/passkey/",
    "2fa/trust/",
    "2fa/webauthn/signup/",
    "3rdparty/",
    "3rdparty/login/cancelled/",
    "3rdparty/signup/",
    "social/connections/",
)


@pytest.mark.parametrize("path", LIBRARYS_PATHS)
def test_where_the_library_would_serve_what_is_off_there_is_nothing(
    path: str, as_clara: Browser, as_alicia: Browser, anonymous: Browser
) -> None:
    for browser in (as_clara, as_alicia, anonymous):
        for method in (browser.get, browser.post):
            assert method(f"/cuenta/{path}").status_code == 404


def outside(response: Any) -> bool:
    return response.status_code == 302 and "/cuenta/login/" in response["Location"]


@pytest.mark.parametrize("name", SERVED)
def test_each_page_keeps_its_rule(
    name: str, anonymous: Browser, as_clara: Browser, clara: Client
) -> None:
    totp.TOTP.activate(clara.user, totp.generate_totp_secret())
    RecoveryCodes.activate(clara.user)
    rule, url = DECIDED[name], address(name)
    for method in (anonymous.get, anonymous.post):
        response = method(url)
        if rule == DOOR:
            assert response.status_code in (200, 302, 405), (name, method)
            assert not outside(response) or name == "mfa_login_webauthn", name
        elif name != "account_logout":  # whoever is outside is sent home
            assert outside(response), (name, method)
    response = as_clara.get(url)
    if rule == OWN_AFRESH and name != "mfa_activate_totp":  # it is active already
        assert response["Location"].startswith(AFRESH), name


# ── An address counts only when proven ────────────────────────────────────────────


def reset(browser: Browser, email: str) -> list[str]:
    """Ask for a new password; return the links that were sent, by recipient."""
    mail.outbox.clear()
    response = browser.post(reverse("account_reset_password"), {"email": email})
    assert response.url == reverse("account_reset_password_done")
    return [f"{m.to[0]}: {m.body}" for m in mail.outbox if "/password/reset/" in m.body]


def log_in(browser: Browser, email: str) -> bool:
    browser.post(
        reverse("account_login"), {"login": email, "password": factories.PASSWORD}
    )
    return "_auth_user_id" in browser.session


def test_a_clients_person_adds_no_address(as_clara: Browser, clara: Client) -> None:
    for action in ("action_add", "action_primary", "action_send"):
        data = {"email": "victima@otra.mx", action: ""}
        assert as_clara.post("/cuenta/email/", data).status_code == 404
    assert not EmailAddress.objects.exists()
    assert User.objects.get(pk=clara.user.pk).email == "clara@kemper.mx"


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_in_the_librarys_table_opens_nothing(
    clara: Client, verified: bool
) -> None:
    """As a hijacker left it there, or as support might add it."""
    for primary, email in ((True, "victima@otra.mx"), (False, "otra@otra.mx")):
        EmailAddress.objects.create(
            user=clara.user, email=email, primary=primary, verified=verified
        )
        assert not log_in(Browser(), email)
        assert reset(Browser(), email) == []
    assert log_in(Browser(), "clara@kemper.mx"), "the control: one's own address"


def test_a_reset_goes_to_one_person_at_its_own_address(clara: Client) -> None:
    other = factories.UserFactory(email="victima@otra.mx")
    EmailAddress.objects.create(
        user=clara.user, email=other.email, primary=True, verified=True
    )
    (sent,) = reset(Browser(), other.email)
    assert sent.startswith("victima@otra.mx:")
    assert f"/{user_pk_to_url_str(other)}-" in sent
    assert f"/{user_pk_to_url_str(clara.user)}-" not in sent


def test_a_notice_goes_to_ones_own_address(as_clara: Browser, clara: Client) -> None:
    EmailAddress.objects.create(
        user=clara.user, email="ajena@otra.mx", primary=True, verified=True
    )
    new = "otra-clave-muy-larga"
    as_clara.post(
        reverse("account_change_password"),
        {"oldpassword": factories.PASSWORD, "password1": new, "password2": new},
    )
    assert [m.to for m in mail.outbox] == [["clara@kemper.mx"]]


def test_one_reauthenticates_with_ones_own_address(
    as_clara: Browser, clara: Client
) -> None:
    EmailAddress.objects.create(
        user=clara.user, email="ajena@otra.mx", primary=True, verified=True
    )
    url = reverse("account_reauthenticate")
    as_clara.post(url, {"password": factories.PASSWORD})
    assert as_clara.get(reverse("mfa_activate_totp")).status_code == 200


def test_asking_for_a_reset_writes_no_address(clara: Client) -> None:
    assert reset(Browser(), "CLARA@kemper.mx ")
    assert not EmailAddress.objects.exists()


def choose_password(user: User, new: str = NEW_PASSWORD) -> Browser:
    browser = Browser()
    key = default_token_generator.make_token(user)
    link = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    browser.post(browser.get(link).url, {"password1": new, "password2": new})
    return browser


def test_following_the_link_proves_the_address(pyme: Any) -> None:
    user = factories.UserFactory(email="nueva@ejemplo.mx")
    assert not user.has_proven_address
    choose_password(user)
    user.refresh_from_db()
    assert user.has_proven_address
    assert user.proven_at is not None


def test_another_address_is_unproven_again(clara: Client) -> None:
    """Whoever changes it: the proof names the address it is of."""
    choose_password(clara.user)
    User.objects.filter(pk=clara.user.pk).update(email="otra@kemper.mx")
    assert not User.objects.get(pk=clara.user.pk).has_proven_address


def test_the_link_of_the_former_address_proves_nothing(clara: Client) -> None:
    user = clara.user
    key = default_token_generator.make_token(user)
    User.objects.filter(pk=user.pk).update(email="otra@kemper.mx")
    link = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    response = Browser().get(link)
    assert response.status_code == 200
    assert "ya no sirve" in response.content.decode()


def test_the_first_proof_voids_what_was_set_up_before(pyme: Any) -> None:
    """A passkey of whoever had the account, and not the address, until then."""
    user = factories.UserFactory(email="nueva@ejemplo.mx")
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Llave"}
    )
    choose_password(user)
    assert not Authenticator.objects.exists()
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Llave"}
    )
    user.refresh_from_db()
    choose_password(user, "una-tercera-clave-larga")
    assert Authenticator.objects.exists(), "a second reset keeps the second factor"


def test_a_person_of_no_account_gets_no_link(clara: Client) -> None:
    lifecycle.edit_plan(clara, changes={"contact_email": "nueva@kemper.mx"}, by=None)
    assert reset(Browser(), "clara@kemper.mx") == []
    assert len(reset(Browser(), "nueva@kemper.mx")) == 1


def test_a_reset_keeps_the_second_factor_of_support(soporte: User) -> None:
    """Also the first one: whoever reads the mailbox has not proven the other factor."""
    assert not soporte.has_proven_address
    totp.TOTP.activate(soporte, totp.generate_totp_secret())
    browser = choose_password(soporte)
    assert Authenticator.objects.filter(user=soporte).exists()
    login = {"login": soporte.email, "password": NEW_PASSWORD}
    response = browser.post(reverse("account_login"), login)
    assert response.url == reverse("mfa_authenticate")


# ── What an open session is not enough for ────────────────────────────────────────


def reauthenticate(browser: Browser) -> None:
    url = reverse("account_reauthenticate")
    browser.post(url, {"password": factories.PASSWORD})


def test_closing_the_other_sessions_asks_for_the_password(alicia: User) -> None:
    one, other = Browser(), Browser()
    assert log_in(one, alicia.email)
    assert log_in(other, alicia.email)
    url = reverse("usersessions_list")
    assert one.get(url).status_code == 200, "looking at them needs no more"
    asked = one.post(url)["Location"]
    assert asked.startswith(AFRESH)
    assert other.get("/clientes/").status_code == 200
    one.post(asked, {"password": factories.PASSWORD, "next": url})
    assert other.get("/clientes/").status_code == 302
    assert one.get("/clientes/").status_code == 200


def test_a_new_password_closes_the_other_sessions(alicia: User) -> None:
    one, other = Browser(), Browser()
    assert log_in(one, alicia.email)
    assert log_in(other, alicia.email)
    url = reverse("account_change_password")
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    one.post(url, form | {"oldpassword": "otra-cosa"})
    assert other.get("/clientes/").status_code == 200, "the control"
    one.post(url, form | {"oldpassword": factories.PASSWORD})
    assert other.get("/clientes/").status_code == 302
    assert one.get("/clientes/").status_code == 200


def test_proving_oneself_anew_changes_the_sessions_key(alicia: User) -> None:
    browser, thief = Browser(), Browser()
    assert log_in(browser, alicia.email)
    browser.get("/clientes/")
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert thief.get("/clientes/").status_code == 200
    reauthenticate(browser)
    assert thief.get("/clientes/").status_code == 302
    assert browser.get("/clientes/").status_code == 200
    page = browser.get(reverse("usersessions_list")).content.decode()
    assert page.count("Esta sesión") == 1
