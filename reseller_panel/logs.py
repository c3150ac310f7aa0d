"""Logs: one line per record, to stderr, from where whoever runs it takes them.

A leaf. What is logged where, and for how long it is kept: docs/security.md, "Logs".
"""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

# Of a message; an address may have thousands of characters.
LINE_MAX = 1_000
# Of an address: what opens the list of a reseller to whoever has it.
_SECRETS = re.compile(r"(/hojas/)[^\s?]+")


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING, with records from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{LineFormatter.__name__}"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Replaces Django's own handlers, which write only while DEBUG is on.
            "django": {"handlers": [], "level": level, "propagate": True},
        },
    }


class LineFormatter(logging.Formatter):
    """Time (UTC), level, logger, message; then who asked, and from where, if the record
    is of a request. No text of a request can begin a line of its own: a line that does
    not begin with a time continues a traceback."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatTime(  # noqa: N802  (the name is logging's)
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        line = _SECRETS.sub(r"\1…", super().formatMessage(record))
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            line += f" [{_who(request)} {address_of(request)} {request.method}]"
        if len(line) > LINE_MAX:
            line = f"{line[:LINE_MAX]}…"
        return "".join(char if char.isprintable() else _escaped(char) for char in line)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        lines = super().formatException(ei).splitlines()
        return "\n".join(f"    {line}" for line in lines)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode()


def _who(request: HttpRequest) -> str:
    """As far as it is known without asking the database."""
    if (key := getattr(getattr(request, "auth", None), "pk", None)) is not None:
        return f"key {key}"
    person = getattr(request, "actor", None) or request.__dict__.get("_cached_user")
    return f"person {getattr(person, 'pk', None) or '-'}"


def address_of(request: HttpRequest) -> str:
    """Of the caller. What callers themselves write into the header is before what our
    own proxies add."""
    count = settings.TRUSTED_PROXY_COUNT
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    if count and len(passed) >= count and passed[-count].strip():
        return passed[-count].strip()
    return str(request.META.get("REMOTE_ADDR", "-"))
