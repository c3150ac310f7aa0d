"""Doing a run: a row at a time, each done and written down in one transaction.

The job may be killed anywhere and taken up by anybody: a row that is written down is
done, any other is not. Who may not be changed any more is skipped, with the reason.
"""

from django.db import OperationalError, transaction
from django.db.models import Count

from accounts.models import User
from clients.bulk.choosing import NobodyChosen, add_rows
from clients.bulk.verbs import verb_of
from clients.models import BulkRow, BulkRun, RowState
from jobs import running
from jobs.models import Job
from reseller_panel.refusals import Refused
from reseller_panel.spanish import counted

KIND = "bulk"
# In the request that asks for it, and for how many seconds; more is a worker's.
IN_REQUEST = 200
SECONDS = 3.0
_READ = 200


class AlreadyBegun(Refused):
    code = "already_begun"

    def __init__(self) -> None:
        super().__init__("Este cambio ya se hizo. Este es su resultado.")


def begin(run: BulkRun) -> Job:
    """Do what the preview showed: at once, or in a job if it is for many. Raises
    AlreadyBegun: it is done once, however often the button is pressed."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if not fresh.is_preview:
            raise AlreadyBegun
        total = run.rows.count()
        in_request = total <= IN_REQUEST
        run.job = running.start(
            run.reseller,
            by=run.by,
            kind=KIND,
            title=title_of(run, total),
            total=total,
            url=run.get_absolute_url(),
            in_request=in_request,
        )
        run.save()
    if in_request:
        run.job = running.run_now(run.job, seconds=SECONDS)
    return run.job


def title_of(run: BulkRun, total: int) -> str:
    """«Renovar 12 clientes»"""
    verb = verb_of(run)
    label, clients = verb.action.label, counted(total, "cliente")
    if verb.is_undo:
        return f"Deshacer «{label}» de {clients}"
    return f"{label} {'a ' if verb.is_giving else ''}{clients}"


def undo(run: BulkRun, by: User) -> BulkRun:
    """A run that takes back what this one did, and is done at once. What happened since
    to a client is not lost: it is skipped, and said. Raises NobodyChosen."""
    done = run.rows.filter(state=RowState.DONE, done_seq__isnull=False)
    rows = [(client, seq) for client, seq in done.values_list("client", "done_seq")]
    if not rows or run.undoes_id:
        raise NobodyChosen
    with transaction.atomic():
        taking_back = BulkRun.objects.create(
            reseller=run.reseller, by=by, verb=run.verb, undoes=run
        )
        add_rows(taking_back, rows)
    begin(taking_back)
    return taking_back


@running.handles(KIND)
def execute(work: running.Work) -> None:
    run = BulkRun.objects.select_related("by", "reseller", "package").get(job=work.job)
    while rows := _waiting(run):
        for row in rows:
            with work.step(1):
                _do(run, row)
    work.summary = summary_of(run)


def _waiting(run: BulkRun) -> list[BulkRow]:
    waiting = run.rows.filter(state=RowState.WAITING).order_by("place")
    return [*waiting.select_related("client")[:_READ]]


def _do(run: BulkRun, row: BulkRow) -> None:
    """Within a step. What is refused leaves nothing but the reason."""
    try:
        with transaction.atomic():
            outcome = verb_of(run).do(run, row)
    except Refused as refused:
        row.state = RowState.FAILED if refused.code == "busy" else RowState.SKIPPED
        row.said = refused.message
    except OperationalError as error:
        if not running.gave_up_waiting(error):
            raise
        row.state = RowState.FAILED
        row.said = "Estaba ocupado con otro cambio. Reinténtelo."
    else:
        row.state, row.said = RowState.DONE, outcome.message
        row.done_seq = outcome.seq or None
    row.said = row.said[:400]
    row.save(update_fields=["state", "said", "done_seq"])


def counts_of(run: BulkRun) -> dict[RowState, int]:
    """How many rows are in each state."""
    found = run.rows.order_by().values_list("state").annotate(Count("pk"))
    return {RowState(state): number for state, number in found}


def summary_of(run: BulkRun) -> str:
    """«11 renovados, 1 sin cambio»"""
    counts = counts_of(run)
    parts = [verb_of(run).said(counts.get(RowState.DONE, 0))]
    if skipped := counts.get(RowState.SKIPPED):
        parts.append(f"{skipped:,} sin cambio")
    if failed := counts.get(RowState.FAILED):
        parts.append(f"{failed:,} con falla")
    return f"{', '.join(parts)}."
