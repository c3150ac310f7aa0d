"""The table and a client's page as they were at the end of a day (`?al=2026-03-31`).

Only to read: no action is offered, and what is shown is a copy. What was true is said
by clients/past.py; today's own pages are table.py and detail.py, which ask `day_of`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.forms import DateField, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import push_url

from accounts import lists
from accounts.access import ResellerRequest
from clients import past, statement
from clients.arrangement import PAGE_SIZES, page_size_of
from clients.models import Client, Standing
from clients.movements.asked import Asked as AskedMovements
from clients.movements.reader import movements_of
from clients.past_filters import PastFilter
from clients.rows import Row
from clients.views.scope import today_of
from clients.views.tabs import LATEST_DAYS
from reseller_panel import way_back, web


@dataclass(frozen=True)
class Asked:
    """The day that a page is asked for. None: today's page, also where the day is
    `refused`, which says why."""

    day: date | None = None
    refused: str = ""


def day_of(request: ResellerRequest, client: Client | None = None) -> Asked:
    """The day of `?al=`, if there is one and something was true then."""
    text = request.GET.get("al")
    if text is None:
        return Asked()
    try:
        day = DateField().clean(text.strip()[:20])
    except ValidationError:
        return Asked(refused="Elija un día, por ejemplo 31/03/2026.")
    today = today_of(request)
    if day == today:
        return Asked()
    refused = past.why_not(day, request.reseller, today=today, client=client)
    return Asked(refused=refused) if refused else Asked(day)


def past_list(request: ResellerRequest, day: date) -> HttpResponse:
    """The table of that day: the whole page, or only the results for HTMX."""
    table = PastFilter(
        request.GET,
        queryset=Standing.objects.visible_to(request.user),
        request=request,
        reseller=request.reseller,
        today=day,
    )
    table.count()
    size = page_size_of(request.GET, lists.settings_of(request.user))
    page = Paginator(table.found_then(), size).get_page(request.GET.get("pagina"))
    found = past.as_they_were(list(page))
    context = _context(request, day) | {
        "filter": table,
        "page": page,
        "page_sizes": PAGE_SIZES,
        "rows": [
            (Row(one.client, day), one, way_back.carry(request, _url(one.client, day)))
            for one in found
        ],
    }
    response = web.render_page(
        request,
        "clients/past/list.html",
        context,
        fragment="clients/past/_changed.html",
    )
    if web.htmx(request):
        push_url(response, f"{request.path}{table.url_of(page.number)}")
    return response


def past_detail(request: ResellerRequest, client: Client, day: date) -> HttpResponse:
    """A client's page: what it had that day beside what it has today, what made its
    balance, and its last movements up to then."""
    one = Client.objects.visible_to(request.user).filter(pk=client.pk)
    (found,) = past.as_they_were(past.facts(one, past.end_of(day, request.reseller)))
    context = _context(request, day) | {
        "client": client,
        "was": found,
        "row": Row(found.client, day),
        "row_today": Row(client, today_of(request)),
        "sums": statement.sums_until(client, found.then.seq),
        "latest": movements_of(
            client, AskedMovements(before=day + timedelta(days=1)), size=LATEST_DAYS
        ),
        "statement_url": reverse("clients:statement", args=[client.public_id]),
        "asked": QueryDict(),
        "way_back": way_back.list_of(request),
    }
    return render(request, "clients/past/detail.html", context)


def _url(client: Client, day: date) -> str:
    return f"{client.get_absolute_url()}?al={day}"


def _context(request: ResellerRequest, day: date) -> dict[str, Any]:
    return {"day": day, "today": today_of(request)}
