"""The databases of the tests: one that the migrations make once, and copies of it.

Migrating takes seconds, copying a tenth of one. So the migrations are run once, into a
template whose name tells what it was made from, and each test process works in a copy.
One process at a time makes, copies and drops databases, and each holds a lock on the
name of its copy for as long as it lives: a copy that nobody holds was left by a run
that was killed. The developer's own database is never touched.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from packages.models import Service

# The one table that a migration fills (packages/migrations/0001_initial.py), and what
# it contained then: see the clean-up in conftest.py.
SEEDED = Service._meta.db_table
SEEDED_AT_FIRST = f"{SEEDED}_at_first"

# What follows the prefix: the number of a session, or a use and the key.
OURS = r"\d+|(template|master|gw\d+)_[0-9a-f]{12}(_unfinished)?"
EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"


def sources() -> list[Path]:
    """What the template is made from: this file, the settings, the migrations of every
    app (the libraries' too), and those modules of ours that a migration names."""
    migrations = [
        path
        for app in apps.get_app_configs()
        for path in sorted(Path(app.path, "migrations").glob("[0-9]*.py"))
    ]
    text = "\n".join(path.read_text() for path in migrations)
    names = sorted(set(re.findall(r"^(?:import|from) ([\w.]+)", text, re.MULTILINE)))
    named = [settings.BASE_DIR / f"{name.replace('.', '/')}.py" for name in names]
    ours = [settings.BASE_DIR / "reseller_panel" / "settings.py", *named]
    return [Path(__file__), *filter(Path.is_file, ours), *migrations]


def key_of(paths: Iterable[Path]) -> str:
    """Twelve characters that change with any of these files, and with the libraries
    that turn migrations into SQL."""
    digest = sha256(f"{version('django')} {version('django-pgtrigger')}".encode())
    for path in paths:
        digest.update(f"\n{path.parent.parent.name}/{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def own_database(prefix: str, worker: str, *, keep: bool, anew: bool) -> Iterator[str]:
    """Make Django use a copy of the template that is this process's own; its name.

    It is dropped at the end, unless it is to be kept: then it is named after the
    worker, and the next run finds it (and with `anew` replaces it). Of two runs that
    would keep the same one the second gets another, which is dropped.
    """
    key = key_of(sources())
    template, kept = f"{prefix}template_{key}", f"{prefix}{worker}_{key}"
    with connection._nodb_cursor() as cursor:
        # Whoever makes the template on a busy machine is waited for.
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        _ask(cursor, "SELECT pg_advisory_lock(hashtext(%s))", prefix)
        keep = keep and _take(cursor, kept)
        name = kept if keep else f"{prefix}{_ask(cursor, 'SELECT pg_backend_pid()')}"
        _drop_what_is_left(cursor, prefix, key)
        if anew:
            _drop(cursor, name)
        if not _ask(cursor, EXISTS, template):
            _make_template(cursor, template)
        _create(name, template)
        _take(cursor, name)
        _ask(cursor, "SELECT pg_advisory_unlock(hashtext(%s))", prefix)
        yield name
        connection.close()
        if not keep:
            _drop(cursor, name)


def _make_template(cursor: CursorWrapper, name: str) -> None:
    """Under another name first: one half made must not look like one."""
    _create(f"{name}_unfinished")
    with connection.cursor() as inside:
        inside.execute(f"CREATE TABLE {SEEDED_AT_FIRST} AS TABLE {SEEDED}")
    connection.close()
    cursor.execute(f'ALTER DATABASE "{name}_unfinished" RENAME TO "{name}"')


def _create(name: str, template: str | None = None) -> None:
    """Let Django make this database, unless it is there, and use it. Migrations that a
    template lacks are run: it does not depend on the key."""
    connection.settings_dict["TEST"] |= {"NAME": name, "TEMPLATE": template}
    connection.creation.create_test_db(verbosity=0, serialize=False, keepdb=True)


def _drop_what_is_left(cursor: CursorWrapper, prefix: str, key: str) -> None:
    """By runs that were killed, and from migrations that are no more."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    )
    for (name,) in cursor.fetchall():
        ours = re.fullmatch(OURS, name.removeprefix(prefix))
        if ours and not name.endswith(f"_{key}") and _take(cursor, name):
            _drop(cursor, name)


def _drop(cursor: CursorWrapper, name: str) -> None:
    """With the sessions of threads that live as long as the process (the server under
    test): a database in use cannot be dropped."""
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _take(cursor: CursorWrapper, name: str) -> bool:
    """Hold the lock on a name until this session ends, unless another holds it."""
    return bool(_ask(cursor, "SELECT pg_try_advisory_lock(hashtext(%s))", name))


def _ask(cursor: CursorWrapper, question: str, *values: str) -> Any:
    cursor.execute(question, values)
    return cursor.fetchone()[0]
