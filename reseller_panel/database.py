"""Django's database settings: the server, and the timeouts.

Keeps two laws: one engine everywhere, and no session that waits for ever. Nothing here
depends on the data.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

# Milliseconds. A page that needs longer than the first is broken. The second is
# the longest wait for a contended row. The third ends a transaction whose process
# hangs, so that its locks are released.
SESSION_TIMEOUTS = {
    "statement_timeout": 30_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 5_000,
}

# The same in a process that serves requests, where every response is sent within six
# seconds. A statement ends on the server before the connection is given up
# (reseller_panel/postgresql/base.py).
SERVING_TIMEOUTS = SESSION_TIMEOUTS | {
    "statement_timeout": 3_500,
    "lock_timeout": 3_000,
}

# Whoever serves requests asks short questions, many at a time: neither to compile one
# nor to start workers for it pays. What they read is in memory or on an SSD, where each
# page costs about the same.
SERVING_PARAMETERS: dict[str, float] = SERVING_TIMEOUTS | {
    "jit": 0,
    "max_parallel_workers_per_gather": 0,
    "random_page_cost": 1.1,
}

# Seconds, the last one in milliseconds. The kernel detects a peer that vanished without
# closing: within 3 s if sent data is not acknowledged, within 4 s while waiting.
KEEPALIVES = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 3_000,
}


def database_settings(
    url: str | None, *, checkout: Path, behind_pooler: bool
) -> dict[str, Any]:
    """Return the DATABASES["default"] of Django.

    Without a `url`, the embedded server of this checkout is started, or joined
    if it runs already. `behind_pooler` says that a transaction pooler
    (pgbouncer) is in between. It ignores start-up options, so the timeouts
    must come from ALTER ROLE … SET. The next transaction may get another
    connection, so nothing may be prepared or left open on this one.
    """
    if url is None:
        url = _embedded(checkout)
    parts = parse_url(url)
    options: dict[str, Any] = KEEPALIVES | {"application_name": "reseller_panel"}
    given = str(parts.pop("options", ""))
    settings: dict[str, Any] = {
        "ENGINE": "reseller_panel.postgresql",
        "NAME": str(parts.pop("dbname", "")),
        "USER": str(parts.pop("user", "")),
        "PASSWORD": str(parts.pop("password", "")),
        "HOST": str(parts.pop("host", "")),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_pooler,
        # Parameters that a process that serves requests has instead.
        "SERVING": {},
    }
    if behind_pooler:
        options["prepare_threshold"] = None
    else:
        options["prepare_threshold"] = 5
        # The options of the URL come last, so that they win.
        serving = f"{_as_flags(SERVING_PARAMETERS)} {given}"
        given = f"{_as_flags(SESSION_TIMEOUTS)} {given}"
        settings["SERVING"] = {"options": serving.strip()}
    if given.strip():
        options["options"] = given.strip()
    settings["OPTIONS"] = options | parts
    return settings


def _embedded(checkout: Path) -> str:
    """The URL of the embedded server. Its package is only in the developer's
    requirements: production sets DATABASE_URL and does not have it."""
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

    Raises ImproperlyConfigured, without repeating the URL: it contains a
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


def _as_flags(parameters: Mapping[str, float]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in parameters.items())
