"""A row that somebody else has locked, for tests of what must not wait for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from tests.environment import GENEROUS_SECONDS


@contextmanager
def held(lock: Callable[[], object]) -> Iterator[None]:
    """Another transaction, in a thread of its own, runs `lock` and does not end."""
    has_it, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock()
                has_it.set()
                let_go.wait(GENEROUS_SECONDS)
                transaction.set_rollback(True)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert has_it.wait(GENEROUS_SECONDS)
        yield
    finally:
        let_go.set()
        thread.join()
