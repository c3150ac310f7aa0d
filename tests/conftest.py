"""What every test stands on: its database, its clean-up, its browser.

The shared cast and the ways to make rows live in factories.py, not here.
"""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from reseller_panel.database import SESSION_TIMEOUTS, database_settings
from tests import databases, environment
from tests.databases import SEEDED, SEEDED_AT_FIRST
from tests.environment import GENEROUS_SECONDS

pytest_plugins = ["tests.cast", "tests.programs"]

QUEUE = "procrastinate_jobs, procrastinate_workers"

# The module whose threads write stamps.
STAMPING = "api.stamping.service"

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
def django_db_modify_db_settings() -> str:
    """Find the server, and be more patient with it than the product is; with what the
    names of the test databases begin."""
    database = settings.DATABASES["default"]
    if environment.EMBEDDED:
        database.update(
            database_settings(None, checkout=settings.BASE_DIR, behind_pooler=False)
        )
    options = database["OPTIONS"]
    options["connect_timeout"] = GENEROUS_SECONDS
    if "options" in options:
        limits = (f" -c {limit}={GENEROUS_SECONDS}s" for limit in SESSION_TIMEOUTS)
        options["options"] += "".join(limits)
    return f"test_{database['NAME']}_"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: str,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    worker_id: str,
) -> Iterator[None]:
    """Whoever asks for a database gets one of the tests, and nobody else makes one.

    pytest-django's own would make none for tests that do not show beforehand that they
    want one, and leave them with the developer's.
    """
    own = databases.own_database(
        django_db_modify_db_settings,
        worker_id,
        keep=django_db_keepdb,
        anew=django_db_createdb,
    )
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(own)
        yield


@pytest.fixture
def _django_db_helper(_django_db_helper: None) -> Iterator[None]:
    """End the threads that gather stamps before pytest-django empties the database for
    the next test, in which what they still had to note would be found.

    Not imported here: most tests stamp nothing, and it takes a while.
    """
    yield
    if STAMPING in sys.modules:
        sys.modules[STAMPING].group_commit.close()


@pytest.fixture(scope="session", autouse=True)
def _flush_what_refuses_to_be_emptied() -> Iterator[None]:
    """Let transactional tests clean up behind themselves.

    They do it with TRUNCATE, which the history of a client refuses. Only here,
    and only for the transaction of the clean-up, that one trigger is lifted: the
    product has no switch for it. What a migration wrote is put back. The counters
    of the rate limits and the queue of jobs go as well: tables, but not of our models.
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
                f"INSERT INTO {SEEDED} SELECT * FROM {SEEDED_AT_FIRST}",
                f"TRUNCATE {settings.CACHES['default']['LOCATION']}",
                f"TRUNCATE {QUEUE} CASCADE",
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


# --- What is collected ------------------------------------------------------------


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Whatever opens a page is a browser test: `pytest -m "not browser"`. And the run
    gets quicker by what it will not need."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if "hypothesis" not in sys.modules:
        # To say at the end that it has nothing to say, it would import all of itself.
        config.pluginmanager.unregister(name="hypothesispytest")
    # What has been imported stays. Else the garbage would be looked for in it as well,
    # which takes longer than most tests.
    gc.freeze()


# --- The browser ----------------------------------------------------------------


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
