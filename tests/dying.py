"""A worker that is killed with -9 in the middle of an import. A program:
`python -m tests.dying JOB MOMENT SEED`, where MOMENT is a column of Import.

As soon as that column says that something is committed, the process dies within the
next steps: at a random time, so in a transaction or between two.
"""

import os
import signal
import sys
import threading
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_panel.settings")

if __name__ == "__main__":
    django.setup()

from django.db.models import Q  # noqa: E402

from clients.importing import reporting, staging, working  # noqa: E402
from clients.models import Import  # noqa: E402
from jobs import running  # noqa: E402


def main(job: int, moment: str, seed: int) -> None:
    working.CREATED, reporting.REPORTED, staging.PORTION = 100, 100, 300
    random = Random(seed)

    def interrupted() -> bool:
        batch = Import.objects.get(Q(job=job) | Q(check_job=job))
        if getattr(batch, moment):
            delay = random.random() / 20
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return False

    running.run(job, interrupted)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
