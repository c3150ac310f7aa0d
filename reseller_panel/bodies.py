"""Bodies that arrive slowly: they must not occupy every thread of a process.

A WSGI application cannot give up a read. So the number of threads that may read at the
same time is limited, with separate limits for the API, which reads no body before it
knows the key, and for pages. docs/deployment.md requires a proxy that buffers bodies
and times out; this is what is left if strangers get past it.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

# Seconds. A body that has arrived is read in far less, and a thread is free again.
WAIT_MAX = 0.1


class TooManyReaders(Exception):
    """Every thread that may read a body is waiting for one."""


class LimitBodies:
    """WSGI middleware. `most` threads may read bodies of the API at the same time, and
    as many may read those of pages."""

    def __init__(self, application: Application, *, most: int) -> None:
        self._application = application
        self._api = threading.BoundedSemaphore(most)
        self._pages = threading.BoundedSemaphore(most)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        is_call = environ.get("PATH_INFO", "").startswith("/api/")
        slots = self._api if is_call else self._pages
        environ["wsgi.input"] = _Body(environ["wsgi.input"], slots)
        return self._application(environ, start_response)


class _Body:
    """What Django reads of `wsgi.input`, in one of the slots."""

    def __init__(self, body: Any, slots: threading.BoundedSemaphore) -> None:
        self._body, self._slots = body, slots

    def read(self, *size: int) -> bytes:
        return self._in_a_slot(self._body.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._in_a_slot(self._body.readline, *size)

    def _in_a_slot(self, read: Callable[..., bytes], *size: int) -> bytes:
        if not self._slots.acquire(timeout=WAIT_MAX):
            raise TooManyReaders
        try:
            return read(*size)
        finally:
            self._slots.release()
