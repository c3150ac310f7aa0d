"""The bugs that the chaos test must be able to detect, planted on purpose.

Each removes one step of quality.md ("lock → look the reference up → decide") from the
running product by patching it: the product has no switch for this. Only the launchers
(launch_*.py) read `CHAOS_BUG`. In these runs the UNIQUE constraints are dropped too
(world.py), so that the bug must show in the ledger itself.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from django.db.models import F

from clients import ledger, lifecycle, rules
from clients.bulk import verbs
from clients.models import BulkRow, Client
from jobs import running
from jobs.models import Job

_FACTS = ("suspended_at", "archived_at", "expires_on")
_LOCK = re.compile(r"\bFOR UPDATE( SKIP LOCKED)?")


class _Early(threading.local):
    """What this thread has read too early, for the two bugs that do so."""

    facts: dict[int, tuple[Any, ...]] | None = None
    known: ledger.Known | None = None


_early = _Early()


def lock_removed() -> None:
    real = psycopg.Cursor.execute

    def execute(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        if isinstance(query, str) and "clients_folioaccount" in query:
            query = _LOCK.sub("", query)
        return real(self, query, *given, **named)

    _replace(psycopg.Cursor, "execute", execute)


def key_not_checked() -> None:
    def known(*given: Any, **named: Any) -> ledger.Known:
        return {}

    _replace(ledger, "known", known)


def status_before_lock() -> None:
    real_lock, real_why_not = ledger.lock, rules.why_not

    def lock(client_ids: Iterable[int], **named: Any) -> ledger.Accounts:
        ids = list(client_ids)
        rows = Client.objects.filter(pk__in=ids).values_list("pk", *_FACTS)
        _early.facts = {pk: tuple(facts) for pk, *facts in rows}
        return real_lock(ids, **named)

    def why_not(verb: str, client: Any, *given: Any) -> rules.Refused | None:
        if verb == "consume" and _early.facts and hasattr(client, "_replace"):
            facts = zip(_FACTS, _early.facts[client.id], strict=True)
            client = client._replace(**dict(facts))
        return real_why_not(verb, client, *given)

    _replace(ledger, "lock", lock)
    _replace(rules, "why_not", why_not)


def reference_elsewhere() -> None:
    """Look references up in a transaction that ends before the stamp's begins."""
    real_consume_many, real_known = lifecycle.consume_many, ledger.known

    def consume_many(stamps: Any, **named: Any) -> Any:
        accounts: Any = {stamp.client_id: None for stamp in stamps}
        _early.known = real_known(accounts, stamps)
        try:
            return real_consume_many(stamps, **named)
        finally:
            _early.known = None

    def known(*given: Any, **named: Any) -> ledger.Known:
        if _early.known is None:
            return real_known(*given, **named)
        return dict(_early.known)

    _replace(lifecycle, "consume_many", consume_many)
    _replace(ledger, "known", known)


def row_written_apart() -> None:
    """Of a change of many: the row is written down in a transaction after that of the
    verb, whose reference is made anew at each try and which compares no basis."""

    @contextmanager
    def step(work: running.Work, items: int = 0) -> Iterator[None]:
        yield
        Job.objects.filter(pk=work.job.pk).update(done=F("done") + items)

    real_save = BulkRow.save

    def save(row: BulkRow, **named: Any) -> None:
        time.sleep(0.1)
        real_save(row, **named)

    _replace(running.Work, "step", step)
    _replace(BulkRow, "save", save)
    _replace(verbs, "_reference", lambda run, row: str(uuid4()))
    _replace(verbs, "_basis", lambda row: None)


def _replace(owner: Any, name: str, by: Callable[..., Any]) -> None:
    """Patch `owner`. Raise if the name is gone, lest the bug be silently missing."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name} any more: see chaos/bugs.py")
    setattr(owner, name, by)


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (lock_removed, key_not_checked, status_before_lock, reference_elsewhere)
}
# Those of a worker (chaos/jobs.py).
BUGS_OF_WORKERS: dict[str, Callable[[], None]] = {
    row_written_apart.__name__: row_written_apart
}
