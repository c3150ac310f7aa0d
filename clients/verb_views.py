"""What is done in Clientes: one view a verb, from click to row. No rules here.

An action's view gives its form and its verb to `_perform`, which is the one path
(CONTRIBUTING.md, "One row action"): GET shows the dialog with what would change, POST
does it and answers the changed row; wrong or refused, the same dialog says why.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle, mail, places, preview, rules
from clients.actions import ACTIONS, Action
from clients.forms import (
    AddFoliosForm,
    CreateForm,
    EditPlanForm,
    RenewForm,
    SuspendForm,
    VerbForm,
)
from clients.ledger import LedgerError
from clients.lifecycle import Outcome
from clients.models import Client, EventKind
from clients.preview import Change
from clients.rows import Row, rows_of
from clients.views import chips_of, client_of, today_of
from reseller_panel import web


def _perform(
    request: ResellerRequest,
    action: Action,
    client: Client,
    do: Callable[[dict[str, Any]], Outcome],
    *,
    changes: Callable[[dict[str, Any]], list[Change]],
    form: VerbForm | None = None,
) -> HttpResponse:
    """From click to row. GET: the dialog with its preview. POST: the verb, then the
    changed row; invalid or refused: the same dialog, saying why."""
    form = form or VerbForm(_data(request))
    status = 200
    refusal = rules.why_not(action.verb, client, today_of(request))
    if request.method == "POST":
        if form.is_valid():
            try:
                outcome = do(form.cleaned_data)
            except (rules.Refused, LedgerError) as refused:
                # In another tab the client may have changed: then there is no more
                # to ask, only to say. Otherwise it is a field that can be mended.
                client = client_of(request, client.public_id)
                refusal = rules.why_not(action.verb, client, today_of(request))
                if refusal is None:
                    form.add_refusal(refused)
                return _dialog(request, action, client, form, changes, 409, refusal)
            return _changed(request, action, outcome)
        status = 422
    elif refusal:
        status = 409
    return _dialog(request, action, client, form, changes, status, refusal)


def _dialog(
    request: ResellerRequest,
    action: Action,
    client: Client,
    form: VerbForm,
    changes: Callable[[dict[str, Any]], list[Change]],
    status: int,
    refusal: rules.Refused | None = None,
) -> HttpResponse:
    """The action's dialog; for a request to #preview, its preview alone."""
    today = today_of(request)
    context = {
        "action": action,
        "client": client,
        "row": Row(client, today),
        "form": form,
        "refusal": refusal,
        "changes": changes(_typed(form)),
        "target": places.target_of(request, client),
        "back": reverse("clients:detail", args=[client.public_id]),
        "renew_url": ACTIONS["renew"].url(client),
    }
    if web.wants(request, "preview"):
        return render(request, "clients/_preview.html", context)
    return web.render_dialog(
        request, f"clients/dialogs/{action.verb}.html", context, status=status
    )


def _typed(form: VerbForm) -> dict[str, Any]:
    """What is already valid in a form, for the preview of the rest."""
    if form.is_bound:
        form.is_valid()
        return form.cleaned_data
    return {
        name: form.get_initial_for_field(f, name) for name, f in form.fields.items()
    }


