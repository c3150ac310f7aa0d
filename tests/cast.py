"""The shared cast: alicia the reseller, beto another one, clara a client, soporte.

Everybody is made through the verbs (factories.py). The fixtures named `as_…` are
browsers in which that person has logged in; each is one of its own.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from packages.models import Package
from tests import factories

MakeClient = Callable[..., Client]
MakePackage = Callable[..., Package]


@pytest.fixture
def alicia(db: None) -> User:
    """Staff of Distribuidora Alicia, in Mexico City."""
    reseller = factories.ResellerFactory(
        name="Distribuidora Alicia", slug="distribuidora-alicia"
    )
    return factories.UserFactory(
        email="alicia@distribuidora.mx", name="Alicia Gómez", reseller=reseller
    )


@pytest.fixture
def beto(db: None) -> User:
    """Staff of Timbres Beto, another reseller, in Tijuana."""
    reseller = factories.ResellerFactory(
        name="Timbres Beto", slug="timbres-beto", time_zone="America/Tijuana"
    )
    return factories.UserFactory(
        email="beto@timbres.mx", name="Beto Ruiz", reseller=reseller
    )


@pytest.fixture
def soporte(db: None) -> User:
    return factories.SupportFactory(email="soporte@panel.mx", name="Sofía Soporte")


@pytest.fixture
def make_package(alicia: User) -> MakePackage:
    """A package of alicia's, if no other `reseller` is given."""

    def make(**overrides: Any) -> Package:
        return factories.PackageFactory(**{"reseller": alicia.reseller} | overrides)

    return make


@pytest.fixture
def pyme(make_package: MakePackage) -> Package:
    """100 folios for one year, own e-mail template and two more RFCs; all is kept."""
    return make_package(
        name="PYME",
        services={"correo-personalizado": None, "multiempresa": 2},
    )


@pytest.fixture
def make_client(alicia: User, pyme: Package) -> MakeClient:
    """A client of alicia's with `pyme`; see factories.make_client."""

    def make(**overrides: Any) -> Client:
        return factories.make_client(**{"package": pyme, "by": alicia} | overrides)

    return make


@pytest.fixture
def clara(make_client: MakeClient) -> Client:
    """ESCUELA KEMPER URGATE, active, whose person has chosen a password."""
    client = make_client(
        legal_name="ESCUELA KEMPER URGATE",
        rfc="EKU9003173C9",
        tax_regime="601",
        postal_code="42501",
        contact_name="Clara Kemper",
        contact_email="clara@kemper.mx",
        contact_phone="+527711234567",
    )
    client.user.set_password(factories.PASSWORD)
    client.user.save()
    return client


@pytest.fixture
def clara_user(clara: Client) -> User:
    return clara.user


def _browser(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    # The first page of a session also writes when it began (accounts/sessions.py).
    browser.get(reverse("icons"))
    return browser


def prove(browser: Browser) -> Browser:
    """Give the password once more, as before a change of keys or access."""
    url = reverse("account_reauthenticate")
    assert browser.post(url, {"password": factories.PASSWORD}).status_code == 302
    return browser


@pytest.fixture
def as_alicia(alicia: User) -> Browser:
    return _browser(alicia)


@pytest.fixture
def as_beto(beto: User) -> Browser:
    return _browser(beto)


@pytest.fixture
def as_soporte(soporte: User) -> Browser:
    return _browser(soporte)


@pytest.fixture
def as_clara(clara: Client) -> Browser:
    return _browser(clara.user)


@pytest.fixture
def anonymous(db: None) -> Browser:
    return Browser()
