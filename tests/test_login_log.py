"""What the log says of log-ins and refusals, and what it never does.

Law: docs/security.md, "Logs".
"""

import logging
import re
import sys
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.http import HttpRequest
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from clients.models import Client
from reseller_panel.logs import LineFormatter, address_of
from tests import factories
from tests.programs import Program

LOGIN = reverse("account_login")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(LineFormatter())
    return caplog


def log_in(browser: Browser, email: str, password: str = factories.PASSWORD) -> None:
    browser.post(LOGIN, {"login": email, "password": password})


def code_of(moment: float) -> str:
    value = totp.hotp_value(SECRET, int(moment) // 30)
    return totp.format_hotp_value(value)


def test_a_log_in_says_who_from_where_and_by_what(
    lines: pytest.LogCaptureFixture, alicia: User
) -> None:
    log_in(Browser(REMOTE_ADDR="203.0.113.9"), alicia.email)
    (line,) = [one for one in lines.text.splitlines() if "Logged in" in one]
    assert f"Logged in by password, of person {alicia.pk}." in line
    assert "203.0.113.9" in line
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 INFO ", line)


def test_so_do_wrong_tries_and_those_that_are_refused(
    lines: pytest.LogCaptureFixture, alicia: User, anonymous: Browser
) -> None:
    log_in(anonymous, alicia.email, "guess-with-a-secret")
    assert f"Wrong password or unknown person, of person {alicia.pk}." in lines.text
    log_in(anonymous, "nadie@ejemplo.mx", "guess-with-a-secret")
    assert "Wrong password or unknown person. [" in lines.text
    for _ in range(6):
        log_in(anonymous, alicia.email, "guess-with-a-secret")
    assert "Too many tries: refused unread." in lines.text
    assert "guess-with-a-secret" not in lines.text
    assert "nadie@ejemplo.mx" not in lines.text


def test_so_do_log_outs_and_new_passwords(
    lines: pytest.LogCaptureFixture, alicia: User, as_alicia: Browser
) -> None:
    new = "otra-clave-muy-larga"
    form = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    as_alicia.post(reverse("account_change_password"), form)
    as_alicia.post(reverse("account_logout"))
    assert f"New password, of person {alicia.pk}." in lines.text
    assert f"Logged out, of person {alicia.pk}." in lines.text
    assert new not in lines.text


def test_a_code_opens_once_and_a_wrong_one_is_in_the_log(
    lines: pytest.LogCaptureFixture, alicia: User
) -> None:
    totp.TOTP.activate(alicia, SECRET)
    start = timezone.now().replace(second=10)
    with time_machine.travel(start, tick=False):
        first, code = Browser(), code_of(start.timestamp())
        log_in(first, alicia.email)
        first.post(reverse("mfa_authenticate"), {"code": code})
        assert "_auth_user_id" in first.session
    assert f"Logged in by password and totp, of person {alicia.pk}." in lines.text
    for seconds in (1, 21, 35, 49):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            again = Browser()
            log_in(again, alicia.email)
            again.post(reverse("mfa_authenticate"), {"code": code})
            assert "_auth_user_id" not in again.session, seconds
    assert f"Wrong second factor, of person {alicia.pk}." in lines.text
    with time_machine.travel(start + timedelta(seconds=49), tick=False):
        again.post(
            reverse("mfa_authenticate"),
            {"code": code_of((start + timedelta(seconds=49)).timestamp())},
        )
        assert "_auth_user_id" in again.session, "the control: the next code"


def test_what_is_refused_says_to_whom(
    lines: pytest.LogCaptureFixture, as_beto: Browser, beto: User, clara: Client
) -> None:
    as_beto.get(f"/clientes/{clara.public_id}/")
    (line,) = lines.text.splitlines()
    assert line.endswith(
        f"Not Found: /clientes/{clara.public_id}/ [person {beto.pk} 127.0.0.1 GET]"
    )  # noqa: E501


def test_also_to_which_program_and_without_its_key(
    lines: pytest.LogCaptureFixture, program: Program, anonymous: Browser
) -> None:
    program.get("/clients/ningun-cliente")
    assert f"[key {program.key.pk} 127.0.0.1 GET]" in lines.text
    anonymous.get("/api/v1/clients", headers={"Authorization": "Bearer tp_not-a-key"})
    assert "Unauthorized: /api/v1/clients [person - 127.0.0.1 GET]" in lines.text
    assert program.secret not in lines.text
    assert "tp_not-a-key" not in lines.text


def test_nobody_writes_a_line_of_the_log(rf: RequestFactory) -> None:
    bad = "/x\n2026-11-28T00:00:00.000+00:00 INFO accounts: Logged in\x1b[2J\u2028\r"
    try:
        raise ValueError(bad)
    except ValueError:
        problem = sys.exc_info()
    record = logging.LogRecord("a", 40, "", 0, "Failed: %s", (bad,), problem)
    record.request = rf.get("/", headers={"X-Forwarded-For": bad})
    first, *others = LineFormatter().format(record).split("\n")
    assert first.isprintable()
    assert others
    assert all(line.startswith("    ") for line in others)


@pytest.mark.parametrize(
    ("count", "sent", "seen"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_nobody_chooses_the_address_they_come_from(
    rf: RequestFactory, settings: Settings, count: int, sent: str, seen: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    request: HttpRequest = rf.get("/", headers={"X-Forwarded-For": sent})
    assert address_of(request) == seen
