"""The log of refused API calls, for the reseller to see.

It has one row per key, client, call and code, with a count and the last time, so it
does not grow with the number of calls. Each process writes at most once a second, after
the transaction of the call. Refusals in between are added up in memory, so that a storm
of them costs nothing; if the process dies they are lost, and the count is too low.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from accounts.models import ApiKey
from clients.models import ApiRefusal, Client

log = logging.getLogger(__name__)

# The writer of the stamps waits meanwhile; a lost note is only a lower count.
LOCK_TIMEOUT = "50ms"


class _Kind(NamedTuple):
    api_key_id: int
    client_id: int  # 0 when it is not known
    call: str
    code: str


@dataclass
class _Note:
    """The last refusal of a kind, and how many there were since the last write."""

    asked: str
    reference: str
    last_at: datetime
    times: int = 0


_pending: dict[_Kind, _Note] = {}
_lock = threading.Lock()
_written_at = 0.0


def note(
    key: ApiKey,
    *,
    call: str,
    code: str,
    client: Client | int | None = None,
    asked: str = "",
    reference: str = "",
) -> None:
    """Remember one refusal, and write what is due. `asked` is how the caller named the
    client.

    Call it after the transaction of the refused call has ended.
    """
    add(key, call=call, code=code, client=client, asked=asked, reference=reference)
    write_if_due()


def add(
    key: ApiKey,
    *,
    call: str,
    code: str,
    client: Client | int | None = None,
    asked: str = "",
    reference: str = "",
) -> None:
    """Remember one of several refusals; call `write_if_due` after the last one."""
    client_id = client.pk if isinstance(client, Client) else client or 0
    kind = _Kind(key.pk, client_id, call, code)
    with _lock:
        earlier = _pending.get(kind)
        _pending[kind] = _Note(
            asked=_printable(asked),
            reference=_printable(reference),
            last_at=timezone.now(),
            times=(earlier.times if earlier else 0) + 1,
        )


def write_if_due() -> None:
    """Write the pending notes, unless the last write is more recent than allowed."""
    global _written_at
    if not _pending:
        return
    with _lock:
        now = time.monotonic()
        if now - _written_at < settings.API_REFUSALS_EVERY:
            return
        _written_at = now
        notes = sorted(_pending.items())
        _pending.clear()
    if notes:
        _write(notes)


# Adds to `times` and leaves `first_at` alone, which bulk_create cannot do.
_UPSERT = """
INSERT INTO {table} AS kept
       (api_key_id, client_id, call, code, asked, reference, times, first_at, last_at)
VALUES {rows}
ON CONFLICT (api_key_id, client_id, call, code) DO UPDATE
   SET times = kept.times + EXCLUDED.times, last_at = EXCLUDED.last_at,
       asked = EXCLUDED.asked, reference = EXCLUDED.reference
"""


def _write(notes: list[tuple[_Kind, _Note]]) -> None:
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(notes))
    values: list[int | str | datetime | None] = []
    for kind, one in notes:  # sorted, so that two processes cannot deadlock
        values += [kind.api_key_id, kind.client_id or None, kind.call, kind.code]
        values += [one.asked, one.reference, one.times, one.last_at, one.last_at]
    statement = _UPSERT.format(table=ApiRefusal._meta.db_table, rows=rows)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = %s", [LOCK_TIMEOUT])
            cursor.execute(statement, values)
    except (DatabaseError, InterfaceError):
        log.warning("Refusals of the API were not noted.", exc_info=True)


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:64]
