"""Group commit: stamps that arrive together are written in one transaction.

While one batch commits, requests queue for the next; there is no timer. Each request
gets its response after the commit of its batch. Requests do not spoil or delay each
other: a batch that fails is retried client by client and then one by one, and contended
clients wait in a queue of their own, for less than half a second. batch.py defines a
batch and writes it.

Each process has one GroupCommit: two or more threads, each with its own connection.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import LockNotAvailable

from api.stamping import batch
from api.stamping.batch import SKIP_CONTENDED, StampRequest
from clients.ledger import LockPolicy
from reseller_panel import problems

log = logging.getLogger(__name__)

Respond = Callable[[Sequence[StampRequest]], None]

# Larger batches gain nothing: 64 stamps already share the cost of one commit.
BATCH_MAX = 256
# How long the contended worker waits for the lock of one client before it tries the
# other ones.
STEP_MS = 80
# Seconds. After a client had to wait for a lock other than its account's, its requests
# go straight to the contended worker for this long.
SLOW_FOR = 1.0
# Seconds without a response from the database, after which its connection is shut down.
SILENCE_MAX = 3.0


class Worker:
    """A thread that serves a queue, with its own connection to the database."""

    def __init__(self, name: str, serve: Callable[[list[StampRequest]], None]) -> None:
        self._name, self._serve = name, serve
        self._queue: SimpleQueue[StampRequest | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        # The connection of the thread, for cut_if_silent.
        self._connection: BaseDatabaseWrapper | None = None
        self._busy_since = 0.0

    def put(self, request: StampRequest) -> None:
        self._queue.put(request)
        # The thread starts with the first request, and again if a bug has ended it.
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def __len__(self) -> int:
        return self._queue.qsize()

    def waiting(self) -> list[StampRequest]:
        """The requests in the queue, BATCH_MAX at most; does not wait for more."""
        found: list[StampRequest] = []
        while len(found) < BATCH_MAX:
            try:
                request = self._queue.get_nowait()
            except Empty:
                break
            if request is None:  # from close(): nothing follows it
                self._queue.put(None)
                break
            found.append(request)
        return found

    def close(self) -> None:
        """Serve what is in the queue, then end the thread and its connection."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self._thread = None

    def cut_if_silent(self) -> None:
        """Called by other threads: shut down the connection to a silent database."""
        wrapper, since = self._connection, self._busy_since
        if not since or monotonic() - since < SILENCE_MAX or wrapper is None:
            return
        raw = wrapper.connection
        if raw is None or raw.closed:
            return
        log.warning("The database has not answered for %.1f s.", monotonic() - since)
        with socket.socket(fileno=os.dup(raw.fileno())) as line:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.info("The connection had ended by itself.")

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name=self._name, daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        self._connection = connections["default"]
        try:
            while (first := self._queue.get()) is not None:
                self._busy_since = monotonic()
                self._serve([first, *self.waiting()])
                self._busy_since = 0.0
        finally:
            self._busy_since = 0.0
            connections.close_all()


