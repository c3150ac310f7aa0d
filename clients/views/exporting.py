"""Exportar: the list that is open, or the movements of all clients between two days.

A few rows are the response; more are a job, whose page opens. What a file has is
clients/exporting.
"""

from datetime import timedelta

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ResellerRequest, reseller_only
from clients import exporting
from clients.exporting.asking import Made
from clients.view_forms import EntriesForm
from clients.views.scope import today_of
from clients.views.table import arrangement_of, list_of
from jobs.models import Job
from reseller_panel import web
from reseller_panel.spreadsheets import AT_ONCE, Format


@require_POST
@reseller_only
def export(request: ResellerRequest) -> HttpResponseBase:
    """What the list with these parameters shows, on all its pages."""
    table, how = list_of(request, request.GET), arrangement_of(request, request.GET)
    table.count()
    form = Format.of(request.POST.get("formato"))
    made = exporting.everybody(table, columns=how.columns, form=form, by=request.user)
    return answer(request, made)


@require_http_methods(["GET", "POST"])
@reseller_only
def entries(request: ResellerRequest) -> HttpResponseBase:
    """Asks for the two days, those of last month at first."""
    today = today_of(request)
    last = today.replace(day=1) - timedelta(days=1)
    days = {"since": last.replace(day=1), "until": last}
    posted = request.POST if request.method == "POST" else None
    form = EntriesForm(posted, initial=days, today=today)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"form": form, "most": AT_ONCE}
        return web.render_page(request, "clients/entries.html", context, status=status)
    given = form.cleaned_data
    kind = Format.of(request.POST.get("formato"))
    made = exporting.entries(given["since"], given["until"], form=kind, by=request.user)
    return answer(request, made)


def answer(request: ResellerRequest, made: Made) -> HttpResponseBase:
    """The file itself, or the page of the job that makes it."""
    if not isinstance(made, Job):
        return made
    say = "El archivo se está preparando; aquí estará para descargarlo, durante 7 días."
    return web.redirect(request, made.get_absolute_url(), web.Toast(say, level="info"))
