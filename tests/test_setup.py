"""Starting it: production's refusals, the database's address, the embedded server."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import IO

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client as Browser

from accounts.models import User
from packages.models import Service
from reseller_panel.database import database_settings, parse_url
from reseller_panel.embedded import data_folder, reset_server
from tests import environment
from tests.factories import PASSWORD

CHECKOUT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "panel.example.mx",
    "DATABASE_URL": "postgresql://panel:secret@db.example.mx/panel?sslmode=verify-full",
}


def run_in(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run Python with this environment and nothing else; its status and words."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


# --- Production -----------------------------------------------------------------


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_says_what_is_missing_and_does_not_start(missing: str) -> None:
    environment = {k: v for k, v in PRODUCTION.items() if k != missing}
    status, words = run_in(environment, "-c", "import reseller_panel.settings")
    assert status == 1
    assert f"{missing} is not set. Set it to " in words


def test_production_passes_the_deployment_check_of_django() -> None:
    status, words = run_in(
        PRODUCTION, "manage.py", "check", "--deploy", "--fail-level", "WARNING"
    )
    assert status == 0, words


@pytest.mark.parametrize(
    ("variable", "value", "warning"),
    [
        ("DATABASE_URL", "postgresql://u:p@db.example.mx/panel", "W001"),
        (
            "DATABASE_URL",
            "postgresql://u:p@db.example.mx/panel?sslmode=require",
            "W001",
        ),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1/panel", ""),
        ("DATABASE_URL", "postgresql://u@/panel?host=/run/postgresql", ""),
        ("EMAIL_URL", "smtp://mail.example.mx:25", "W002"),
        ("EMAIL_URL", "submission://u:p@mail.example.mx:587", ""),
    ],
)
def test_the_deployment_check_wants_tls_with_other_machines(
    variable: str, value: str, warning: str
) -> None:
    arguments = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    status, words = run_in(PRODUCTION | {variable: value}, *arguments)
    assert (status != 0) is bool(warning), words
    assert f"(reseller_panel.{warning})" in words or not warning


def test_cookies_of_production_are_bound_to_the_host() -> None:
    names = (
        "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KNOWN_BROWSER_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE"
    )
    _, words = run_in(
        PRODUCTION, "-c", f"import reseller_panel.settings as s; print({names})"
    )
    assert words.split() == [
        *("__Host-sessionid", "__Host-csrftoken", "__Host-known"),
        *("True", "True"),
    ]


def test_an_unknown_kind_of_email_address_is_refused() -> None:
    _, words = run_in(
        PRODUCTION | {"EMAIL_URL": "smtp+tls://mail.example.mx"},
        *("-c", "import reseller_panel.settings"),
    )
    assert "EMAIL_URL is of no known kind" in words


@pytest.mark.django_db
def test_guessing_a_password_is_slowed_down(alicia: User, client: Browser) -> None:
    def log_in(password: str) -> HttpResponse:
        guess = {"login": alicia.email, "password": password}
        return client.post("/cuenta/login/", guess)

    for number in range(5):
        log_in(f"guess-{number}")
    answer = log_in(PASSWORD)
    assert "Demasiados intentos" in answer.content.decode()
    assert "_auth_user_id" not in client.session


# --- The address of the database ------------------------------------------------


def test_a_password_may_hold_any_character() -> None:
    parts = parse_url("postgresql://panel:p%25%40%2F%3A%23%C3%B1@db:6432/panel")
    assert parts == {
        "user": "panel",
        "password": "p%@/:#ñ",
        "host": "db",
        "port": "6432",
        "dbname": "panel",
    }


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://panel@/panel?host=/run/postgresql",
        "postgresql://panel@%2Frun%2Fpostgresql/panel",
        "host=/run/postgresql user=panel dbname=panel",
    ],
)
def test_the_server_may_be_behind_a_unix_socket(address: str) -> None:
    default = database_settings(address, checkout=CHECKOUT, behind_pooler=False)
    assert default["HOST"] == "/run/postgresql"
    assert default["USER"] == default["NAME"] == "panel"


def test_an_unreadable_address_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be read") as refusal:
        parse_url("postgresql://panel:hush%zz@db/panel")
    assert "hush" not in str(refusal.value)


def test_an_address_without_a_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="names no database"):
        parse_url("postgresql://panel:secret@db")


def test_what_the_address_asks_for_wins_over_our_timeouts() -> None:
    default = database_settings(
        "postgresql://db/panel?sslmode=require&options=-c%20lock_timeout%3D1",
        checkout=CHECKOUT,
        behind_pooler=False,
    )
    assert default["OPTIONS"]["sslmode"] == "require"
    assert default["OPTIONS"]["options"].endswith(" -c lock_timeout=1")


def test_behind_a_pooler_nothing_depends_on_the_session() -> None:
    default = database_settings(
        "postgresql://db/panel", checkout=CHECKOUT, behind_pooler=True
    )
    assert "options" not in default["OPTIONS"]
    assert default["OPTIONS"]["prepare_threshold"] is None
    assert default["DISABLE_SERVER_SIDE_CURSORS"] is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("application_name", "reseller_panel"),
    ],
)
def test_no_session_waits_for_ever(parameter: str, value: str) -> None:
    """A session as the product opens it: those of the other tests are more patient."""
    session = connection.copy()
    session.settings_dict["OPTIONS"] = database_settings(
        "postgresql://db/panel", checkout=CHECKOUT, behind_pooler=False
    )["OPTIONS"]
    with closing(session), session.cursor() as cursor:
        cursor.execute(f"SHOW {parameter}")
        assert cursor.fetchone() == (value,)


@pytest.mark.django_db
def test_capital_letters_with_accents_have_small_ones() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ÁÉÍÓÚÑÜ')")
        assert cursor.fetchone() == ("áéíóúñü",)


# --- The embedded server --------------------------------------------------------

JOIN = """
import sys
from pathlib import Path
from reseller_panel.embedded import join_server
print(join_server(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the embedded server until it is told to go."""

    def __init__(self, checkout: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", JOIN, str(checkout)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self._pipe(self.process.stdout).readline().strip()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe

    def ask(self, question: str) -> object:
        with psycopg.connect(self.address) as session:
            row = session.execute(question).fetchone()
        return row and row[0]

    def go(self) -> None:
        self._pipe(self.process.stdin).close()
        self._end()

    def be_killed(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._pipe(self.process.stdin).close()
        self._end()

    def _end(self) -> None:
        self.process.wait()
        self._pipe(self.process.stdout).close()


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    reset_server(tmp_path)
    shutil.rmtree(data_folder(tmp_path))


STARTED = "SELECT pg_postmaster_start_time()::text"


@pytest.mark.skipif(not environment.EMBEDDED, reason="a server was given")
def test_the_embedded_server_lives_as_long_as_it_is_used(checkout: Path) -> None:
    first = User(checkout)
    started = first.ask(STARTED)

    # Both use one server, and the first to leave does not take it away.
    second = User(checkout)
    assert second.address == first.address
    first.go()
    assert second.ask(STARTED) == started

    # Nobody throws the data away under somebody's feet.
    with pytest.raises(ImproperlyConfigured, match="is in use"):
        reset_server(checkout)

    # Killed: the server stays up, and the next one finds it and does not start
    # another. When that one leaves, nobody is left: the server ends too.
    second.be_killed()
    third = User(checkout)
    assert third.ask(STARTED) == started
    third.go()
    with pytest.raises(psycopg.OperationalError):
        third.ask(STARTED)


@pytest.mark.skipif(not environment.EMBEDDED, reason="a server was given")
def test_a_killed_server_comes_back_with_its_data(checkout: Path) -> None:
    first = User(checkout)
    with psycopg.connect(first.address, autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS number")
    (note,) = data_folder(checkout).glob("postgres-*/postmaster.pid")
    os.kill(int(note.read_text().split()[0]), signal.SIGKILL)

    # Its note now names a process that lives and is something else.
    note.write_text(note.read_text().replace(note.read_text().split()[0], "1", 1))
    second = User(checkout)
    assert second.ask("SELECT number FROM kept") == 7
    first.go()
    second.go()


# --- The rest -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_emptying_the_test_database_leaves_triggers_and_services() -> None:
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'"
        )
        triggers = dict(cursor.fetchall())
    assert len(triggers) >= 2
    assert set(triggers.values()) == {"O"}
    assert Service.objects.exists()


def test_days_and_numbers_are_written_as_in_mexico() -> None:
    written = Template("{{ day }} · {{ day|date:'SHORT_DATE_FORMAT' }} · {{ n }}")
    assert (
        written.render(Context({"day": date(2027, 1, 14), "n": 1234567}))
        == "14 ene 2027 · 14/01/2027 · 1,234,567"
    )


@pytest.mark.parametrize("lock", ["base.txt", "dev.txt"])
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (settings.BASE_DIR / "requirements" / lock).read_text()
    assert "://" not in text
    assert "--find-links" not in text
    assert "--index-url" not in text
