"""The test databases: when one is made, from what, whose it is, and when it goes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from api.stamping import service
from tests import conftest
from tests.databases import key_of, own_database, sources

BASE = settings.BASE_DIR
NOWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
# No two runs at once are told to keep the same.
WORKER = f"gw{os.getpid()}"


@pytest.fixture
def prefix(
    django_db_setup: None,
    django_db_modify_db_settings: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[str]:
    """Other databases may be made in the test; after it Django uses its own again."""
    own = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        yield django_db_modify_db_settings
        connection.close()
    connection.settings_dict["NAME"] = own


def databases() -> set[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def run_on_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def test_tests_of_pure_functions_need_no_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/test_rfc.py"],
        env=os.environ | NOWHERE,
        cwd=BASE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_a_test_works_in_a_copy_of_its_own(django_db_modify_db_settings: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
    assert name.startswith(django_db_modify_db_settings)
    assert "_template_" not in name


def test_the_key_changes_when_a_migration_does(tmp_path: Path) -> None:
    first = shutil.copytree(BASE / "clients/migrations", tmp_path / "migrations")
    files = sorted(first.glob("*.py"))
    key = key_of(files)
    assert key_of(files) == key
    assert key_of(files[:-1]) != key
    with files[-1].open("a") as file:
        file.write("\n")
    assert key_of(files) != key


def test_the_template_is_made_from_all_that_shapes_the_tables() -> None:
    named = {str(path.relative_to(BASE)) for path in sources() if BASE in path.parents}
    assert {"packages/migrations/0001_initial.py", "clients/search.py"} <= named
    assert any("allauth/account/migrations/" in name for name in named)


def test_a_kept_database_is_found_again_and_lent_to_one_run_at_a_time(
    prefix: str,
) -> None:
    with own_database(prefix, WORKER, keep=True, anew=False) as kept:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE remembered ()")
        with own_database(prefix, WORKER, keep=True, anew=False) as other:
            assert {kept, other} <= databases()
            assert kept != other
    assert databases() & {kept, other} == {kept}
    with own_database(prefix, WORKER, keep=True, anew=False) as again:
        assert again == kept
        assert "remembered" in tables()
    with own_database(prefix, WORKER, keep=True, anew=True) as again:
        assert again == kept
        assert "remembered" not in tables()
    run_on_server(f'DROP DATABASE "{kept}"')


def test_what_nobody_needs_any_more_is_dropped_and_nothing_else(prefix: str) -> None:
    used = connection.settings_dict["NAME"]
    killed, outdated, strange = (
        f"{prefix}{2**40 + os.getpid()}",
        f"{prefix}gw{os.getpid()}_{'0' * 12}",
        f"{prefix}of_somebody_{os.getpid()}",
    )
    for name in (killed, outdated, strange):
        run_on_server(f'CREATE DATABASE "{name}"')
    with own_database(prefix, WORKER, keep=False, anew=False) as own:
        left = databases()
    run_on_server(f'DROP DATABASE "{strange}"')
    assert {used, own, strange} <= left
    assert not {killed, outdated} & left
    assert own not in databases()


def test_the_threads_that_end_with_a_test_are_those_that_gather_stamps() -> None:
    assert sys.modules[conftest.STAMPING] is service
