"""Acting on many clients: choose, preview, run, result. What a run is, is clients/bulk.

One address for a run: until it is begun it shows the preview, afterwards the result,
which asks for itself again until it has ended.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import ResellerRequest, reseller_only
from accounts.models import User
from clients import exporting
from clients.actions import EXPORT, IN_BULK, IN_BULK_ARCHIVED, WRITE
from clients.bulk import choosing, execution
from clients.bulk.forms import form_for
from clients.bulk.preview import Preview
from clients.bulk.verbs import BULK, verb_of
from clients.forms import VerbForm
from clients.lifecycle import PreviewChanged
from clients.models import BulkRow, BulkRun, RowState
from clients.views.exporting import answer
from clients.views.scope import list_query, list_url, today_of
from clients.views.table import arrangement_of, list_of
from jobs.views import waits
from reseller_panel import way_back, web
from reseller_panel.csv_files import csv_response
from reseller_panel.refusals import Refused
from reseller_panel.spreadsheets import Format

way_back.register("clients:bulk_run", "", is_list=False)

PAGE = 50
# Of more than a page nobody sends the boxes one by one.
BOXES_MAX = 200
_STATE_BY_SLUG = {
    "hechos": RowState.DONE,
    "sin-cambio": RowState.SKIPPED,
    "fallas": RowState.FAILED,
}


def run_of(request: ResellerRequest, public_id: UUID) -> BulkRun:
    """A run of this reseller; another reseller's is a 404, as a missing one is."""
    runs = BulkRun.objects.visible_to(request.user).filter(verb__in=BULK)
    runs = runs.select_related("by", "reseller", "package", "job", "undoes")
    return get_object_or_404(runs, public_id=public_id)


@require_POST
@reseller_only
def choose(request: ResellerRequest) -> HttpResponseBase:
    """The clients whose boxes are checked, or all of the list that sent this."""
    return chosen(
        request,
        at="clients:list",
        all_of_them=lambda most: list_of(request, list_query(request)).walk.ids(
            0, most
        ),
        back=list_url(list_query(request)),
    )


def chosen(
    request: ResellerRequest,
    *,
    at: str,
    all_of_them: Callable[[int], list[int]],
    back: str,
) -> HttpResponseBase:
    """What the list of clients `at` does with the boxes that were checked on it.

    `all_of_them` gives the ids of at most so many of the whole list, in its order.
    """
    verb = request.POST.get("verbo", "")
    if verb not in {action.verb for action in (*IN_BULK, *IN_BULK_ARCHIVED)}:
        raise Http404
    try:
        ids = _ids_chosen(request, at, all_of_them)
        if verb == EXPORT.verb:
            return _export(request, ids)
        run = choosing.choose(request.user, verb, ids)
    except Refused as refused:
        return web.redirect(request, back, web.Toast(str(refused), level="warn"))
    url = run.get_absolute_url()
    if verb == WRITE.verb:
        url = reverse(WRITE.url_name, args=[run.public_id])
    return web.redirect(request, way_back.carry(request, url))


def _ids_chosen(
    request: ResellerRequest, at: str, all_of_them: Callable[[int], list[int]]
) -> list[int]:
    """Raises UnknownList: without its filters, all of a list would be everybody."""
    if not request.POST.get("todos"):
        boxes = request.POST.getlist("cliente")[:BOXES_MAX]
        return choosing.chosen_of(request.user, boxes)
    place = way_back.list_of(request)
    if place is None or place.view_name != at:
        raise choosing.UnknownList
    return all_of_them(choosing.MOST + 1)


def _export(request: ResellerRequest, ids: list[int]) -> HttpResponseBase:
    """Those that were chosen, with the columns of the list that is open."""
    if not ids:
        raise choosing.NobodyChosen
    how = arrangement_of(request, list_query(request))
    made = exporting.some(ids, columns=how.columns, form=Format.XLSX, by=request.user)
    return answer(request, made)


