"""The one path of an action, from click to row: show the form, refuse, or respond.

Clientes, Seguimiento and the portal pass what differs (form, verb, template); the rest
is here (CONTRIBUTING.md, "One row action"). No rules here.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import ResellerRequest
from clients import rules
from clients.actions import Action
from clients.forms import VerbForm
from clients.models import Client
from clients.views import swap_targets
from clients.views.scope import client_of, today_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused

T = TypeVar("T")
Show = Callable[[int, Refused | None], HttpResponse]


def submit(
    request: ResellerRequest,
    form: VerbForm,
    *,
    do: Callable[[dict[str, Any]], T],
    done: Callable[[T], HttpResponse],
    show: Show,
) -> HttpResponse:
    """GET shows the form; POST runs `do`, then `done`. An invalid form (422) or a
    refused one (409) is shown again: `show` takes the HTTP status and the refusal.
    A form that only helped to fill itself in is shown too, and nothing is done."""
    if request.method != "POST" or form.has_helped:
        return show(200, None)
    if not form.is_valid():
        return show(422, None)
    try:
        outcome = do(form.cleaned_data)
    except Refused as refused:
        return show(409, refused)
    return done(outcome)


def perform(
    request: ResellerRequest,
    action: Action,
    client: Client,
    *,
    form: VerbForm,
    do: Callable[[dict[str, Any]], T],
    done: Callable[[T], HttpResponse],
    template: str,
    preview: str = "clients/_preview.html",
    back: str = "",
    context: Callable[[Client], Mapping[str, Any]] = lambda _: {},
    why_not: Callable[[Client], Refused | None] = lambda _: None,
) -> HttpResponse:
    """`submit` for an action whose form is a dialog.

    `context` returns what else the template needs, if the action is allowed; `why_not`
    a refusal that rules.py does not know. Without JavaScript *Cancelar* leads to where
    it was opened, else to `back` (the client's page). #preview gets only `preview`.
    """
    otherwise = back or client.get_absolute_url()

    def show(status: int, refused: Refused | None) -> HttpResponse:
        # If the client has changed in another tab, the dialog only says why not.
        # Otherwise the refusal is about the form, where it can be corrected.
        fresh = client_of(request, client.public_id) if refused else client
        refusal = rules.why_not(action.verb, fresh, today_of(request)) or why_not(fresh)
        if refused and refusal is None:
            form.add_refusal(refused)
        shown = {
            "action": action,
            "client": fresh,
            "form": form,
            "refusal": refusal,
            "target": swap_targets.selector_for(request, fresh),
            "back": way_back.page_of(request, otherwise=otherwise),
        }
        if refusal is None:
            shown |= context(fresh)
        if web.wants(request, "preview"):
            return render(request, preview, shown)
        status = 409 if refusal else status
        return web.render_dialog(request, template, shown, status=status)

    return submit(request, form, do=do, done=done, show=show)
