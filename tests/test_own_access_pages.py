"""The pages of one's own access (/cuenta/) are in the panel's words, refusals included.

The views are allauth's; test_login_urls.py says which of them are served.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from tests import factories
from tests.cast import prove
from tests.test_login_urls import SERVED

# Of the library only what has no words: empty layouts, and the scripts of passkeys.
WITHOUT_WORDS = {
    "account/base_entrance.html",
    "account/base_manage.html",
    "account/base_manage_password.html",
    "mfa/base_entrance.html",
    "mfa/base_manage.html",
    "mfa/recovery_codes/base.html",
    "mfa/totp/base.html",
    "mfa/webauthn/base.html",
    "mfa/webauthn/snippets/scripts.html",
    "usersessions/base_manage.html",
}
ENGLISH = re.compile(
    r"\b(the|your|you|password|sign|please|enter|this|key|keys|account|name|activate|"
    r"deactivate|passwordless|enabling|email|code|codes|security|token)\b",
    re.IGNORECASE,
)
# Of the library's Spanish, what nobody in Mexico says.
FOREIGN = re.compile(
    r"\b(dos factores|clave de seguridad|passwordless|reautentíquese|login|usted mismo|"
    r"utiliza|tu|puedes|ten)\b",
    re.IGNORECASE,
)
NOT_PAGES = {"mfa_download_recovery_codes", "mfa_login_webauthn"}


def words_of(response: Any) -> str:
    page = response.content.decode()
    page = page.partition("<body")[2]
    page = re.sub(r"<(script|template)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(strip_tags(f"<body{page}").split())


def of_the_library(response: Any) -> set[str]:
    return {
        template.name
        for template in response.templates
        if not Path(template.origin.name).is_relative_to(
            settings.BASE_DIR / "templates"
        )
    }


def check(response: Any) -> str:
    """The words of a page of ours, in Spanish."""
    assert response.status_code in (200, 403), response.status_code
    written = {
        name
        for name in of_the_library(response)
        if not name.startswith(("django/", "/"))
    }
    assert written <= WITHOUT_WORDS
    words = words_of(response)
    found = ENGLISH.findall(words.replace("Microsoft Authenticator", ""))
    assert not found, (found, words)
    assert not FOREIGN.findall(words), words
    return words


def address(name: str, alicia: User) -> str:
    if name == "account_reset_password_from_key":
        key = default_token_generator.make_token(alicia)
        uid = user_pk_to_url_str(alicia)
        return reverse(name, kwargs={"uidb36": uid, "key": key})
    return reverse(name)


WITHOUT_A_FACTOR = sorted(
    set(SERVED)
    - NOT_PAGES
    - {
        "mfa_authenticate",  # a step of the log-in, below
        "mfa_deactivate_totp",
        "mfa_edit_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    }
)


@pytest.mark.parametrize("name", WITHOUT_A_FACTOR)
def test_every_page_is_ours(as_alicia: Browser, alicia: User, name: str) -> None:
    prove(as_alicia)
    if name == "account_set_password":
        alicia.set_unusable_password()
        alicia.save()
        as_alicia.force_login(alicia)
    browser = Browser() if "reset" in name or "login" in name else as_alicia
    response = browser.get(address(name, alicia), follow=True)
    check(response)


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes"]
)
def test_every_page_of_a_second_factor_is_ours(
    as_alicia: Browser, alicia: User, name: str
) -> None:
    prove(as_alicia)
    totp.TOTP.activate(alicia, totp.generate_totp_secret())
    RecoveryCodes.activate(alicia)
    check(as_alicia.get(reverse(name)))
    check(as_alicia.get(reverse("mfa_view_recovery_codes")))
    shown = as_alicia.get(reverse("mfa_view_recovery_codes"))
    assert "Le quedan 10 de 10" in check(shown), "they are shown once"
    check(as_alicia.get(reverse("mfa_reauthenticate")))


def test_whoever_proves_itself_anew_is_told_the_other_ways(
    as_alicia: Browser, alicia: User
) -> None:
    totp.TOTP.activate(alicia, totp.generate_totp_secret())
    assert "Usar un código" in check(as_alicia.get(reverse("account_reauthenticate")))
    assert "Usar mi contraseña" in check(as_alicia.get(reverse("mfa_reauthenticate")))


def test_the_second_step_of_the_log_in_is_ours(alicia: User) -> None:
    totp.TOTP.activate(alicia, totp.generate_totp_secret())
    browser = Browser()
    login = {"login": alicia.email, "password": factories.PASSWORD}
    page = browser.post(reverse("account_login"), login, follow=True)
    assert "Segundo factor" in check(page)
    page = browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "El código no es correcto, o ya pasó su tiempo." in check(page)


def test_a_refused_password_is_said_in_our_words(
    as_alicia: Browser, alicia: User
) -> None:
    login = {"login": alicia.email, "password": "no es"}
    page = Browser().post(reverse("account_login"), login)
    assert "El correo o la contraseña no son correctos." in check(page)
    form = {"oldpassword": "no es", "password1": "abc", "password2": "abd"}
    page = as_alicia.post(reverse("account_change_password"), form)
    assert "No es su contraseña actual." in check(page)
    page = as_alicia.post(reverse("account_reauthenticate"), {"password": "no es"})
    assert "La contraseña no es correcta." in check(page)
    page = as_alicia.post(reverse("mfa_activate_totp"), {"code": "1"}, follow=True)
    check(page)


@pytest.mark.django_db
def test_a_link_that_was_used_is_said_in_our_words() -> None:
    url = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": "1", "key": "abc-def"}
    )
    assert "El enlace ya no sirve" in check(Browser().get(url))


def test_what_was_done_is_said_in_our_words(as_alicia: Browser, alicia: User) -> None:
    new = "cuatro-palabras-sin-relacion"
    form = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    page = as_alicia.post(reverse("account_change_password"), form, follow=True)
    assert "Su contraseña cambió." in page.content.decode()
    page = as_alicia.post(reverse("account_logout"), follow=True)
    assert "Salió de su cuenta." in check(page)


def test_the_pages_of_passkeys_are_ours(as_alicia: Browser, alicia: User) -> None:
    prove(as_alicia)
    page = as_alicia.get(reverse("mfa_add_webauthn"))
    assert "Entrar sólo con ella, sin contraseña" in check(page)
    assert 'value="Llave 1"' in page.content.decode(), "a name to begin with"
    key = Authenticator.objects.create(
        user=alicia, type=Authenticator.Type.WEBAUTHN, data={"name": "Llave 1"}
    )
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        check(as_alicia.get(reverse(name, kwargs={"pk": key.pk})))


def test_the_length_of_a_password_is_said_as_it_is(as_alicia: Browser) -> None:
    lengths = [
        validator["OPTIONS"]["min_length"]
        for validator in settings.AUTH_PASSWORD_VALIDATORS
        if validator["NAME"].endswith("MinimumLengthValidator")
    ]
    assert lengths == [10]
    page = as_alicia.get(reverse("account_change_password"))
    assert "Diez caracteres o más" in words_of(page)
