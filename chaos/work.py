"""What chaos/jobs.py starts instead of `manage.py work`: the same worker, with the bug
of bugs.py that `CHAOS_BUG` names, if it is set."""

import asyncio
import os

import django

if __name__ == "__main__":
    django.setup()
    if bug := os.environ.get("CHAOS_BUG"):
        from chaos.bugs import BUGS_OF_WORKERS  # not imported in a run without a bug

        BUGS_OF_WORKERS[bug]()
    from reseller_panel import jobs

    asyncio.run(jobs.work())
