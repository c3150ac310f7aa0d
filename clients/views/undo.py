"""Folios and renewals taken back; what else can be undone is undone by its inverse
action (verbs.py). One click from a toast: nothing is asked. No rules here.
"""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle
from clients.lifecycle import Outcome
from clients.views import changed
from clients.views.scope import client_of, undone_seq
from reseller_panel import web
from reseller_panel.refusals import Refused


@require_POST
@reseller_only
def undo_addition(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    return _undo(request, public_id, lifecycle.undo_addition)


@require_POST
@reseller_only
def undo_renewal(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    return _undo(request, public_id, lifecycle.undo_renewal)


def _undo(
    request: ResellerRequest, public_id: UUID, verb: Callable[..., Outcome]
) -> HttpResponse:
    client = client_of(request, public_id)
    try:
        outcome = verb(client, seq=undone_seq(request) or -1, by=request.user)
    except Refused as refused:
        return changed.after_refused_undo(request, client, refused)
    return changed.row(request, client, web.Toast(outcome.message))
