"""Doing a run: a row at a time, each done and written down in one transaction.

The job may be killed anywhere and taken up by anybody: a row that is written down is
done, any other is not. Who may not be changed any more is skipped, with the reason.
"""

from collections.abc import Iterable

from django.db import OperationalError, transaction
from django.db.models import Count

from accounts.models import User
from clients.bulk.choosing import NOT_DONE, add_rows
from clients.bulk.verbs import verb_of
from clients.lifecycle import PreviewChanged
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
_CHANGED = (
    "Algo cambió después de la vista previa (el cliente, su paquete o el día): no se "
    "le hizo nada."
)


class AlreadyBegun(Refused):
    code = "already_begun"

    def __init__(self) -> None:
        super().__init__("Este cambio ya se hizo. Este es su resultado.")


class NotEnded(Refused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__("Todavía no termina. Espere, o deténgalo, y luego deshágalo.")


class NothingToUndo(Refused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__("De este cambio no hay nada que deshacer.")


def begin(run: BulkRun) -> Job:
    """Do what the preview showed: at once, or in a job if it is for many. Raises
    AlreadyBegun: it is done once, however often the button is pressed; PreviewChanged:
    another preview than this one has been shown since."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if not fresh.is_preview:
            raise AlreadyBegun
        if fresh.version != run.version:
            raise PreviewChanged
        _enqueue(run)
    return _go(run)


def _enqueue(run: BulkRun) -> None:
    total = run.rows.count()
    run.job = running.start(
        run.reseller,
        by=run.by,
        kind=KIND,
        title=title_of(run, total),
        total=total,
        url=run.get_absolute_url(),
        in_request=total <= IN_REQUEST,
    )
    run.save()


def _go(run: BulkRun) -> Job:
    """After the commit of its job."""
    assert run.job
    if (run.job.total or 0) <= IN_REQUEST:
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
    """A run that takes back what this one did, and is done at once; the same one,
    however often it is asked for. What happened since to a client is not lost: it is
    skipped, and said. Raises NotEnded, NothingToUndo."""
    with transaction.atomic():
        BulkRun.objects.select_for_update().get(pk=run.pk)
        if earlier := undone_by(run):
            return earlier
        # Locked, so that nobody lets it go on meanwhile.
        assert run.job
        if Job.objects.select_for_update().get(pk=run.job.pk).is_unfinished:
            raise NotEnded
        done = run.rows.filter(state=RowState.DONE, done_seq__isnull=False)
        taking_back = _taking_back(run, done.values_list("client", "done_seq"), by)
    _go(taking_back)
    return taking_back


def undo_again(undone: BulkRun, by: User) -> BulkRun:
    """The same for those of whom `undone` could not take it back. Raises
    NothingToUndo."""
    assert undone.undoes
    with transaction.atomic():
        left = undone.rows.filter(state__in=NOT_DONE)
        taking_back = _taking_back(undone.undoes, left.values_list("client", "seq"), by)
    _go(taking_back)
    return taking_back


def undone_by(run: BulkRun) -> BulkRun | None:
    """The newest run that takes this one back."""
    return run.undone_by.first()


def _taking_back(
    run: BulkRun, records: Iterable[tuple[int, int | None]], by: User
) -> BulkRun:
    """`records`: of each client, what is taken back."""
    rows = [*records]
    if not rows:
        raise NothingToUndo
    taking_back = BulkRun.objects.create(
        reseller=run.reseller, by=by, verb=run.verb, undoes=run
    )
    add_rows(taking_back, rows)
    _enqueue(taking_back)
    return taking_back


@running.handles(KIND)
def execute(work: running.Work) -> None:
    run = BulkRun.objects.select_related("by", "reseller", "package").get(job=work.job)
    if undone_by(run):
        # What it did after that could not be undone any more.
        raise running.Failed("Este cambio ya se deshizo.")
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
    except PreviewChanged:
        row.state, row.said = RowState.SKIPPED, _CHANGED
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
