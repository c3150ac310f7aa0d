"""The page of one client, a view for each of its tabs, only to read. No rules here.

What a tab shows is in tabs.py; the views that change a client are in verbs.py and
tasks.py.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.access import ResellerRequest, reseller_only
from clients import statement as history
from clients.movements.asked import Asked
from clients.movements.reader import day_of_records
from clients.views import past, tabs
from clients.views.scope import client_of
from reseller_panel import web


@require_GET
@reseller_only
def detail(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """The first tab; with `?al=` the client as it was at the end of that day."""
    client = client_of(request, public_id)
    asked = past.day_of(request, client)
    if asked.day:
        return past.past_detail(request, client, asked.day)
    context = tabs.context_of(client, request, tabs.SUMMARY)
    context["past_refused"] = asked.refused
    return render(request, "clients/detail.html", context)


@require_GET
@reseller_only
def statement(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """The movements by day; for HTMX only the records of the day that was opened."""
    asked = Asked.of(request.GET)
    if asked.day and web.wants(request, f"day-{asked.day}"):
        client = client_of(request, public_id)
        context = {
            "client": client,
            "asked": request.GET,
            "day": day_of_records(client, asked),
            "statement_url": request.path,
        }
        return day_opened(request, context)
    return _page(request, public_id, tabs.MOVEMENTS)


def day_opened(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The records of one day, for a page of movements that shows it already."""
    response = render(request, "clients/_day_records.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
@reseller_only
def notes(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    return _page(request, public_id, tabs.NOTES)


def _page(request: ResellerRequest, public_id: UUID, tab: tabs.Tab) -> HttpResponse:
    client = client_of(request, public_id)
    context = tabs.context_of(client, request, tab)
    return render(request, "clients/detail.html", context)


@require_GET
@reseller_only
def statement_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    """The days that the page was narrowed to, or all."""
    client, asked = client_of(request, public_id), Asked.of(request.GET)
    return history.statement_csv(client, since=asked.since, until=asked.until)
