"""Notes, tasks and RFCs of a client: short forms on its page, one view per verb.

The views accept only POST. Errors of a form are shown in its card, on its tab.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle
from clients.forms import NoteForm, TaskForm, VerbForm
from clients.lifecycle import Outcome
from clients.models import AdditionalRfc, Client, Task
from clients.rfc_forms import AdditionalRfcForm, EndRfcForm
from clients.views import dialogs, swap_targets, tabs
from clients.views.scope import client_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused

# What the page calls each form.
_NAMES: dict[type[VerbForm], str] = {
    NoteForm: "note_form",
    TaskForm: "task_form",
    AdditionalRfcForm: "rfc_form",
}


@require_POST
@reseller_only
def add_note(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _add(
        request,
        client,
        NoteForm(request.POST),
        lambda data: lifecycle.add_note(client, by=request.user, **data),
    )


@require_POST
@reseller_only
def add_task(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _add(
        request,
        client,
        TaskForm(request.POST),
        lambda data: lifecycle.add_task(client, by=request.user, **data),
    )


@require_POST
@reseller_only
def add_rfc(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _add(
        request,
        client,
        AdditionalRfcForm(request.POST),
        lambda data: lifecycle.add_rfc(client, by=request.user, **data),
    )


@require_POST
@reseller_only
def end_rfc(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    mine = Client.objects.visible_to(request.user)
    additional = get_object_or_404(
        AdditionalRfc.objects.filter(client__in=mine).select_related("client"),
        public_id=public_id,
    )
    form = EndRfcForm(request.POST)
    if not form.is_valid():
        words = " ".join(map(str, form.errors["last_day"]))
        return _refused(request, additional.client, Refused(words), at="rfcs")
    last_day = form.cleaned_data["last_day"]
    return _do(
        request,
        additional.client,
        lambda: lifecycle.end_rfc(additional, last_day=last_day, by=request.user),
        at="rfcs",
    )


@require_POST
@reseller_only
def finish_task(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    task = _task_of(request, public_id)

    def undo_url() -> str:
        url = reverse("clients:reopen_task", args=[public_id])
        return f"{url}?deshacer={_task_of(request, public_id).done_mark}"

    return _do(
        request,
        task.client,
        lambda: lifecycle.finish_task(task, by=request.user),
        undo_url,
    )


@require_POST
@reseller_only
def reopen_task(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    task = _task_of(request, public_id)
    return _do(
        request,
        task.client,
        lambda: lifecycle.reopen_task(
            task, by=request.user, undoing=request.GET.get("deshacer")
        ),
    )


def _task_of(request: ResellerRequest, public_id: UUID) -> Task:
    tasks = Task.objects.visible_to(request.user).select_related("client")
    return get_object_or_404(tasks, public_id=public_id)


def _add(
    request: ResellerRequest,
    client: Client,
    form: VerbForm,
    do: Callable[[dict[str, Any]], Outcome],
) -> HttpResponse:
    """An error of a field is shown beside it, any other refusal in the toast."""

    def show(status: int, refused: Refused | None) -> HttpResponse:
        if refused and refused.field not in form.fields:
            return _refused(request, client, refused, at=at)
        if refused:
            form.add_refusal(refused)
        tab = tabs.SUMMARY if at == "rfcs" else tabs.NOTES
        context = tabs.context_of(client, request, tab) | {_NAMES[type(form)]: form}
        page = "clients/_detail.html" if web.htmx(request) else "clients/detail.html"
        return render(request, page, context, status=status)

    def done(outcome: Outcome) -> HttpResponse:
        return _changed(request, client, web.Toast(outcome.message), at=at)

    at = "rfcs" if isinstance(form, AdditionalRfcForm) else "notes"
    return dialogs.submit(request, form, do=do, done=done, show=show)


def _do(
    request: ResellerRequest,
    client: Client,
    do: Callable[[], Outcome],
    undo_url: Callable[[], str] = str,
    at: str = "notes",
) -> HttpResponse:
    try:
        outcome = do()
    except Refused as refused:
        return _refused(request, client, refused, at=at)
    undo = undo_url() if outcome.changed else ""
    return _changed(request, client, web.Toast(outcome.message, undo_url=undo), at=at)


def _refused(
    request: ResellerRequest, client: Client, refused: Refused, *, at: str
) -> HttpResponse:
    """The client may have changed in another tab: show it as it is, and the reason."""
    response = _changed(request, client, web.Toast(str(refused), level="warn"), at=at)
    if web.htmx(request):
        response.status_code = 409
    return response


def _changed(
    request: ResellerRequest, client: Client, toast: web.Toast, *, at: str
) -> HttpResponse:
    if renderer := swap_targets.renderer_for(request):
        return renderer(request, client, toast)
    tab = reverse(
        "clients:detail" if at == "rfcs" else f"clients:{at}", args=[client.public_id]
    )
    back = way_back.page_of(request, otherwise=tab)
    anchor = f"#{at}" if back.partition("?")[0] == tab else ""
    return web.redirect(request, f"{back}{anchor}", toast)
