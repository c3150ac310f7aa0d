"""The part of chaos/jobs.py that uses the product: begin, meddle, look at the end.

python -m chaos.jobs_inside begin | ended | meddle JOURNAL SEED | check JOURNAL
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django
from django.db import Error, connections
from django.utils import timezone

django.setup()

from accounts.models import User  # noqa: E402
from clients import lifecycle  # noqa: E402
from clients.bulk import choosing, execution  # noqa: E402
from clients.models import (  # noqa: E402
    BulkRun,
    Client,
    ClientEvent,
    EntryKind,
    EventKind,
    FolioLedger,
    RowState,
)
from reseller_panel.refusals import Refused  # noqa: E402

# Seconds between two clients that the colleague changes.
EVERY = 0.4


def begin() -> None:
    by = User.objects.get(email="multitud@demo.mx")
    mine = Client.objects.visible_to(by).filter(archived_at=None).order_by("pk")
    run = choosing.choose(by, "renew", [*mine.values_list("pk", flat=True)])
    choosing.show_anew(run, run.reseller.local_date(timezone.now()))
    execution.begin(run)


def ended() -> None:
    for _ in range(100):
        try:
            job = BulkRun.objects.select_related("job").get().job
            assert job
            print("no" if job.is_unfinished else "yes")
            return
        except Error:  # PostgreSQL has just been stopped
            connections.close_all()
            time.sleep(0.2)
    sys.exit("no database")


def meddle(journal: str, seed: str) -> None:
    """Suspend or archive clients at random until it is ended. Each is written down
    before it is tried: what became of it nobody may know."""
    rng, by = random.Random(seed), User.objects.get(email="multitud@demo.mx")
    ids = [*BulkRun.objects.get().rows.values_list("client", flat=True)]
    rng.shuffle(ids)
    with Path(journal).open("a") as written:
        for pk in ids:
            written.write(f"{pk}\n")
            written.flush()
            try:
                client = Client.objects.get(pk=pk)
                if rng.random() < 0.5:
                    lifecycle.suspend(client, reason="Otra persona", by=by)
                else:
                    lifecycle.archive(client, by=by)
            except Refused:
                pass
            except Error:
                connections.close_all()
            time.sleep(EVERY)


def check(journal: str) -> None:
    """Every client against the ledger; prints what was found as JSON."""
    run = BulkRun.objects.select_related("job").get()
    changed = {int(line) for line in Path(journal).read_text().split()}
    violations = Counter(_violations(run, changed))
    job = run.job
    assert job
    if job.done != job.total or job.error:
        violations["job"] += 1
    granted = FolioLedger.objects.filter(
        kind=EntryKind.RENEWAL, reference__isnull=False
    )
    print(
        json.dumps(
            {
                "changed": len(changed),
                "summary": job.summary,
                "done": run.rows.filter(state=RowState.DONE).count(),
                "folios": sum(_renewals(run, granted).values()),
                "violations": violations,
            }
        )
    )


def _renewals(run: BulkRun, entries) -> dict[int, int]:  # type: ignore[no-untyped-def]
    """Folios that were granted since the run began, by client."""
    since = entries.filter(created_at__gte=run.created_at)
    found: Counter[int] = Counter()
    for client, quantity in since.values_list("client", "quantity"):
        found[client] += quantity
    return found


def _violations(run: BulkRun, changed: set[int]) -> Iterator[str]:
    events = ClientEvent.objects.filter(
        kind=EventKind.RENEWED, created_at__gte=run.created_at
    )
    renewed = Counter(events.values_list("client", flat=True))
    for row in run.rows.all():
        times = renewed.pop(row.client_id, 0)
        match row.state:
            case RowState.DONE if times == 1:
                continue
            case RowState.SKIPPED | RowState.FAILED if times == 0:
                if not row.said or row.client_id not in changed:
                    yield "skipped without a reason"
            case _:
                yield "twice" if times > 1 else "not as it says"
    yield from ("somebody else" for _ in renewed)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    {"begin": begin, "ended": ended, "meddle": meddle, "check": check}[command](*words)  # type: ignore[operator]
