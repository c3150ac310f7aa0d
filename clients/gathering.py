"""Group commit: calls that come together are written together.

While one batch commits the next gathers; there is no timer. Each call is answered
after the commit of its batch, and one call never spoils or delays another: a batch
that fails is written again client by client and then call by call, and a client whose
account somebody holds waits in a lane of its own, for less than half a second.
What a batch is and what it answers is said in calls.py.

One Gatherer serves a process: two threads or more, each with its own connection.
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

from clients import calls as batches
from clients.calls import QUICK, Call
from clients.ledger import Patience
from reseller_panel import problems

log = logging.getLogger(__name__)

Deliver = Callable[[Sequence[Call]], None]

# More bring nothing: a batch of 64 already pays the commit 64 times over.
BATCH_MAX = 256
# How long the lane of held clients waits for one of them before it looks at the rest.
STEP_MS = 80
# Seconds. A client that something else than its account kept waiting goes to the lane
# of the held ones at once, until it has been quiet for so long.
SUSPECT_FOR = 1.0
# Seconds without an answer from the database, after which its connection is cut.
SILENCE_MAX = 3.0


class Lane:
    """A thread that serves a queue, with its own connection to the database."""

    def __init__(self, name: str, serve: Callable[[list[Call]], None]) -> None:
        self._name, self._serve = name, serve
        self._queue: SimpleQueue[Call | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        # Of the thread, for whoever has to cut it.
        self._connection: BaseDatabaseWrapper | None = None
        self._busy_since = 0.0

    def put(self, call: Call) -> None:
        self._queue.put(call)
        # It starts with the first call, and again should a bug of ours have ended it.
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def __len__(self) -> int:
        return self._queue.qsize()

    def waiting(self) -> list[Call]:
        """Whatever has gathered; it does not wait for more."""
        found: list[Call] = []
        while len(found) < BATCH_MAX:
            try:
                call = self._queue.get_nowait()
            except Empty:
                break
            if call is None:  # close() asks; after what came before it
                self._queue.put(None)
                break
            found.append(call)
        return found

    def close(self) -> None:
        """Serve what has gathered, then end the thread and its connection."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self._thread = None

    def cut_if_silent(self) -> None:
        """Another thread's help: end a wait for a database that says nothing."""
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


class Gatherer:
    """`deliver` hands answered calls over; it is called by the writing threads.

    With two `lanes` one computes while the other waits for the database. A client is
    always served by the same one, so that they do not wait for each other's rows.
    """

    def __init__(self, deliver: Deliver, *, lanes: int = 1) -> None:
        self._deliver = deliver
        self._quick = [Lane(f"stamps-{n}", self._serve_quick) for n in range(lanes)]
        self._held = Lane("stamps-held", self._serve_held)
        self._held_now = 0
        # Until when a client goes to the held ones at once, by the name it is called.
        self._suspects: dict[str, float] = {}

    def put(self, call: Call) -> bool:
        """Take a call, or say no: too many are waiting already."""
        waiting = sum(map(len, self._quick)) + self._held_now
        if waiting >= settings.METERING_QUEUE_MAX:
            return False
        self._quick[hash(call.client) % len(self._quick)].put(call)
        return True

    def wait_for_held(self, calls: Iterable[Call]) -> None:
        """Take calls that have been tried, and whose accounts are held."""
        for call in calls:
            self._held.put(call)

    def cut_if_silent(self) -> None:
        for lane in (*self._quick, self._held):
            lane.cut_if_silent()

    def close(self) -> None:
        """Answer what has gathered and end the threads; the next call starts anew."""
        for lane in (*self._quick, self._held):
            lane.close()

    def _serve_quick(self, calls: list[Call]) -> None:
        with self._nobody_forgotten(calls):
            now = monotonic()
            suspect = [c for c in calls if self._suspects.get(c.client, 0.0) > now]
            quick = [c for c in calls if c not in suspect] if suspect else calls
            held = attempt(quick, QUICK, self._suspect)
            self._answer(quick)
            self.wait_for_held([*suspect, *held])

    def _serve_held(self, waiting: list[Call]) -> None:
        """Try all at once, then stand in the queue of one client, then of the next,
        until each call is answered or too late."""
        with self._nobody_forgotten(waiting):
            while waiting:
                self._held_now = len(waiting)
                _give_up_late(waiting)
                held = attempt([c for c in waiting if not c.status], QUICK)
                if held:
                    first = [call for call in held if call.client == held[0].client]
                    attempt(first, Patience(STEP_MS))
                    held = [call for call in held if call not in first] + first
                self._answer(waiting)
                waiting[:] = [call for call in held if not call.status]
                waiting += self._held.waiting()
            self._held_now = 0

    def _suspect(self, calls: Sequence[Call]) -> None:
        now = monotonic()
        still = {name: end for name, end in self._suspects.items() if end > now}
        self._suspects = still | {call.client: now + SUSPECT_FOR for call in calls}

    def _answer(self, calls: Iterable[Call]) -> None:
        answered = [call for call in calls if call.status]
        self._deliver(answered)
        batches.afterwards(answered)

    @contextmanager
    def _nobody_forgotten(self, calls: list[Call]) -> Iterator[None]:
        """Should a bug of ours end the thread, its callers are told so first."""
        try:
            yield
        except BaseException:
            forgotten = [call for call in calls if not call.status]
            _refuse(forgotten)
            self._deliver(forgotten)
            raise


def attempt(
    calls: Sequence[Call],
    patience: Patience,
    suspect: Callable[[Sequence[Call]], None] | None = None,
) -> list[Call]:
    """Write these calls on this thread's connection. All are answered but those that
    are returned, whose clients are held by somebody else.

    A batch that fails is written client by client, then call by call. One whose
    connection was lost is written again, once: the references keep it from being done
    twice. `suspect` is told of clients that were not held by their account.
    """
    held: list[Call] = []
    todo, retried = [list(calls)], False
    while todo:
        group = todo.pop()
        was_open, used = connection.connection is not None, None
        try:
            connection.ensure_connection()
            used = connection.connection
            held += batches.write(group, patience)
        except Error as error:
            if _is_lost(used):
                todo.append(group)
                if retried or not was_open:
                    log.warning("The database cannot be reached: %s", error)
                    _refuse(call for rest in todo for call in rest)
                    return held
                retried = True
            elif _is_timeout(error) and len({call.client for call in group}) == 1:
                held += group
                if suspect:
                    suspect(group)
            elif parts := _smaller(group):
                todo += parts
            else:
                log.error("A stamp could not be written: %s", error)
                _refuse(group)
    return held


def _is_timeout(error: Error) -> bool:
    return isinstance(error.__cause__, LockNotAvailable)


def _smaller(group: list[Call]) -> list[list[Call]]:
    """The parts of a group that failed: client by client, then call by call."""
    clients: dict[str, list[Call]] = {}
    for call in group:
        clients.setdefault(call.client, []).append(call)
    if len(clients) > 1:
        return list(clients.values())
    return [[call] for call in group] if len(group) > 1 else []


def _is_lost(used: Any) -> bool:
    """Whether the connection that was used has ended; then it is tidied away, unless
    Django has made another already when it left the transaction."""
    raw = connection.connection
    if raw is None or raw.closed:
        connection.close()
        return True
    return raw is not used


def _give_up_late(calls: Iterable[Call]) -> None:
    now = monotonic()
    _refuse(call for call in calls if call.is_late(now))


def _refuse(calls: Iterable[Call]) -> None:
    for call in calls:
        if not call.status:
            call.refuse(problems.busy())
