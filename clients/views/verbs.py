"""The actions of Clientes: one view per verb (of lifecycle, not of HTTP).

Their common path is dialogs.py; what only those of Clientes have in common, the preview
and the undo from a toast, is `_perform` here. No rules.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle, preview
from clients.actions import ACTIONS
from clients.client_forms import EditPlanForm
from clients.explanations import cautions
from clients.forms import AddFoliosForm, RenewForm, SuspendForm, VerbForm
from clients.lifecycle import Outcome
from clients.models import Client, EventKind
from clients.preview import Change
from clients.views import changed, dialogs
from clients.views.scope import client_of, today_of, undone_seq
from reseller_panel import web
from reseller_panel.refusals import Refused


def _perform(
    request: ResellerRequest,
    verb: str,
    client: Client,
    do: Callable[[dict[str, Any]], Outcome],
    *,
    changes: Callable[[Client, dict[str, Any]], list[Change]],
    form: VerbForm | None = None,
    preview_template: str = "clients/_preview.html",
) -> HttpResponse:
    """Call dialogs.perform with a preview; a success responds with the changed row. The
    undo of a toast is done at once, without a dialog."""
    form = form or VerbForm(web.form_data(request))
    if request.method == "POST" and undone_seq(request) and form.is_valid():
        try:
            outcome = do(form.cleaned_data)
        except Refused as refused:
            return changed.after_refused_undo(request, client, refused)
        return changed.after_success(request, verb, outcome)

    def context(client: Client) -> dict[str, Any]:
        choices = lifecycle.choices_of(client) if verb == "renew" else []
        shown = changes(client, form.typed())
        return {
            "basis": lifecycle.basis_of(client, today_of(request), choices),
            "cautions": cautions(verb, client, today_of(request)),
            "changes": shown,
            "lost": sum(change.lost for change in shown),
            "renew_url": ACTIONS["renew"].url(client),
        }

    return dialogs.perform(
        request,
        ACTIONS[verb],
        client,
        form=form,
        do=do,
        done=lambda outcome: changed.after_success(request, verb, outcome),
        template=f"clients/dialogs/{verb}.html",
        preview=preview_template,
        context=context,
    )


@require_POST
@reseller_only
def welcome_again(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """A button of one click on the client's page; a refusal is said in the toast."""
    client = client_of(request, public_id)
    try:
        outcome = lifecycle.welcome_again(client, by=request.user)
        toast = changed.welcomed(request, outcome)
    except Refused as refused:
        toast = web.Toast(str(refused), level="warn")
    return changed.row(request, client, toast)


@require_http_methods(["GET", "POST"])
@reseller_only
def edit_plan(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    form = EditPlanForm(web.form_data(request), client=client)
    form.help_with(request.POST)
    return _perform(
        request,
        "edit_plan",
        client,
        lambda _: lifecycle.edit_plan(
            client,
            changes=vars(form.details()),
            services=form.services(),
            seen=form.what_was_seen(),
            accept_rfc=form.cleaned_data["accept_rfc"],
            login_follows=form.cleaned_data["login_follows"],
            by=request.user,
        ),
        changes=lambda client, _: preview.edit_plan(client),
        form=form,
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def add_folios(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        "add_folios",
        client,
        lambda data: lifecycle.add_folios(
            client, by=request.user, basis=_basis(request), **data
        ),
        changes=lambda client, data: preview.add_folios(
            client,
            quantity=data.get("quantity") or 0,
            activate=data.get("activate") or False,
            today=today_of(request),
        ),
        form=AddFoliosForm.of(
            client,
            web.form_data(request),
            initial=_proposed("quantity", AddFoliosForm.of(client, request.GET)),
        ),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def renew(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        "renew",
        client,
        lambda data: lifecycle.renew(
            client, by=request.user, basis=_basis(request), **data
        ),
        changes=lambda client, data: preview.renew(
            client,
            package=data.get("package"),
            activate=data.get("activate") or False,
            today=today_of(request),
        ),
        preview_template="clients/dialogs/_renew_preview.html",
        form=RenewForm.of(
            client,
            web.form_data(request),
            initial=_proposed("package", RenewForm.of(client, request.GET)),
        ),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def suspend(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Suspender. As the undo of an activation, with the former reason and message."""
    client = client_of(request, public_id)
    data: Mapping[str, Any] | None = web.form_data(request)
    if request.method == "POST" and undone_seq(request):
        former = client.events.filter(kind=EventKind.SUSPENDED).order_by("seq").last()
        if former:
            data = {"reason": former.reason, "message": former.message}
    return _perform(
        request,
        "suspend",
        client,
        lambda data: lifecycle.suspend(
            client,
            by=request.user,
            basis=_basis(request),
            undoing=undone_seq(request),
            **data,
        ),
        changes=lambda client, _: preview.suspend(client, today=today_of(request)),
        form=SuspendForm(data),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def activate(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        "activate",
        client,
        lambda _: lifecycle.activate(client, by=request.user, **_seen(request)),
        changes=lambda client, _: preview.activate(client, today=today_of(request)),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def archive(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        "archive",
        client,
        lambda _: lifecycle.archive(client, by=request.user, **_seen(request)),
        changes=lambda *_: preview.archive(),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def restore(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        "restore",
        client,
        lambda _: lifecycle.restore(client, by=request.user, **_seen(request)),
        changes=lambda client, _: preview.restore(client, today=today_of(request)),
    )


def _seen(request: ResellerRequest) -> dict[str, Any]:
    """What the request stands on: a preview, or the outcome that it takes back."""
    return {"basis": _basis(request), "undoing": undone_seq(request)}


def _basis(request: ResellerRequest) -> str | None:
    """What the preview that was shown was computed from; None where none was."""
    return request.POST.get("basis")


def _proposed(name: str, asked: VerbForm) -> dict[str, Any]:
    """The initial value that a link proposes (`?quantity=500`), if it is valid."""
    asked.is_valid()
    value = asked.cleaned_data.get(name)
    return {name: value} if value else {}
