"""The views of Mi cuenta, and those that start and end a visit.

A client's person sees their own clients; a visitor sees the visited one; for anybody
else these pages are a 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import logout
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from accounts.access import ResellerRequest, reseller_only
from accounts.models import User
from clients import lifecycle
from clients import statement as history
from clients.actions import ACTIONS
from clients.lifecycle import Outcome
from clients.models import Client, suspension_of
from clients.movements.asked import KINDS, Asked
from clients.movements.months import months_of
from clients.movements.reader import day_of_records, movements_of
from clients.rows import Row, rows_of
from clients.views import dialogs
from clients.views.chart import Around, chart_of
from clients.views.detail import day_opened
from clients.views.scope import client_of
from portal import explanations, impersonation, login, own
from portal.contact import contact_of
from portal.forms import EnterForm
from portal.impersonation import ActingRequest
from portal.models import GRANT_MINUTES
from portal.own import Choice
from portal.visits import visits_page
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused
from reseller_panel.web import Toast

P = ParamSpec("P")
CHOICE = "cliente"  # the parameter that says which of several accounts is open
LATEST_DAYS = 5  # of movements on the first page


# ── Mi cuenta ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Account:
    """The client whose account is open, on a day, and what the person may change to."""

    client: Client
    today: date
    choices: list[Choice]

    @property
    def query(self) -> str:
        """The query string that keeps the chosen client on the next page."""
        return f"?{CHOICE}={self.client.public_id}" if len(self.choices) > 1 else ""


def account_only(
    view: Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Pass the account to the view. Each request asks for the person's memberships and
    the facts of their clients: what was closed or ended meanwhile is not opened."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        grant, asked = cast(ActingRequest, request).grant, request.GET.get(CHOICE)
        choices = [] if grant else own.choices_of(cast(User, request.user))
        if grant:
            clients = [grant.client]
        else:
            clients = [one.client for one in choices if one.membership.opens]
        if not clients:
            return _nothing_open(request, choices)
        if asked is None and len(choices) > 1:
            return redirect("portal:accounts")
        client = _chosen(clients, asked)
        today = client.reseller.local_date(timezone.now())
        with timezone.override(client.reseller.zone):
            account = Account(client, today, choices)
            return view(request, account, *args, **kwargs)

    return guarded


def _nothing_open(request: HttpRequest, choices: list[Choice]) -> HttpResponse:
    """What there is to accept, or why everything is closed. For staff without any
    account the portal does not exist."""
    user = cast(User, request.user)
    if user.is_of_staff and not choices:
        raise Http404
    if user.is_of_staff or not all(one.is_closed for one in choices):
        return redirect("portal:accounts")
    refusal = login.refusal(request, user)
    logout(request)
    return refusal


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
    """The whole account at a glance: status, whom to call, folios, vigencia, chart,
    last days, plan."""
    client, today = account.client, account.today
    (row,) = rows_of([client], today)
    assert row.outlook
    around = Around(
        reverse("portal:home"), reverse("portal:statement"), request.GET, kept=CHOICE
    )
    context = _context(account, request) | {
        "row": row,
        "explanations": explanations.explain(client, today, row.outlook.stop),
        "stop": explanations.stop_of(client, today, row.outlook.stop),
        "contact": contact_of(client),
        "suspension": suspension_of(client),
        "services": client.plan.inclusions.select_related("service"),
        "rfcs": client.additional_rfcs.not_over(today),
        "latest": movements_of(client, Asked(folios_only=True), size=LATEST_DAYS),
        "visits": visits_page(client, now=timezone.now(), size=3),
        **chart_of(client, row.outlook.forecast, around),
    }
    return render(request, "portal/home.html", context)


def _context(account: Account, request: HttpRequest) -> dict[str, Any]:
    return {
        "account": account,
        "client": account.client,
        "row": Row(account.client, account.today),
        "today": account.today,
        "asked": request.GET,
        "for_client": True,
        "statement_url": reverse("portal:statement"),
    }


@require_GET
@account_only
def statement(request: HttpRequest, account: Account) -> HttpResponse:
    """Every movement by day, a page to print; for HTMX only the records of the day that
    was opened."""
    asked = Asked.of(request.GET, folios_only=True)
    context = _context(account, request)
    if asked.day and web.wants(request, f"day-{asked.day}"):
        context["day"] = day_of_records(account.client, asked)
        return day_opened(request, context)
    context |= {
        "movements": movements_of(account.client, asked),
        "narrowed": asked,
        "kinds": {slug: kind.label for slug, kind in KINDS.items()},
        "months": months_of(account.client, asked, account.today),
        "csv_url": _csv_url(account, asked),
    }
    return render(request, "portal/statement.html", context)


def _csv_url(account: Account, asked: Asked) -> str:
    """The statement of the days that are shown."""
    choice, days = account.query.removeprefix("?"), urlencode(asked.period)
    query = "&".join(part for part in (choice, days) if part)
    url = reverse("portal:statement_csv")
    return f"{url}?{query}" if query else url


@require_GET
@account_only
def statement_csv(request: HttpRequest, account: Account) -> HttpResponseBase:
    """The days that the page was narrowed to, or all."""
    asked = Asked.of(request.GET, folios_only=True)
    return history.statement_csv(
        account.client, since=asked.since, until=asked.until, who="who_for_client"
    )


@require_GET
@account_only
def visits(request: HttpRequest, account: Account) -> HttpResponse:
    """Who entered, when, for how long and why."""
    page = visits_page(
        account.client,
        now=timezone.now(),
        before=_before(request),
    )
    context = _context(account, request) | {"visits": page}
    return render(request, "portal/visits.html", context)


def _before(request: HttpRequest) -> int | None:
    return history.seq_of(request.GET.get("antes"))


# ── Mis cuentas ───────────────────────────────────────────────────────────────────


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account of the person: to open, to accept, or closed and why."""
    user = cast(User, request.user)
    choices = own.choices_of(user)
    if not choices or (not user.is_of_staff and all(c.is_closed for c in choices)):
        return _nothing_open(request, choices)
    return render(request, "portal/accounts.html", {"choices": choices})


@require_POST
def accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _answer(request, public_id, lifecycle.confirm_access)


@require_POST
def decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _answer(request, public_id, lifecycle.decline_access)


def _answer(
    request: HttpRequest, public_id: UUID, verb: Callable[..., Outcome]
) -> HttpResponse:
    user = cast(User, request.user)
    membership = get_object_or_404(own.memberships_of(user), public_id=public_id)
    try:
        toast = Toast(verb(membership, by=user).message)
    except Refused as refused:
        toast = Toast(str(refused), level="warn")
    return web.redirect(request, reverse("portal:accounts"), toast)


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
