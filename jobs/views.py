"""The pages of Trabajos. What a job does, and how, is not known here.

While one of the jobs shown has not ended, the page asks for itself again.
"""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from accounts.access import ResellerRequest, reseller_only
from jobs import files, running
from jobs.models import File, Job, JobQuerySet, LineState
from reseller_panel import jobs as queue
from reseller_panel import way_back, web
from reseller_panel.csv_files import csv_response

way_back.register("jobs:list", "Trabajos")

PAGE, LINES = 25, 50


def _jobs(request: ResellerRequest) -> JobQuerySet:
    shown = File.objects.filter(is_hidden=False)
    return (
        Job.objects.visible_to(request.user)
        .select_related("by")
        .prefetch_related(Prefetch("files", shown))
    )


def job_of(request: ResellerRequest, public_id: UUID) -> Job:
    """A job of this reseller; another reseller's is a 404, as a missing one is."""
    return get_object_or_404(_jobs(request), public_id=public_id)


@require_GET
@reseller_only
def job_list(request: ResellerRequest) -> HttpResponse:
    """The newest first."""
    page = Paginator(_jobs(request), PAGE).get_page(request.GET.get("pagina"))
    jobs = [*page]
    runs = any(job.is_unfinished for job in jobs)
    context = {
        "page": page,
        "jobs": jobs,
        "refresh": request.get_full_path() if runs else "",
        "waits": waits(*jobs),
        "now": timezone.now(),
    }
    return web.render_page(
        request, "jobs/list.html", context, fragment="jobs/_table.html"
    )


@require_GET
@reseller_only
def detail(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    job = job_of(request, public_id)
    context = {
        "job": job,
        "refresh": request.get_full_path() if job.is_unfinished else "",
        "waits": waits(job),
        "now": timezone.now(),
        **_lines(request, job),
    }
    return web.render_page(
        request, "jobs/detail.html", context, fragment="jobs/_job.html"
    )


def _lines(request: ResellerRequest, job: Job) -> dict[str, Any]:
    """A page of its lines, all or those of one result; nothing if it has none."""
    asked = request.GET.get("ver", "")
    state = asked if asked in LineState.values else ""
    numbers = dict(job.lines.order_by().values_list("state").annotate(Count("pk")))
    if not numbers:
        return {}
    lines = job.lines.filter(state=state) if state else job.lines.all()
    return {
        "page": Paginator(lines, LINES).get_page(request.GET.get("pagina")),
        "chips": [
            ("todos", sum(numbers.values()), "", not state),
            *(
                (one.label, numbers.get(one, 0), one.value, one == state)
                for one in LineState
            ),
        ],
    }


@require_GET
@reseller_only
def lines_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    job = job_of(request, public_id)
    rows = (
        [line.name, line.get_state_display().capitalize(), line.said]
        for line in job.lines.iterator(chunk_size=1_000)
    )
    header = ["Archivo", "Resultado", "Detalle"]
    day = timezone.localdate(job.created_at)
    return csv_response(f"trabajo-{day.isoformat()}", header, rows)


def waits(*jobs: Job) -> bool:
    """Whether one of them waits and there is nobody to do it."""
    return any(job.is_unfinished for job in jobs) and not queue.workers()


@require_POST
@reseller_only
def cancel(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    job = job_of(request, public_id)
    if running.cancel(job):
        toast = web.Toast(f"Se canceló «{job}». Lo que ya estaba hecho se queda.")
    else:
        toast = web.Toast(f"«{job}» ya había terminado.", level="info")
    return web.reload(request, toast, otherwise=job.get_absolute_url())


@require_POST
@reseller_only
def retry(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    job = job_of(request, public_id)
    if running.retry(job):
        toast = web.Toast(f"«{job}» sigue donde se quedó.")
    else:
        toast = web.Toast(f"De «{job}» no hay nada que reintentar.", level="info")
    return web.reload(request, toast, otherwise=job.get_absolute_url())


@require_GET
@reseller_only
def download(request: ResellerRequest, public_id: UUID) -> StreamingHttpResponse:
    """Only for who started the job, and for FILE_DAYS days: else there is no file."""
    mine = File.objects.filter(
        job__in=Job.objects.visible_to(request.user).filter(by=request.user),
        is_hidden=False,
        created_at__gt=timezone.now() - files.KEPT,
    )
    file = get_object_or_404(mine, public_id=public_id)
    return StreamingHttpResponse(
        files.read(file),
        content_type=file.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "",
            "Content-Length": str(file.size),
        },
    )
