"""A worker that knows one more kind of job: «slow», of ten items, each a tenth of a
second. A program: `python -m tests.counting`."""

import asyncio
import os
from time import sleep

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_panel.settings")

if __name__ == "__main__":
    assert settings.DEBUG
    django.setup()

from jobs import files, running  # noqa: E402
from reseller_panel import jobs  # noqa: E402


@running.handles("slow")
def slow(work: running.Work) -> None:
    file = work.job.files.get()
    while work.job.done < (work.job.total or 0):
        with work.step(1):
            files.append(file, f"{work.job.done} ".encode())
            sleep(0.1)


if __name__ == "__main__":
    asyncio.run(jobs.work())