def _changed(
    request: ResellerRequest, action: Action, outcome: Outcome
) -> HttpResponse:
    """The one changed row (or what its page has in its place: places.py), the toast
    with its undo, the counts."""
    client = outcome.client
    undo = ACTIONS[action.undo] if action.undo and outcome.changed else None
    toast = web.Toast(
        outcome.message, undo_url=f"{undo.url(client)}?deshacer=1" if undo else ""
    )
    if not web.htmx(request):
        return web.redirect(
            request, reverse("clients:detail", args=[client.public_id]), toast
        )
    if answer := places.wanted_by(request):
        return answer(request, client, toast)
    fresh = client_of(request, client.public_id)
    (row,) = rows_of([fresh], today_of(request))
    context = {"row": row, "filter": chips_of(request)}
    return web.changed(
        request, "clients/_row.html", context, toast, also=("clients/_chips.html",)
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def create(request: ResellerRequest) -> HttpResponse:
    """Agregar cliente: a page, for it asks for much."""
    form = CreateForm(_data(request), reseller=request.reseller)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                outcome = lifecycle.create(
                    request.reseller,
                    details=form.details(),
                    package=form.cleaned_data["package"],
                    reference=form.cleaned_data["reference"],
                    by=request.user,
                )
            except rules.Refused as refusal:
                form.add_refusal(refusal)
                status = 409
            else:
                return _created(request, outcome, form.cleaned_data["send_welcome"])
    package = _typed(form).get("package")
    context = {
        "form": form,
        "changes": preview.create(package, today=today_of(request)) if package else [],
        "package": package,
        "has_packages": request.reseller.packages.on_sale().exists(),
    }
    if web.wants(request, "preview"):
        return render(request, "clients/_preview.html", context)
    return render(request, "clients/create.html", context, status=status)


def _created(
    request: ResellerRequest, outcome: Outcome, send_welcome: bool
) -> HttpResponse:
    """The welcome e-mail may fail; the client is there all the same: say both."""
    client = outcome.client
    level: web.Level = "ok"
    message = outcome.message
    if send_welcome and outcome.changed:
        try:
            mail.send_welcome(client, request)
        except OSError:
            level = "warn"
            message += (
                " El correo de bienvenida no salió; el cliente puede pedir su "
                "contraseña en «¿Ha olvidado su contraseña?»."
            )
        else:
            message += f" Se envió la bienvenida a {client.contact_email}."
    url = reverse("clients:detail", args=[client.public_id])
    return web.redirect(request, url, web.Toast(message, level=level))


@require_http_methods(["GET", "POST"])
@reseller_only
def edit_plan(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    form = EditPlanForm(_data(request), client=client)
    return _perform(
        request,
        ACTIONS["edit_plan"],
        client,
        lambda _: lifecycle.edit_plan(
            client, details=form.details(), services=form.services(), by=request.user
        ),
        changes=lambda _: preview.edit_plan(client),
        form=form,
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def add_folios(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        ACTIONS["add_folios"],
        client,
        lambda data: lifecycle.add_folios(client, by=request.user, **data),
        changes=lambda data: preview.add_folios(
            client,
            quantity=data.get("quantity") or 0,
            activate=data.get("activate") or False,
            today=today_of(request),
        ),
        form=AddFoliosForm(
            _data(request),
            client=client,
            initial=_proposed("quantity", AddFoliosForm(request.GET, client=client)),
        ),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def renew(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        ACTIONS["renew"],
        client,
        lambda data: lifecycle.renew(client, by=request.user, **data),
        changes=lambda data: preview.renew(
            client,
            package=data.get("package"),
            activate=data.get("activate") or False,
            today=today_of(request),
        ),
        form=RenewForm(
            _data(request),
            client=client,
            initial=_proposed("package", RenewForm(request.GET, client=client)),
        ),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def suspend(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Undoing an activation brings the former reason and message back."""
    client = client_of(request, public_id)
    data: Mapping[str, Any] | None = _data(request)
    if request.method == "POST" and "deshacer" in request.GET:
        former = client.events.filter(kind=EventKind.SUSPENDED).order_by("seq").last()
        if former:
            data = {"reason": former.reason, "message": former.message}
    return _perform(
        request,
        ACTIONS["suspend"],
        client,
        lambda data: lifecycle.suspend(client, by=request.user, **data),
        changes=lambda _: preview.suspend(client, today=today_of(request)),
        form=SuspendForm(data),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def activate(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        ACTIONS["activate"],
        client,
        lambda _: lifecycle.activate(client, by=request.user),
        changes=lambda _: preview.activate(client, today=today_of(request)),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def archive(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        ACTIONS["archive"],
        client,
        lambda _: lifecycle.archive(client, by=request.user),
        changes=lambda _: preview.archive(),
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def restore(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    return _perform(
        request,
        ACTIONS["restore"],
        client,
        lambda _: lifecycle.restore(client, by=request.user),
        changes=lambda _: preview.restore(),
    )


def _proposed(name: str, asked: VerbForm) -> dict[str, Any]:
    """What a link proposes to begin with (`?quantity=500`), if the form takes it."""
    asked.is_valid()
    value = asked.cleaned_data.get(name)
    return {name: value} if value else {}


def _data(request: HttpRequest) -> QueryDict | None:
    """What was posted, or what is typed so far when only the preview is asked for."""
    if request.method == "POST":
        return request.POST
    return request.GET if web.wants(request, "preview") else None