@require_http_methods(["GET", "POST"])
@reseller_only
def bulk_run(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    run = run_of(request, public_id)
    if not run.is_preview:
        return _result(request, run)
    shows_part = web.wants(request, "preview")
    if request.method == "GET" and not shows_part:
        choosing.show_anew(run, today_of(request))
    shown = Preview(run, today_of(request))
    form = form_for(shown, web.form_data(request))
    if request.method != "POST":
        return _preview(request, shown, form)
    if not form.is_valid():
        return _preview(request, shown, form, status=422)
    try:
        if form.cleaned_data["version"] != run.version:
            raise PreviewChanged
        _ask(run, form.cleaned_data, by=request.user)
        execution.begin(run)
    except execution.AlreadyBegun:
        pass
    except Refused as refused:
        choosing.show_anew(run, today_of(request))
        shown = Preview(run, today_of(request))
        form.data = dict(form.data.items()) | {"version": str(run.version)}
        form.add_refusal(refused)
        return _preview(request, shown, form, status=409)
    return web.redirect(request, way_back.carry(request, run.get_absolute_url()))


def _ask(run: BulkRun, data: dict[str, Any], *, by: User) -> None:
    """Whoever accepts the preview does it, also if a colleague chose the clients."""
    run.by = by
    run.quantity = data.get("quantity")
    run.package = data.get("package")
    run.activates = data.get("activate") or False
    run.reason = data.get("reason", "")
    run.message = data.get("message", "")


def _preview(
    request: ResellerRequest, shown: Preview, form: VerbForm, *, status: int = 200
) -> HttpResponse:
    typed = form.typed()
    shown.quantity = typed.get("quantity") or 0
    shown.package = typed.get("package")
    shown.activates = typed.get("activate") or False
    context = {
        "run": shown.run,
        "shown": shown,
        "form": form,
        "way_back": way_back.list_of(request),
    }
    return web.render_page(
        request,
        "clients/bulk/preview.html",
        context,
        fragment="clients/bulk/_preview.html",
        status=status,
    )


def _result(request: ResellerRequest, run: BulkRun) -> HttpResponse:
    assert run.job
    state = _STATE_BY_SLUG.get(request.GET.get("ver", ""))
    rows = run.rows.select_related("client").order_by("place")
    if state:
        rows = rows.filter(state=state)
    counts = execution.counts_of(run)
    done, skipped, failed = (
        counts.get(one, 0) for one in (RowState.DONE, RowState.SKIPPED, RowState.FAILED)
    )
    ended = not run.job.is_unfinished
    undone_by = execution.undone_by(run)
    context = {
        "run": run,
        "job": run.job,
        "verb": verb_of(run),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("pagina")),
        "chips": [
            ("Todos", run.job.total, "", state is None),
            ("Hechos", done, "hechos", state is RowState.DONE),
            ("Sin cambio", skipped, "sin-cambio", state is RowState.SKIPPED),
            ("Con falla", failed, "fallas", state is RowState.FAILED),
        ],
        "can_undo": ended and done and not run.undoes_id and not undone_by,
        "can_go_on": run.job.can_be_retried and not undone_by,
        "can_try_again": ended and (skipped or failed),
        "undone_by": undone_by,
        "refresh": "" if ended else request.get_full_path(),
        "waits": waits(run.job),
        "way_back": way_back.list_of(request),
    }
    return web.render_page(
        request,
        "clients/bulk/result.html",
        context,
        fragment="clients/bulk/_result.html",
    )


@require_POST
@reseller_only
def undo(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Take back what the run did, of whoever nothing else has happened to since."""
    run = run_of(request, public_id)
    if run.is_preview or run.undoes_id:
        raise Http404
    return _new_run(request, run, execution.undo)


@require_POST
@reseller_only
def again(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """A new preview of those who were skipped or failed; an undo has none."""
    run = run_of(request, public_id)
    return _new_run(
        request, run, execution.undo_again if run.undoes_id else choosing.again
    )


def _new_run(
    request: ResellerRequest, run: BulkRun, made: Callable[[BulkRun, User], BulkRun]
) -> HttpResponse:
    """Show the run that is made of another, or why there is none."""
    try:
        url = made(run, request.user).get_absolute_url()
    except Refused as refused:
        toast = web.Toast(str(refused), level="warn")
        return web.redirect(request, run.get_absolute_url(), toast)
    return web.redirect(request, way_back.carry(request, url))


@require_GET
@reseller_only
def result_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    run = run_of(request, public_id)
    rows = run.rows.select_related("client").order_by("place")

    def lines() -> Iterator[list[object]]:
        for row in rows.iterator(chunk_size=1_000):
            yield _line(row)

    header = ["Razón social", "RFC", "Resultado", "Detalle"]
    day = timezone.localdate(run.created_at)
    return csv_response(f"{run.verb}-{day.isoformat()}", header, lines())


def _line(row: BulkRow) -> list[object]:
    return [
        row.client.legal_name,
        row.client.rfc,
        RowState(row.state).label.capitalize(),
        row.said,
    ]
