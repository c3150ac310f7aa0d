"""Real workers, in processes of their own, on the database of the test."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

# Seconds. Where a worker was killed it takes half a minute, and more on a busy
# machine.
PATIENCE = 240.0


def database_url() -> str:
    """Of the database that the test is in, for another process."""
    own = connection.settings_dict
    login = quote(own["USER"]) + (
        f":{quote(own['PASSWORD'])}" if own["PASSWORD"] else ""
    )
    place = f"host={quote(own['HOST'], safe='')}&port={own['PORT']}"
    return f"postgresql://{login}@/{own['NAME']}?{place}"


@contextmanager
def worker(*command: str) -> Iterator[Any]:
    """`manage.py work`, or another program of Python; killed at the end if it lives."""
    process = subprocess.Popen(
        [sys.executable, *(command or ("manage.py", "work"))],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url(), "DEBUG": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(met: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What `met` returns as soon as it is something."""
    give_up_at = monotonic() + patience
    while not (found := met()):
        assert monotonic() < give_up_at, "it did not happen"
        sleep(0.05)
    return found


def kill(process: Any) -> None:
    """kill -9, as the kernel or the power does."""
    process.send_signal(signal.SIGKILL)
    process.wait()