class GroupCommit:
    """The writing threads call `respond` with the requests that have their response.

    With two `workers`, one computes while the other waits for the database. The same
    worker always serves a client, so that workers do not wait for each other's locks.
    """

    def __init__(self, respond: Respond, *, workers: int = 1) -> None:
        self._respond = respond
        self._workers = [Worker(f"stamps-{n}", self._serve_new) for n in range(workers)]
        self._contended = Worker("stamps-contended", self._serve_contended)
        self._contended_now = 0
        # Until when requests go straight to the contended worker, by the client's name.
        self._slow_until: dict[str, float] = {}

    def put(self, request: StampRequest) -> bool:
        """Queue a request. Returns False if METERING_QUEUE_MAX wait already."""
        waiting = sum(map(len, self._workers)) + self._contended_now
        if waiting >= settings.METERING_QUEUE_MAX:
            return False
        self._workers[hash(request.client) % len(self._workers)].put(request)
        return True

    def wait_for_contended(self, requests: Iterable[StampRequest]) -> None:
        """Queue these requests for the contended worker."""
        for request in requests:
            self._contended.put(request)

    def cut_if_silent(self) -> None:
        for worker in (*self._workers, self._contended):
            worker.cut_if_silent()

    def close(self) -> None:
        """Serve what is queued, and end the threads. The next request starts them."""
        for worker in (*self._workers, self._contended):
            worker.close()

    def _serve_new(self, requests: list[StampRequest]) -> None:
        with self._all_get_a_response(requests):
            now = monotonic()
            slow = [r for r in requests if self._slow_until.get(r.client, 0.0) > now]
            others = [r for r in requests if r not in slow] if slow else requests
            contended = write(others, SKIP_CONTENDED, self._mark_slow)
            self._send(others)
            self.wait_for_contended([*slow, *contended])

    def _serve_contended(self, waiting: list[StampRequest]) -> None:
        """Try all at once, then wait for the lock of one client after another, until
        each request has its response or is too late."""
        with self._all_get_a_response(waiting):
            while waiting:
                self._contended_now = len(waiting)
                _refuse_late(waiting)
                contended = write([r for r in waiting if not r.status], SKIP_CONTENDED)
                if contended:
                    first = [r for r in contended if r.client == contended[0].client]
                    write(first, LockPolicy(timeout_ms=STEP_MS))
                    contended = [r for r in contended if r not in first] + first
                self._send(waiting)
                waiting[:] = [r for r in contended if not r.status]
                waiting += self._contended.waiting()
            self._contended_now = 0

    def _mark_slow(self, requests: Sequence[StampRequest]) -> None:
        now = monotonic()
        still = {name: end for name, end in self._slow_until.items() if end > now}
        self._slow_until = still | {r.client: now + SLOW_FOR for r in requests}

    def _send(self, requests: Iterable[StampRequest]) -> None:
        done = [request for request in requests if request.status]
        self._respond(done)
        batch.after_response(done)

    @contextmanager
    def _all_get_a_response(self, requests: list[StampRequest]) -> Iterator[None]:
        """If a bug of ours ends the thread, give the requests left a 503 first."""
        try:
            yield
        except BaseException:
            left = [request for request in requests if not request.status]
            _refuse_busy(left)
            self._respond(left)
            raise


def write(
    requests: Sequence[StampRequest],
    policy: LockPolicy,
    mark_slow: Callable[[Sequence[StampRequest]], None] | None = None,
) -> list[StampRequest]:
    """Write these requests on this thread's connection. All get their response, except
    those that are returned: their clients are contended.

    A batch that fails is retried client by client, then one by one. After a lost
    connection it is retried once; the references make that idempotent. `mark_slow`
    takes the requests of a client that waited for a lock other than its account's.
    """
    contended: list[StampRequest] = []
    todo, retried = [list(requests)], False
    while todo:
        group = todo.pop()
        was_open, used = connection.connection is not None, None
        try:
            connection.ensure_connection()
            used = connection.connection
            contended += batch.write(group, policy)
        except Error as error:
            if _is_lost(used):
                todo.append(group)
                if retried or not was_open:
                    log.warning("The database cannot be reached: %s", error)
                    _refuse_busy(request for rest in todo for request in rest)
                    return contended
                retried = True
            elif _is_timeout(error) and len({r.client for r in group}) == 1:
                contended += group
                if mark_slow:
                    mark_slow(group)
            elif parts := _split(group):
                todo += parts
            else:
                log.error("A stamp could not be written: %s", error)
                _refuse_busy(group)
    return contended


def _is_timeout(error: Error) -> bool:
    return isinstance(error.__cause__, LockNotAvailable)


def _split(group: list[StampRequest]) -> list[list[StampRequest]]:
    """The parts in which a failed group is retried: by client, then one by one."""
    by_client: dict[str, list[StampRequest]] = {}
    for request in group:
        by_client.setdefault(request.client, []).append(request)
    if len(by_client) > 1:
        return list(by_client.values())
    return [[request] for request in group] if len(group) > 1 else []


def _is_lost(used: Any) -> bool:
    """Whether the connection that was used is lost. If so, Django's wrapper is closed,
    unless Django has already opened another one when it left the transaction."""
    raw = connection.connection
    if raw is None or raw.closed:
        connection.close()
        return True
    return raw is not used


def _refuse_late(requests: Iterable[StampRequest]) -> None:
    now = monotonic()
    _refuse_busy(request for request in requests if request.is_late(now))


def _refuse_busy(requests: Iterable[StampRequest]) -> None:
    for request in requests:
        if not request.status:
            request.refuse(problems.busy())
