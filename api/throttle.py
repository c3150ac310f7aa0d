"""The rate limits of a key, so that it cannot starve the others.

Each key has a token bucket, which refills at a steady rate, and a cap on concurrent
calls. Both are counted in each process: a shared counter would cost every stamp a
second write, and what they protect (threads, connections, memory) belongs to the
process. With N processes a key may have N times as much; docs/api.md says so.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from django.conf import settings

from reseller_panel.problems import Problem

# Keys in memory. The least recently used are dropped, which only refills their bucket.
_REMEMBERED = 10_000


@dataclass
class _Use:
    """The state of a key: calls left in its bucket at `counted_at`, and open calls."""

    calls: float
    counted_at: float
    in_flight: int = 0


_uses: OrderedDict[bytes, _Use] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def slot(digest: bytes) -> Iterator[None]:
    """Count one call of the key with this digest while the block runs.

    Raises Problem: 429 when its bucket is empty, 503 when too many of its calls are
    still open. A refused call takes nothing from the bucket.
    """
    enter(digest)
    try:
        yield
    finally:
        leave(digest)


def enter(digest: bytes) -> None:
    rate, most = settings.API_CALLS_PER_SECOND, settings.API_CALLS_IN_FLIGHT
    now = monotonic()
    with _lock:
        use = _uses.get(digest)
        if use is None:
            use = _uses[digest] = _Use(calls=rate, counted_at=now)
            _forget()
        else:
            _uses.move_to_end(digest)
        if most and use.in_flight >= most:
            raise Problem(
                503,
                "busy",
                f"Esta llave ya tiene {most:,} llamadas en curso. Espere a que "
                "terminen y repita la llamada con la misma referencia.",
            )
        if rate:
            earned = (now - use.counted_at) * rate
            use.calls, use.counted_at = min(rate, use.calls + earned), now
            if use.calls < 1:
                raise _too_often(rate, missing=1 - use.calls)
            use.calls -= 1
        use.in_flight += 1


def leave(digest: bytes) -> None:
    with _lock:
        _uses[digest].in_flight -= 1


def _forget() -> None:
    for digest in list(_uses)[: max(0, len(_uses) - _REMEMBERED)]:
        if not _uses[digest].in_flight:
            del _uses[digest]


def _too_often(rate: int, *, missing: float) -> Problem:
    problem = Problem(
        429,
        "rate_limited",
        f"Esta llave puede hacer {rate:,} llamadas por segundo. Espere y repita.",
    )
    problem.headers["Retry-After"] = str(max(1, math.ceil(missing / rate)))
    return problem
