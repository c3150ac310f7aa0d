"""The views of Mi cuenta, and those that start and end a visit.

A client's person sees their own clients; a visitor sees the visited one; for anybody
else these pages are a 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth import logout
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from accounts.access import ResellerRequest, reseller_only
from accounts.models import Role, User
from clients import statement as history
from clients.actions import ACTIONS
from clients.models import Client, suspension_of
from clients.rows import Row
from clients.views import dialogs
from clients.views.scope import client_of
from portal import explanations, impersonation, login, own
from portal.forms import EnterForm
from portal.impersonation import ActingRequest
from portal.models import GRANT_MINUTES
from portal.visits import visits_page
from reseller_panel import way_back, web
from reseller_panel.web import Toast

P = ParamSpec("P")


# ── Mi cuenta ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Account:
    """The client whose account is open, on a day, and the person's other clients."""

    client: Client
    others: list[Client]
    today: date

    @property
    def query(self) -> str:
        """The query string that keeps the chosen client on the next page."""
        return f"?cliente={self.client.public_id}" if len(self.others) > 1 else ""


def account_only(
    view: Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Pass the account to the view. It is checked on every request: if it was closed
    meanwhile, the session is refused and logged out."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        clients = _clients(cast(ActingRequest, request))
        if not clients:
            refusal = login.refusal(request, cast(User, request.user))
            logout(request)
            return refusal
        client = _chosen(clients, request.GET.get("cliente"))
        today = client.reseller.local_date(timezone.now())
        with timezone.override(client.reseller.zone):
            account = Account(client, clients, today)
            return view(request, account, *args, **kwargs)

    return guarded


def _clients(request: ActingRequest) -> list[Client]:
    if request.grant:
        return [request.grant.client]
    user = cast(User, request.user)
    if user.role is not Role.CLIENT:
        raise Http404
    return list(own.open_to(user))


def _chosen(clients: list[Client], public_id: str | None) -> Client:
    if public_id is None:
        return clients[0]
    for client in clients:
        if str(client.public_id) == public_id:
            return client
    raise Http404


@require_GET
@account_only
def account(request: HttpRequest, account: Account) -> HttpResponse:
    """The whole account at a glance: status, folios, vigencia, plan, last movements."""
    client = account.client
    context = _context(account) | {
        "explanations": explanations.explain(client, account.today),
        "suspension": suspension_of(client),
        "services": client.plan.inclusions.select_related("service"),
        "page": history.entries_page(client, size=5),
        "visits": visits_page(client, now=timezone.now(), size=3),
    }
    return render(request, "portal/home.html", context)


def _context(account: Account) -> dict[str, Any]:
    return {
        "account": account,
        "client": account.client,
        "row": Row(account.client, account.today),
        "today": account.today,
    }


@require_GET
@account_only
def statement(request: HttpRequest, account: Account) -> HttpResponse:
    """Every movement with the balance after it; a page to print."""
    page = history.entries_page(account.client, before=_before(request))
    return render(request, "portal/statement.html", _context(account) | {"page": page})


@require_GET
@account_only
def statement_csv(request: HttpRequest, account: Account) -> HttpResponseBase:
    return history.statement_csv(account.client)


@require_GET
@account_only
def visits(request: HttpRequest, account: Account) -> HttpResponse:
    """Who entered, when, for how long and why."""
    page = visits_page(
        account.client,
        now=timezone.now(),
        before=_before(request),
    )
    return render(request, "portal/visits.html", _context(account) | {"visits": page})


def _before(request: HttpRequest) -> int | None:
    return history.seq_of(request.GET.get("antes"))


# ── Start and end of a visit ──────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@reseller_only
def enter(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """GET: the dialog that asks for the reason. POST: start the visit."""
    client = client_of(request, public_id)
    return dialogs.perform(
        request,
        ACTIONS["enter"],
        client,
        form=EnterForm(request.POST or None),
        do=lambda data: impersonation.start(request, client, **data),
        done=lambda _: _inside(request),
        template="portal/enter.html",
        context=lambda _: {"minutes": GRANT_MINUTES},
    )


def _inside(request: ResellerRequest) -> HttpResponse:
    """Open the account. The list that the visitor came from waits in the session, as no
    page of the account carries it."""
    if came_from := way_back.list_of(request):
        request.session[way_back.PARAMETER] = came_from.url
    return web.redirect(request, reverse("portal:home"))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit and go back to the client's page. A second click finds no visit and
    goes to the start page."""
    grant = cast(ActingRequest, request).grant
    if grant is None:
        return redirect("home")
    outcome = impersonation.end(request)
    came_from = request.session.pop(way_back.PARAMETER, "")
    url = way_back.carried(grant.client.get_absolute_url(), came_from)
    toast = Toast(outcome.message) if outcome else None
    return web.redirect(request, url, toast)
