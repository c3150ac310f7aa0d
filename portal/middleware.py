"""Sets the visit of a request before anything reads `request.user`.

Law: quality.md, "Entering as a client". During a visit only the pages of the client's
account can be used; anything else is refused with an explanation before its view runs.
"""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients.models import Client
from portal import impersonation
from portal.impersonation import ActingRequest
from reseller_panel import web
from reseller_panel.web import Toast

# URLs without anybody's data: they are served as usual, and do not end a visit that is
# over.
NEUTRAL = {"icons", "favicon", "healthz", "readyz"}
ALLOWED_INSIDE = {
    *NEUTRAL,
    "home",
    "manual:contents",
    "manual:whole",
    "manual:account",
    "portal:home",
    "portal:statement",
    "portal:statement_csv",
    "portal:visits",
    "portal:leave",
}


class ActingAsClientMiddleware:
    """Must be after AuthenticationMiddleware and before LoginRequiredMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        impersonation.settle(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        acting = cast(ActingRequest, request)
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in NEUTRAL or not (acting.grant or acting.lapsed):
            return None
        if name == "account_logout" and request.method == "POST":
            impersonation.end(request)  # ends the visit; the view then logs out
            return None
        if acting.lapsed:
            return _show_out(acting)
        if name in ALLOWED_INSIDE:
            return None
        if name == "portal:enter" and _is_visited(acting, kwargs["public_id"]):
            return redirect("portal:home")  # a repeated click
        return _refuse(acting)


def _is_visited(request: ActingRequest, public_id: UUID) -> bool:
    return request.grant is not None and request.grant.client.public_id == public_id


def _refuse(request: ActingRequest) -> HttpResponse:
    context = {"grant": request.grant}
    return web.render_dialog(request, "portal/inside.html", context, status=403)


def _show_out(request: ActingRequest) -> HttpResponse | None:
    """End the visit and redirect to the client's page with the reason. The request is
    not carried out, because it was made as the client."""
    grant = request.lapsed
    assert grant is not None
    why = impersonation.why_over(grant, request.actor, timezone.now())
    impersonation.end(request)
    if not isinstance(request.actor, User):
        return None  # logged out meanwhile: redirected to the log-in
    client = Client.objects.visible_to(request.actor).filter(pk=grant.client_id).first()
    url = reverse("clients:detail", args=[client.public_id]) if client else "/"
    return web.redirect(request, url, Toast(why, level="info"))
