"""Which database Django talks to, and how long it waits for what.

Keeps two laws: one engine everywhere, and no session that waits for ever. Nothing here
knows what is stored.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

# Milliseconds. A page that needs longer than the first is broken; nobody waits
# longer than the second for somebody else's row; a transaction that stopped
# talking (its process hangs) gives its locks back after the third.
SESSION_TIMEOUTS = {
    "statement_timeout": 30_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 5_000,
}

# Seconds. A peer that vanished without a word is noticed within a minute.
KEEPALIVES = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def database_settings(
    url: str | None, *, checkout: Path, behind_pooler: bool
) -> dict[str, Any]:
    """Return the DATABASES["default"] of Django.

    Without a `url`, the embedded server of this checkout is started, or joined
    if it runs already. `behind_pooler` says that a transaction pooler
    (pgbouncer) stands between: it ignores start-up options, so the timeouts
    must come from ALTER ROLE … SET, and nothing may be prepared or left open
    on a connection that the next statement does not get back.
    """
    if url is None:
        url = _embedded(checkout)
    parts = parse_url(url)
    options: dict[str, Any] = KEEPALIVES | {"application_name": "reseller_panel"}
    given = str(parts.pop("options", ""))
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parts.pop("dbname", "")),
        "USER": str(parts.pop("user", "")),
        "PASSWORD": str(parts.pop("password", "")),
        "HOST": str(parts.pop("host", "")),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_pooler,
    }
    if behind_pooler:
        options["prepare_threshold"] = None
    else:
        options["prepare_threshold"] = 5
        # What the address itself asks for comes last, and so wins.
        given = f"{_as_flags(SESSION_TIMEOUTS)} {given}"
    if given.strip():
        options["options"] = given.strip()
    settings["OPTIONS"] = options | parts
    return settings


def _embedded(checkout: Path) -> str:
    """The address of the embedded server, which is a developer's requirement only:
    production names a server, and does not have the package."""
    try:
        embedded = import_module("reseller_panel.embedded")
    except ModuleNotFoundError:
        raise ImproperlyConfigured(
            "Set DATABASE_URL: the embedded PostgreSQL is not installed."
        ) from None
    address: str = embedded.join_server(checkout)
    return address


def parse_url(url: str) -> dict[str, Any]:
    """Return libpq's parameters (host, port, user, password, dbname, sslmode…).

    Raises ImproperlyConfigured, without repeating the address: it holds a
    password.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: write "
            "postgresql://user:password@host:5432/database, with the special "
            "characters of the password percent-encoded."
        ) from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no database: put its name after the last slash."
        )
    return dict(parts)


def _as_flags(parameters: dict[str, int]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in parameters.items())
