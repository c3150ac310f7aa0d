"""Whether this process is alive (/healthz), and can serve requests (/readyz).

For the operator's probes: no log-in, no session, no data.
"""

from django.contrib.auth.decorators import login_not_required
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reseller_panel import jobs

# The checks (django.core.checks) whose errors keep a server from serving.
SERVING = "serving"
PLAIN = "text/plain; charset=utf-8"


def refuse_to_serve() -> None:
    """Called where a server starts. Raises ImproperlyConfigured if it must not."""
    if why := _why_not_to_serve():
        raise ImproperlyConfigured(why)


def _why_not_to_serve() -> str:
    found = checks.run_checks(tags=[SERVING], databases=["default"])
    return " ".join(str(message) for message in found if message.is_serious())


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process responds; checks nothing else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the database responds and has every migration; else 503, saying why. How
    many workers live is said only: without one the pages work, and jobs wait."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        workers = 0 if missing else jobs.workers()
    except DatabaseError:
        return _not_ready("database unreachable")
    if missing:
        return _not_ready(f"{len(missing)} migrations missing")
    if _why_not_to_serve():
        return _not_ready("unsafe: see the log of the server, or manage.py check")
    return HttpResponse(f"ok\nworkers: {workers}\n", content_type=PLAIN)


def _not_ready(why: str) -> HttpResponse:
    return HttpResponse(f"{why}\n", status=503, content_type=PLAIN)
