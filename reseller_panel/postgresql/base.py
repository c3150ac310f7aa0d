"""The database engine: Django's PostgreSQL backend, whose waits end while serving.

Law: quality.md, "Faults it survives". The kernel detects lost packets (KEEPALIVES in
reseller_panel/database.py). A server or proxy that acknowledges everything and never
answers is detected here: every wait of psycopg goes through `Connection.wait`.
"""

import logging
import threading
from collections.abc import Generator
from time import monotonic
from types import SimpleNamespace
from typing import Any

import psycopg
from django.core.signals import request_started
from django.db.backends.postgresql import base

log = logging.getLogger(__name__)

# Seconds without an answer, after which a connection is closed. statement_timeout
# (SERVING_TIMEOUTS) ends a slow statement before that.
ANSWER_MAX = 4.0
# The same for the health check of a kept connection.
HEALTH_CHECK_MAX = 2.0
# Seconds in which a thread does not connect again after it gave up, unless a request
# begins: one request must not wait several times.
PAUSE = 0.5


class _Thread(threading.local):
    gave_up_at = -PAUSE


_thread = _Thread()


def _forget(**kwargs: object) -> None:
    _thread.gave_up_at = -PAUSE


request_started.connect(_forget)


class SilentDatabase(psycopg.OperationalError):
    """The server does not answer."""


class Connection(psycopg.Connection[Any]):
    """A connection that is closed after `answer_max` seconds without an answer."""

    answer_max: float | None = None

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Any:
        if self.answer_max is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_max)
        except psycopg.errors._WaitTimeout:
            _thread.gave_up_at = monotonic()
            self.close()
            log.warning("The database did not answer for %.1f s.", self.answer_max)
            raise SilentDatabase("The database does not answer.") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """`serving` is true in a process that answers requests; a command may wait."""

    Database = SimpleNamespace(  # type: ignore[assignment]
        **{**vars(psycopg), "connect": Connection.connect}
    )
    serving = False

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        return params | self.settings_dict["SERVING"] if self.serving else params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        if self.serving and monotonic() - _thread.gave_up_at < PAUSE:
            raise SilentDatabase("The database did not answer a moment ago.")
        try:
            made: Connection = super().get_new_connection(conn_params)
        except psycopg.errors.ConnectionTimeout:
            _thread.gave_up_at = monotonic()
            raise
        made.answer_max = ANSWER_MAX if self.serving else None
        return made

    def is_usable(self) -> bool:
        """The health check. It is short, so that there is time left to reconnect."""
        raw = self.connection
        if self.serving and raw is not None:
            raw.answer_max = HEALTH_CHECK_MAX
        usable: bool = super().is_usable()
        if self.serving and raw is not None:
            raw.answer_max = ANSWER_MAX
            _forget()
        return usable


def serve() -> None:
    """Limit the waits of this process. Call it before the first connection."""
    DatabaseWrapper.serving = True
