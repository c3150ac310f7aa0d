"""Notes and tasks of a client: short forms on the page itself, one view per verb.

The views accept only POST. Errors of a form are shown in its card, on the detail.
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
from clients.models import Client, Task
from clients.views import dialogs, swap_targets
from clients.views.detail import detail_context
from clients.views.scope import client_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused


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
def finish_task(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    task = _task_of(request, public_id)
    undo = reverse("clients:reopen_task", args=[public_id])
    return _do(
        request, task.client, lambda: lifecycle.finish_task(task, by=request.user), undo
    )


@require_POST
@reseller_only
def reopen_task(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    task = _task_of(request, public_id)
    return _do(
        request, task.client, lambda: lifecycle.reopen_task(task, by=request.user)
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
            return _refused(request, client, refused)
        if refused:
            form.add_refusal(refused)
        name = "note_form" if isinstance(form, NoteForm) else "task_form"
        context = {**detail_context(client, request), name: form}
        page = "clients/_detail.html" if web.htmx(request) else "clients/detail.html"
        return render(request, page, context, status=status)

    def done(outcome: Outcome) -> HttpResponse:
        return _changed(request, client, web.Toast(outcome.message))

    return dialogs.submit(request, form, do=do, done=done, show=show)


def _do(
    request: ResellerRequest,
    client: Client,
    do: Callable[[], Outcome],
    undo_url: str = "",
) -> HttpResponse:
    try:
        outcome = do()
    except Refused as refused:
        return _refused(request, client, refused)
    undo = undo_url if outcome.changed else ""
    return _changed(request, client, web.Toast(outcome.message, undo_url=undo))


def _refused(
    request: ResellerRequest, client: Client, refused: Refused
) -> HttpResponse:
    """The client may have changed in another tab: show it as it is, and the reason."""
    response = _changed(request, client, web.Toast(str(refused), level="warn"))
    if web.htmx(request):
        response.status_code = 409
    return response


def _changed(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    if renderer := swap_targets.renderer_for(request):
        return renderer(request, client, toast)
    own = client.get_absolute_url()
    back = way_back.page_of(request, otherwise=own)
    anchor = "#notes" if back.startswith(own) else ""
    return web.redirect(request, f"{back}{anchor}", toast)
