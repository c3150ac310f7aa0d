"""What every test stands on: its database, its clean-up, its browser.

The shared cast and the ways to make rows live in factories.py, not here.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

# Loaded here, because it takes seconds, and a transaction of a test that says nothing
# for five is ended.
import reseller_panel.urls  # noqa: F401
from packages.models import Service

pytest_plugins = ["tests.cast", "tests.programs"]

# The one table that a migration fills (packages/migrations/0001_initial.py).
SEEDED = Service._meta.db_table

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# --- The database ---------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: DjangoDbBlocker) -> None:
    """Give each process a test database of its own.

    Two runs at once (an editor's and `make test`) must not meet, and neither must
    xdist's workers. The process's number is in the name; a database whose process
    is gone was left by a run that was killed, and is dropped.
    """
    database = settings.DATABASES["default"]
    prefix = f"test_{database['NAME']}_"
    database["TEST"]["NAME"] = f"{prefix}{os.getpid()}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        for (name,) in cursor.fetchall():
            process = name.removeprefix(prefix)
            if process.isdigit() and not _is_alive(int(process)):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Remember what the migrations wrote: see the clean-up below. At the end, close
    the sessions of threads that live as long as the process (the server under test,
    the writer of stamps): a database in use cannot be dropped.

    This thread has two sessions itself: Django's connections are one set outside
    Playwright's event loop and another inside it. The one of before may have been ended
    meanwhile (tests/test_lost_connections.py), so the end begins with a new one."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {SEEDED}_at_first AS TABLE {SEEDED}")
    yield
    connection.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@pytest.fixture(scope="session", autouse=True)
def _flush_what_refuses_to_be_emptied() -> Iterator[None]:
    """Let transactional tests clean up behind themselves.

    They do it with TRUNCATE, which the history of a client refuses. Only here,
    and only for the transaction of the clean-up, that one trigger is lifted: the
    product has no switch for it. What a migration wrote is put back. The counters
    of the rate limits go as well: the cache is a table, but not one of a model.
    """
    plain_flush = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger "
                "WHERE starts_with(tgname, 'pgtrigger_no_truncate_')"
            )
            triggers = cursor.fetchall()
        plain_flush(
            self,
            [
                *(f"ALTER TABLE {t} DISABLE TRIGGER {name}" for t, name in triggers),
                *sql_list,
                f"INSERT INTO {SEEDED} SELECT * FROM {SEEDED}_at_first",
                f"TRUNCATE {settings.CACHES['default']['LOCATION']}",
                *(f"ALTER TABLE {t} ENABLE TRIGGER {name}" for t, name in triggers),
            ],
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_nothing() -> Iterator[None]:
    """Argon2 is slow on purpose, and each test makes several people."""
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            *settings.PASSWORD_HASHERS,
        ]
    ):
        yield


# --- The browser ----------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a page is a browser test: `pytest -m "not browser"`."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
) -> dict[str, Any]:
    """Debian's Chromium. Without one: skipped, or failed where CI asks for it."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        reason = f"no browser in PATH (looked for {', '.join(CHROMIUM)})"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return {
        **browser_type_launch_args,
        "executable_path": found,
        "args": CHROMIUM_FLAGS,
    }


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """`page.goto("/clientes/")` goes to the server under test."""
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Mexican accountant's browser."""
    return {
        **browser_context_args,
        "locale": "es-MX",
        "timezone_id": "America/Mexico_City",
    }
