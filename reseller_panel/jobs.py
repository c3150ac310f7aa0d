"""The queue of jobs: the one place that knows procrastinate.

Law: quality.md, "What people do at the same time, and what runs by itself". A job is
enqueued in the transaction that wants it. One whose worker was killed is given to
another, so it may run twice; that it acts once is jobs/running.py. A leaf: it knows no
app.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import psycopg
from django.apps import apps
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

log = logging.getLogger(__name__)

# Seconds between two signs of life of a worker, and without one until its jobs are
# given to others.
HEARTBEAT = 5.0
STALLED = 20.0
# Seconds between two looks for such jobs. With STALLED it is less than a minute.
LOOK_EVERY = 10.0
# Seconds until a job is tried again, or a worker that lost the database begins anew.
PAUSE = 2
# Seconds that a job may go on after the worker was told to stop.
GRACE = 0.5


class HandedBack(Exception):
    """What a job raises that was interrupted: it goes on with the next worker."""


LOST = (OperationalError, InterfaceError)
_RETRY = RetryStrategy(wait=PAUSE, retry_exceptions=(HandedBack, *LOST))

Interrupted = Callable[[], bool]


class Enqueue(Protocol):
    def __call__(self, job: int, *, in_seconds: int = 0) -> None: ...


def task(run: Callable[[int, Interrupted], None]) -> Enqueue:
    """Decorator for what a worker does with a job: `run(id, interrupted)`.

    `interrupted` says that the worker is to stop; then it raises HandedBack. What is
    returned enqueues a job, in the transaction that is open.
    """
    name = f"{run.__module__}.{run.__name__}"

    @app.task(name=name, pass_context=True, retry=_RETRY)
    def work(context: JobContext, job: int) -> None:
        try:
            run(job, context.should_abort)
        except LOST:
            _lost_the_database.set()
            raise

    def enqueue(job: int, *, in_seconds: int = 0) -> None:
        # With this lock no two workers have the same job.
        lock = f"{name} {job}"
        if in_seconds:
            later = work.configure(lock=lock, schedule_in={"seconds": in_seconds})
        else:
            later = work.configure(lock=lock)
        later.defer(job=job)

    return enqueue


def workers() -> int:
    """How many workers gave a sign of life lately."""
    since = timezone.now() - timedelta(seconds=STALLED)
    # By its name: this module is imported before there are models.
    alive = apps.get_model("procrastinate", "ProcrastinateWorker")
    return int(alive.objects.filter(last_heartbeat__gte=since).count())


# ── The worker ────────────────────────────────────────────────────────────────────

# Set by the thread of a job. The end of that job may not have been written down, and as
# long as its worker lives nobody else would take it: so the worker begins anew, under
# another number.
_lost_the_database = threading.Event()


async def work(*, until_done: bool = False) -> None:
    """Work until SIGTERM or SIGINT; with `until_done`, until no job waits."""
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    while not stopping.is_set():
        _lost_the_database.clear()
        try:
            await _work_once(stopping, wait=not until_done)
        except (ConnectorException, psycopg.Error, OSError) as error:
            log.warning("The worker lost the database: %s", error)
            await asyncio.sleep(PAUSE)
        else:
            if until_done:
                return


async def _work_once(stopping: asyncio.Event, *, wait: bool) -> None:
    """One worker with connections of its own, until it ends or loses the database."""
    params = connections["default"].get_connection_params()
    kwargs = {k: v for k, v in params.items() if k not in ("context", "cursor_factory")}
    worker = DjangoApp(connector=PsycopgConnector(kwargs=kwargs, min_size=1))
    worker.tasks = app.tasks
    async with worker.open_async():
        running = asyncio.create_task(
            worker.run_worker_async(
                wait=wait,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                shutdown_graceful_timeout=GRACE,
                fetch_job_polling_interval=PAUSE,
                delete_jobs="always",  # jobs.models.Job remembers them
            )
        )
        looking = asyncio.create_task(_look(worker, running, stopping))
        try:
            await asyncio.wait((running, looking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            looking.cancel()
            running.cancel()
            await asyncio.gather(running, looking, return_exceptions=True)
        for one in (running, looking):
            if not one.cancelled() and (error := one.exception()):
                raise error


async def _look(
    worker: DjangoApp, running: "asyncio.Task[None]", stopping: asyncio.Event
) -> None:
    """Give away the jobs of workers that died; end when this one is to end."""
    next_look = 0.0
    clock = asyncio.get_running_loop().time
    while not (stopping.is_set() or _lost_the_database.is_set() or running.done()):
        if clock() >= next_look:
            manager = worker.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                await manager.retry_job(job)
            next_look = clock() + LOOK_EVERY
        await asyncio.sleep(0.2)
