"""How a job runs: in steps, each one transaction that commits work and progress.

Law: quality.md, "What people do at the same time, and what runs by itself". A step
locks the job's row and goes on only if nobody else has taken the job up meanwhile. So a
job may be killed anywhere, be late, or be taken by two workers: what it does is done
once. A handler goes on from what is committed, and knows nothing of the queue.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Reseller, User
from jobs.models import ERROR_MAX, Job, JobQuerySet
from reseller_panel import jobs as queue
from reseller_panel.characters import one_line

Handler = Callable[["Work"], None]
_handlers: dict[str, Handler] = {}

# Seconds after which a worker takes up a job that a request began and did not end.
TAKEN_UP = 30


class Stopped(Exception):
    """It was cancelled, or somebody else goes on with it: this run ends."""


class Failed(Exception):
    """Ends a job; the message says why, in Spanish, and what to do."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Decorator: the function does the jobs of this kind."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


class Work:
    """One run of a job. `summary` is what it will say came of it."""

    def __init__(self, job: Job, interrupted: queue.Interrupted) -> None:
        self.job = job
        self.summary = job.summary
        self._attempt = job.attempt
        self._interrupted = interrupted

    @contextmanager
    def step(self, items: int = 0) -> Iterator[None]:
        """One transaction, which counts `items` as done at its end.

        Its statements must follow each other within five seconds, and it should take
        less than one: whoever cancels waits for it. Raises Stopped, and HandedBack if
        the worker is to stop.
        """
        if self._interrupted():
            raise queue.HandedBack
        with transaction.atomic():
            if self._may_go_on():
                yield
                if items:
                    self._own.update(done=F("done") + items)
                self.job.done += items
                return
        raise Stopped

    def expect(self, total: int) -> None:
        """Say how many items there are, once it is known. Within a step."""
        self._own.update(total=total)
        self.job.total = total

    def end(self, *, error: str = "") -> None:
        """Write down how it ended. Nothing if somebody else goes on with it."""
        own = self._own.filter(attempt=self._attempt, finished_at=None)
        own.update(
            finished_at=timezone.now(),
            summary=one_line(self.summary, ERROR_MAX),
            error=one_line(error, ERROR_MAX),
        )

    @property
    def _own(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.job.pk)

    def _may_go_on(self) -> bool:
        """Lock the job. If it was cancelled, this is its end. Raises Failed if who
        started it was dismissed."""
        own = self._own.select_for_update(of=("self",)).select_related("by")
        job = own.get()
        if job.attempt != self._attempt or not job.is_unfinished:
            return False
        if job.cancelled_at:
            self.end()
            return False
        _refuse_if_dismissed(job)
        return True


# ── Starting and running ──────────────────────────────────────────────────────────


def start(
    reseller: Reseller,
    *,
    by: User,
    kind: str,
    title: str,
    total: int | None = None,
    url: str = "",
    in_request: bool = False,
) -> Job:
    """Create a job and enqueue it, in the transaction that is open.

    `in_request`: the request that wants it runs it itself (`run_now`), so a worker
    takes it up only if that did not end.
    """
    job = Job.objects.create(
        reseller=reseller, by=by, kind=kind, title=title, total=total, url=url
    )
    run_job(job.pk, in_seconds=TAKEN_UP if in_request else 0)
    return job


def run_now(job: Job, *, seconds: float) -> Job:
    """Run it here, after the commit of its start; what is left when the seconds are
    over is a worker's. Returns the job as it is then."""
    ends_at = monotonic() + seconds
    try:
        run(job.pk, lambda: monotonic() > ends_at)
    except queue.HandedBack:
        run_job(job.pk)
    return Job.objects.get(pk=job.pk)


def run(pk: int, interrupted: queue.Interrupted = lambda: False) -> None:
    """What a worker does. Raises HandedBack, and the errors of a lost database."""
    job = _taken_up(pk)
    if job is None:
        return
    work = Work(job, interrupted)
    try:
        _handlers[job.kind](work)
        with work.step():
            work.end()
    except Stopped:
        return
    except Failed as failed:
        work.end(error=str(failed))
    except (queue.HandedBack, *queue.LOST):
        raise
    except Exception:
        work.end(error="Algo no previsto lo detuvo; se puede reintentar.")
        raise


run_job = queue.task(run)


def cancel(job: Job) -> bool:
    """It ends with its next step; what is done stays done. Whether there was anything
    to cancel."""
    with transaction.atomic():
        own = Job.objects.select_for_update().get(pk=job.pk)
        if not own.can_be_cancelled:
            return False
        own.cancelled_at = timezone.now()
        if own.started_at is None:
            own.finished_at = own.cancelled_at
        own.save(update_fields=["cancelled_at", "finished_at"])
        return True


def retry(job: Job) -> bool:
    """Let one that failed or was cancelled go on where it stopped. Whether it does."""
    with transaction.atomic():
        own = Job.objects.select_for_update().get(pk=job.pk)
        if not own.can_be_retried:
            return False
        own.finished_at = own.cancelled_at = None
        own.error = own.summary = ""
        own.save(update_fields=["finished_at", "cancelled_at", "error", "summary"])
        run_job(own.pk)
        return True


# Of PostgreSQL: it gave up waiting for a row that somebody else has.
_GAVE_UP = {"55P03", "40P01", "57014"}


def gave_up_waiting(error: OperationalError) -> bool:
    """Whether only this item failed, because a row was occupied; it may be tried again.
    Any other error of this kind is a lost database."""
    return getattr(error.__cause__, "sqlstate", None) in _GAVE_UP


def _refuse_if_dismissed(job: Job) -> None:
    """Who lost the right meanwhile does nothing any more, not even by a job."""
    if not job.by.is_active or job.by.reseller_id != job.reseller_id:
        raise Failed(f"{job.by} ya no tiene acceso; pídalo otra persona.")


def _taken_up(pk: int) -> Job | None:
    """The job, now in these hands; None if it has ended."""
    with transaction.atomic():
        jobs = Job.objects.select_for_update(of=("self",)).select_related("by")
        job = jobs.filter(pk=pk).first()
        if job is None or not job.is_unfinished:
            return None
        job.attempt += 1
        job.started_at = job.started_at or timezone.now()
        job.save(update_fields=["attempt", "started_at"])
    return job
