"""How long a session lasts, how often one may guess, which passwords are taken.

Law: quality.md, "Access".
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import people
from accounts.models import ApiKey, User
from clients.mail import TooManyWelcomes, send_welcome
from clients.models import Client
from demo import known
from packages.models import Package
from reseller_panel import health
from tests import factories
from tests.cast import MakeClient
from tests.programs import Program
from tests.test_setup import PRODUCTION, run_in

LOGIN = reverse("account_login")


def log_in(
    browser: Browser, user: User, password: str = factories.PASSWORD, **how: Any
) -> HttpResponse:
    return browser.post(LOGIN, {"login": user.email, "password": password}, **how)


def is_inside(browser: Browser) -> bool:
    return browser.get("/clientes/").status_code == 200


# ── How long it lasts ─────────────────────────────────────────────────────────────


def test_a_session_that_is_not_used_ends_and_says_so(as_alicia: Browser) -> None:
    start = timezone.now()
    assert is_inside(as_alicia)
    with time_machine.travel(start + timedelta(minutes=119)):
        assert is_inside(as_alicia)
    with time_machine.travel(start + timedelta(minutes=119 + 121)):
        response = as_alicia.get("/clientes/", follow=True)
        assert response.request["PATH_INFO"] == LOGIN
        assert "pasaron 120 minutos" in response.content.decode()
        assert not is_inside(as_alicia), "and it does not come back"


def test_a_session_that_is_always_used_ends_all_the_same(as_alicia: Browser) -> None:
    start = timezone.now()
    for hour in range(12):
        with time_machine.travel(start + timedelta(hours=hour)):
            assert is_inside(as_alicia)
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        response = as_alicia.get("/clientes/", follow=True)
        assert "duró 12 horas" in response.content.decode()


def test_the_clock_of_a_session_is_not_set_back_by_a_visit_or_a_new_key(
    as_alicia: Browser, clara: Client
) -> None:
    start = timezone.now()
    assert is_inside(as_alicia)
    with time_machine.travel(start + timedelta(minutes=100)):
        url = reverse("portal:enter", args=[clara.public_id])
        key = {"reference": factories.reference(), "reason": "Ayuda"}
        as_alicia.post(url, key)
    assert as_alicia.session["opened_at"] <= start.timestamp() + 60


def test_a_session_of_htmx_that_ended_moves_the_window(as_alicia: Browser) -> None:
    start = timezone.now()
    assert is_inside(as_alicia)
    with time_machine.travel(start + timedelta(hours=3)):
        response = as_alicia.get("/clientes/", headers={"HX-Request": "true"})
    assert LOGIN in response["HX-Redirect"]


def test_remembering_does_not_go_beyond_the_limit(
    anonymous: Browser, alicia: User
) -> None:
    form = {"login": alicia.email, "password": factories.PASSWORD, "remember": "on"}
    cookie = anonymous.post(LOGIN, form).cookies["sessionid"]
    assert cookie["max-age"] == 12 * 3600


def test_a_dismissed_persons_old_session_does_not_revive(
    as_alicia: Browser, alicia: User, soporte: User
) -> None:
    assert is_inside(as_alicia)
    people.change(alicia, {"is_active": False}, by=soporte)
    people.change(alicia, {"is_active": True}, by=soporte)
    assert not is_inside(as_alicia)


def test_a_session_opened_before_the_dismissal_and_not_used_meanwhile_is_over_too(
    as_alicia: Browser, alicia: User, soporte: User
) -> None:
    """Also by a way that passes no verb."""
    alicia.is_active = False
    alicia.save()
    alicia.is_active = True
    alicia.save()
    assert not is_inside(as_alicia)


# ── Guessing ──────────────────────────────────────────────────────────────────────


def test_wrong_tries_from_elsewhere_do_not_lock_the_owner_out(alicia: User) -> None:
    attacker, owner = Browser(REMOTE_ADDR="203.0.113.9"), Browser()
    for number in range(9):
        page = log_in(attacker, alicia, f"guess-{number}")
    assert "Demasiados intentos" in page.content.decode()
    assert "Demasiados intentos" in log_in(attacker, alicia).content.decode()
    assert not is_inside(attacker)
    log_in(owner, alicia)
    assert is_inside(owner)


def test_many_addresses_together_are_slowed_down_but_not_the_owners_browser(
    alicia: User, beto: User
) -> None:
    owner = Browser()
    log_in(owner, alicia)
    owner.post(reverse("account_logout"))
    for number in range(50):
        log_in(Browser(REMOTE_ADDR=f"203.0.113.{number}"), alicia, f"guess-{number}")
    newcomer = Browser(REMOTE_ADDR="198.51.100.7")
    assert "Demasiados intentos" in log_in(newcomer, alicia).content.decode()
    log_in(owner, alicia)
    assert is_inside(owner)
    log_in(newcomer, beto)
    assert is_inside(newcomer), "nobody else is slowed down"


@pytest.mark.parametrize("how", ["forged", "of another", "of an old password"])
def test_no_other_browser_passes_as_the_owners(
    alicia: User, beto: User, how: str
) -> None:
    stranger = Browser(REMOTE_ADDR="198.51.100.7")
    if how == "of another":
        log_in(stranger, beto)
        stranger.post(reverse("account_logout"))
    elif how == "of an old password":
        log_in(stranger, alicia)
        stranger.post(reverse("account_logout"))
        alicia.set_password("otra-clave-muy-larga")
        alicia.save()
    else:
        stranger.cookies["known"] = "x" * 64 + ":1:y"
    for number in range(50):
        log_in(Browser(REMOTE_ADDR=f"203.0.113.{number}"), alicia, f"guess-{number}")
    page = log_in(stranger, alicia, "otra-clave-muy-larga")
    assert "Demasiados intentos" in page.content.decode()


def test_right_passwords_are_not_counted(alicia: User) -> None:
    for number in range(60):
        log_in(Browser(REMOTE_ADDR=f"203.0.113.{number}"), alicia)
    newcomer = Browser(REMOTE_ADDR="198.51.100.7")
    log_in(newcomer, alicia)
    assert is_inside(newcomer)


# ── Passwords ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "password",
    [
        "Password2026!",
        "facturacion2026",
        "Contraseña2026",
        "noviembre2026",
        "Timbres2026$",
        "1q2w3e4r5t6y",
        "iloveyou12",
        "tequiero1234",
        "aaaaaaaaaaaaaaaa",
        "alicia@distribuidora.mx",
        "Alicia Gómez1",
        "5512345678",
        "55 8190 3746",
        "81-9037-4655",
        "48190374655219",
    ],
)
def test_a_password_that_is_guessed_is_refused(alicia: User, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, alicia)


@pytest.mark.parametrize(
    "password",
    [
        "caballo grapa nube 7",
        factories.PASSWORD,
        "ñandú-sin-plumas-9",
        "481903746552190773",
        "🌵 nopal ☂ tranvía 𝔵 lago",
        "힣똥쌀" * 24,  # three times as many characters, taken apart
    ],
)
def test_one_that_is_not_is_taken(alicia: User, password: str) -> None:
    validate_password(password, alicia)


def test_a_very_long_password_costs_no_time(alicia: User) -> None:
    before = timezone.now()
    validate_password("caballo grapa nube 7 " * 50_000, alicia)
    assert timezone.now() - before < timedelta(seconds=1)


# ── The welcome ───────────────────────────────────────────────────────────────────

NEW = {
    "legal_name": "Nueva Empresa",
    "tax_regime": "601",
    "postal_code": "06000",
    "contact_name": "Nora",
}


@pytest.fixture
def _two_an_hour(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"welcome_mail": "2/h/key"}


@pytest.mark.usefixtures("_two_an_hour")
def test_welcomes_of_a_reseller_are_limited_and_it_is_said(
    program: Program, pyme: Package, beto: User
) -> None:
    said = []
    for number in range(3):
        data = NEW | {
            "rfc": factories.rfc(900 + number),
            "contact_email": f"n{number}@ejemplo.mx",
            "package": str(pyme.public_id),
            "reference": f"alta-{number}",
            "send_welcome": True,
        }
        said.append(program.post("/clients", data).json()["message"])
    assert len(mail.outbox) == 2
    assert "no salió: en la última hora ya se enviaron muchos" in said[2]
    assert "no salió" not in said[1]
    assert Client.objects.filter(contact_email="n2@ejemplo.mx").exists()


@pytest.mark.usefixtures("_two_an_hour")
def test_the_limit_is_of_each_reseller(
    rf: Any, make_client: MakeClient, beto: User
) -> None:
    own = [make_client() for _ in range(3)]
    others = factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller), by=beto
    )
    send_welcome(own[0], rf.post("/"))
    send_welcome(own[1], rf.post("/"))
    with pytest.raises(TooManyWelcomes):
        send_welcome(own[2], rf.post("/"))
    send_welcome(others, rf.post("/"))


# ── What everybody knows ──────────────────────────────────────────────────────────


@pytest.fixture
def demo_person(alicia: User) -> User:
    alicia.email = known.ALICIA
    alicia.set_password(known.PASSWORD)
    alicia.save()
    return alicia


def test_the_demo_is_not_served_in_production(
    anonymous: Browser, demo_person: User, settings: Settings
) -> None:
    settings.DEBUG = True
    health.refuse_to_serve()
    assert anonymous.get("/readyz").status_code == 200
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match=known.ALICIA):
        health.refuse_to_serve()
    response = anonymous.get("/readyz")
    assert response.status_code == 503
    assert known.ALICIA not in response.content.decode(), "probes learn no address"


@pytest.mark.parametrize("change", ["password", "dismissed"])
def test_who_cannot_be_guessed_any_more_is_no_reason(
    demo_person: User, settings: Settings, change: str
) -> None:
    settings.DEBUG = False
    if change == "password":
        demo_person.set_password(factories.PASSWORD)
    else:
        demo_person.is_active = False
    demo_person.save()
    health.refuse_to_serve()


def test_another_address_does_not_hide_the_password_of_the_demo(
    demo_person: User, soporte: User, settings: Settings
) -> None:
    settings.DEBUG = False
    demo_person.email = "otra@demo.mx"
    demo_person.save()
    with pytest.raises(ImproperlyConfigured):
        health.refuse_to_serve()


def test_the_key_of_the_demo_is_a_reason_until_it_is_revoked(
    alicia: User, settings: Settings
) -> None:
    settings.DEBUG = False
    assert alicia.reseller is not None
    key, _ = ApiKey.issue(
        alicia.reseller, name="Demo", scopes=["stamps"], secret=known.API_KEY
    )
    with pytest.raises(ImproperlyConfigured, match=known.API_KEY):
        health.refuse_to_serve()
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    health.refuse_to_serve()


def test_the_server_asks_where_it_starts(tmp_path: Any) -> None:
    """Without a database nobody gets in: it starts, and /readyz says so."""
    code = (
        "import reseller_panel.health as health\n"
        "def refuse(): raise SystemExit('asked')\n"
        "health.refuse_to_serve = refuse\n"
        "import reseller_panel.wsgi\n"
    )
    environment = PRODUCTION | {"DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    status, words = run_in(environment, "-c", code)
    assert (status, words.split()[-1]) == (1, "asked")
    status, words = run_in(environment, "-c", "import reseller_panel.wsgi")
    assert status == 0, words


@pytest.mark.parametrize("hosts", ["*", "panel.example.mx,*", " * ", ".mx", "*.mx"])
def test_any_host_name_is_not_for_production(hosts: str) -> None:
    arguments = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    status, words = run_in(PRODUCTION | {"ALLOWED_HOSTS": hosts}, *arguments)
    assert status != 0
    assert "ALLOWED_HOSTS accepts any host name" in words
