"""What is looked at in Clientes: the table, the detail, the statement. No rules here.

Every view begins with the scoped fetch. What is done to a client is in verb_views.py.
"""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from accounts.access import ResellerRequest, reseller_only
from clients import actions, advice, consumption, places
from clients import statement as history
from clients.actions import ACTIONS
from clients.filters import ClientFilter
from clients.forecast import Forecast
from clients.forms import NoteForm, TaskForm
from clients.models import Client, EventKind, suspension_of
from clients.programs import refusals_of
from clients.rows import TaskLine, rows_of
from reseller_panel import web

PAGE_SIZES = (25, 50, 100)


def client_of(request: ResellerRequest, public_id: UUID) -> Client:
    """The scoped fetch: a stranger's client and a missing one are the same 404."""
    return get_object_or_404(
        Client.objects.visible_to(request.user).with_facts(), public_id=public_id
    )


def today_of(request: ResellerRequest) -> date:
    """The business day of the reseller who asks."""
    return request.reseller.local_date(timezone.now())


# ── The table ─────────────────────────────────────────────────────────────────────


@require_GET
@reseller_only
def client_list(request: ResellerRequest) -> HttpResponse:
    """The table with its chips: a page, or the results alone for a filter."""
    today = today_of(request)
    table = _filter(request, request.GET)
    table.count()
    size = _page_size(request.GET.get("por_pagina"))
    # Counted already, with the chips: the paginator need not ask again.
    paginator = Paginator(table.rows(), size)
    paginator.count = table.matched
    page = paginator.get_page(request.GET.get("pagina"))
    context = {
        "filter": table,
        "page": page,
        "page_sizes": PAGE_SIZES,
        "rows": rows_of(list(page), today),
        "today": today,
    }
    response = web.render_page(
        request, "clients/list.html", context, fragment="clients/_answer.html"
    )
    if web.htmx(request):
        push_url(response, f"{request.path}{table.url}")
    return response


def _filter(request: ResellerRequest, data: QueryDict) -> ClientFilter:
    return ClientFilter(
        data,
        queryset=Client.objects.visible_to(request.user),
        request=request,
        today=today_of(request),
    )


def _page_size(text: str | None) -> int:
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(text or "", PAGE_SIZES[0])


def chips_of(request: ResellerRequest) -> ClientFilter:
    """The counts as the page that sent this request shows them: with its filters."""
    url = web.htmx(request).current_url or ""
    table = _filter(request, QueryDict(urlsplit(url).query))
    table.count()
    return table


# ── The detail ────────────────────────────────────────────────────────────────────


@require_GET
@reseller_only
def detail(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    context = detail_context(client, request)
    return render(request, "clients/detail.html", context)


def detail_context(client: Client, request: ResellerRequest) -> dict[str, Any]:
    today = today_of(request)
    explanations = advice.explain(client, today)
    (row,) = rows_of([client], today)
    assert row.outlook
    return {
        "row": row,
        "client": client,
        "today": today,
        "explanations": explanations,
        "next_actions": _next_actions(client, explanations),
        "suspension": suspension_of(client),
        "refusals": refusals_of(client),
        "services": client.plan.inclusions.select_related("service"),
        "history": history.history_page(
            client, before=_seq(request.GET.get("antes")), size=20
        ),
        "notes": client.events.filter(kind=EventKind.NOTE)
        .select_related("by")
        .order_by("-seq")[:5],
        "tasks": [
            TaskLine(task, today)
            for task in client.tasks.pending().select_related("created_by")
        ],
        "tasks_done": client.tasks.done().select_related("done_by")[:5],
        "note_form": NoteForm(),
        "task_form": TaskForm(initial={"due_on": today + timedelta(days=1)}),
        **_consumption(client, row.outlook.forecast, request),
    }


def _consumption(
    client: Client, forecast: Forecast, request: ResellerRequest
) -> dict[str, Any]:
    """The chart, and between which days the folios run out, as sure as one can be."""
    lived = consumption.History.of(client)
    by_month = request.GET.get("grafica") == "meses"
    spread = lived.spread(forecast.today)
    early = late = None
    if spread and forecast.days_left and not forecast.outlasts_term:
        early, late = (
            forecast.today + timedelta(days=days)
            for days in spread.around(forecast.days_left)
        )
    return {
        "by_month": by_month,
        "chart": consumption.chart(lived, forecast, by_month=by_month),
        "spread": spread,
        "early": early,
        "late": late,
    }


@places.shown_at("clients:detail", element="client")
def detail_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    """The detail as it is after something was done there."""
    fresh = client_of(request, client.public_id)
    return web.changed(
        request, "clients/_detail.html", detail_context(fresh, request), toast
    )


def _next_actions(
    client: Client, explanations: list[advice.Explanation]
) -> list[actions.Offer]:
    """The actions that answer the status, without repeats, in their order."""
    verbs = dict.fromkeys(verb for e in explanations for verb in e.next_verbs)
    if client.is_archived:
        verbs = {"restore": None}
    return [actions.Offer(ACTIONS[verb], ACTIONS[verb].url(client)) for verb in verbs]


def _seq(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


@require_GET
@reseller_only
def statement(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Every movement with the balance after it; made to be printed."""
    client = client_of(request, public_id)
    page = history.entries_page(client, before=_seq(request.GET.get("antes")))
    context = {"client": client, "page": page, "today": today_of(request)}
    return render(request, "clients/statement.html", context)


@require_GET
@reseller_only
def statement_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    return history.statement_csv(client_of(request, public_id))
