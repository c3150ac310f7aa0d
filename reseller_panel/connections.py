"""The check of the connections that the panel opens: each is encrypted, and goes where
it was meant to go.

`manage.py check --deploy` says so (docs/deployment.md). What stays on the machine, over
loopback or a socket in the file system, needs no TLS.
"""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connections


def check_tls(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if not _database_is_safe(connections["default"].settings_dict):
        found.append(
            checks.Warning(
                "Nothing makes sure that the connection to PostgreSQL is encrypted, "
                "and with the right server.",
                hint="Add ?sslmode=verify-full to DATABASE_URL; for a certificate of "
                "your own also &sslrootcert=/path/of/ca.pem.",
                id="reseller_panel.W001",
            )
        )
    if not _mail_is_safe():
        found.append(
            checks.Warning(
                "E-mails, with links that choose passwords, are sent unencrypted.",
                hint="Set EMAIL_URL to submission://user:password@host:587.",
                id="reseller_panel.W002",
            )
        )
    return found


def _database_is_safe(database: dict[str, Any]) -> bool:
    hosts = database["HOST"].split(",")
    is_verified = database["OPTIONS"].get("sslmode") == "verify-full"
    return is_verified or all(_is_here(host) for host in hosts)


def _mail_is_safe() -> bool:
    if not str(settings.EMAIL_BACKEND).endswith(".smtp.EmailBackend"):
        return True
    is_encrypted = bool(settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    return is_encrypted or _is_here(str(settings.EMAIL_HOST))


def _is_here(host: str) -> bool:
    """Whether it is this machine: a socket, or loopback."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
